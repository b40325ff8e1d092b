//! `runbook approve`: what a run asks, and what a person answers when it has ended to wait.

use super::approve::answer;
use super::approvers;
use super::event::Asked;
use base::command::Command;
use base::exit::Exit;
use base::hint::Hint;
use base::nearest::nearest;
use base::report::Report;
use journal::entry::{Answer, Answered, Record, Rules, Signature, Via};
use journal::state::{Progress, Slot, Wait};
use journal::{Durability, Journal, JournalError};

/// A question that a run has asked, and what was answered that the run has not taken up yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    pub asked: Asked,
    pub attempt: u32,
    pub answer: Option<Answer>,
    /// Those who have approved while others must, too.
    pub approved: Vec<Answer>,
    pub rules: Option<Rules>,
}

/// Returns the questions that the script has no answer to, in the order of their keys.
pub fn pending(journal: &Journal) -> Result<Vec<Pending>, JournalError> {
    let mut pending = Vec::new();
    for key in journal.keys()? {
        if let Some(Slot::Wait(wait)) = journal.slot(&key)? {
            pending.extend(of(key, wait));
        }
    }
    Ok(pending)
}

fn of(key: String, wait: Wait) -> Option<Pending> {
    let approval = wait.approval.filter(|_| wait.state == Progress::Started)?;
    Some(Pending {
        asked: Asked {
            key,
            question: approval.question,
            details: approval.details,
            word: None,
        },
        attempt: wait.attempt,
        answer: wait.answer,
        approved: wait.approved,
        rules: approval.rules,
    })
}

/// Returns the commands that answer a question, and the one that goes on.
#[must_use]
pub fn hints(run: &str, key: Option<&str>) -> [Hint; 3] {
    let approve = Command::approve(run, key);
    [
        Hint::to("to approve", approve.clone()),
        Hint::to("to refuse", approve.args(["--deny", "--why", "TEXT"])),
        Hint::to("then, or to answer at a terminal", Command::resume(run)),
    ]
}

/// Records a person's answer; `key` may be left out where there is one open question.
pub fn approve(
    journal: &Journal,
    key: Option<&str>,
    approved: bool,
    by: Signature,
) -> Result<Answered, Report> {
    let pending = pending(journal)?;
    let meant = chosen(journal, &pending, key)?;
    let (rules, approved_by) = (meant.rules.as_ref(), &meant.approved);
    if let Some(why) = approvers::refusal(rules, journal.started(), &by, approved_by) {
        return Err(refused(format!("{why}; nothing was recorded")));
    }
    let answered = Answered {
        key: meant.asked.key.clone(),
        attempt: meant.attempt,
        answer: Answer {
            by,
            ..answer(approved, Via::Command)
        },
    };
    journal.append(Record::Answered(answered.clone()), Durability::Synced)?;
    Ok(answered)
}

fn chosen<'a>(
    journal: &Journal,
    pending: &'a [Pending],
    key: Option<&str>,
) -> Result<&'a Pending, Report> {
    let open: Vec<&Pending> = pending.iter().filter(|it| it.answer.is_none()).collect();
    let meant = match (key, &open[..]) {
        (None, [only]) => Some(*only),
        (None, []) => return Err(nothing_pending(journal, pending)),
        (None, several) => return Err(which(journal, several)),
        (Some(key), _) => pending.iter().find(|it| it.asked.key == key),
    };
    let unknown = || unknown(journal, pending, key.unwrap_or_default());
    let meant = meant.ok_or_else(unknown)?;
    match &meant.answer {
        None => Ok(meant),
        Some(answer) => Err(answered(journal, &meant.asked, answer)),
    }
}

fn refused(message: String) -> Report {
    Report::new(Exit::Usage, message)
}

fn nothing_pending(journal: &Journal, pending: &[Pending]) -> Report {
    if let [only] = pending
        && let Some(answer) = &only.answer
    {
        return answered(journal, &only.asked, answer);
    }
    let id = journal.id();
    let report = refused(format!(
        "the run `{id}` asks for no approval; nothing was recorded"
    ));
    report.hint(Command::show(id))
}

fn which(journal: &Journal, open: &[&Pending]) -> Report {
    let id = journal.id();
    let report = refused(format!(
        "the run `{id}` asks for {} approvals: name one of them; nothing was recorded",
        open.len()
    ));
    open.iter().fold(report, |report, one| {
        report
            .cause(format!("`{}`: {}", one.asked.key, one.asked.question))
            .hint(Command::approve(id, Some(&one.asked.key)))
    })
}

fn unknown(journal: &Journal, pending: &[Pending], key: &str) -> Report {
    let id = journal.id();
    let report = refused(format!(
        "the run `{id}` has no question `{key}`; nothing was recorded"
    ));
    let keys = pending.iter().map(|one| one.asked.key.as_str());
    match nearest(key, keys) {
        Some(near) => report.hint(format!("did you mean `{near}`?")),
        None => report.hint(Command::show(id)),
    }
}

fn answered(journal: &Journal, asked: &Asked, answer: &Answer) -> Report {
    let verb = if answer.approved {
        "approved"
    } else {
        "refused"
    };
    let report = refused(format!(
        "`{}` is already {verb}; nothing was recorded",
        asked.question
    ));
    report
        .cause(format!(
            "by {} on {} at {}",
            answer.by.who, answer.host, answer.at
        ))
        .hint(Command::resume(journal.id()))
}
