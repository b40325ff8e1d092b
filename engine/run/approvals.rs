//! `runbook approve`: what a run asks, and what a person answers when it has ended to wait.

use super::approve::answer;
use super::event::Asked;
use base::exit::Exit;
use base::nearest::nearest;
use base::report::Report;
use base::shell::quoted;
use journal::entry::{Answer, Answered, Record, Signature, Via};
use journal::state::{Progress, Slot, Wait};
use journal::{Durability, Journal, JournalError};

/// A question that a run has asked, and what was answered that the run has not taken up yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    pub asked: Asked,
    pub attempt: u32,
    pub answer: Option<Answer>,
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
    })
}

/// Returns the commands that answer a question, and the one that goes on.
#[must_use]
pub fn ways(command: &str, id: &str, key: Option<&str>) -> [String; 3] {
    let key = key.map(|key| format!(" {}", quoted(key)));
    let approve = format!("{command} approve {id}{}", key.unwrap_or_default());
    [
        format!("to approve: {approve}"),
        format!("to refuse: {approve} --deny --why TEXT"),
        format!("then, or to answer at a terminal: {command} resume {id}"),
    ]
}

/// Records a person's answer; `key` may be left out where there is one open question.
pub fn approve(
    journal: &Journal,
    key: Option<&str>,
    approved: bool,
    by: Signature,
    command: &str,
) -> Result<Answered, Report> {
    let pending = pending(journal)?;
    let meant = chosen(journal, &pending, key, command)?;
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
    command: &str,
) -> Result<&'a Pending, Report> {
    let open: Vec<&Pending> = pending.iter().filter(|it| it.answer.is_none()).collect();
    let meant = match (key, &open[..]) {
        (None, [only]) => Some(*only),
        (None, []) => return Err(nothing(journal, pending, command)),
        (None, several) => return Err(which(journal, several, command)),
        (Some(key), _) => pending.iter().find(|it| it.asked.key == key),
    };
    let unknown = || unknown(journal, pending, key.unwrap_or_default(), command);
    let meant = meant.ok_or_else(unknown)?;
    match &meant.answer {
        None => Ok(meant),
        Some(answer) => Err(answered(journal, &meant.asked, answer, command)),
    }
}

fn refused(message: String) -> Report {
    Report::new(Exit::Usage, message)
}

fn nothing(journal: &Journal, pending: &[Pending], command: &str) -> Report {
    if let [only] = pending
        && let Some(answer) = &only.answer
    {
        return answered(journal, &only.asked, answer, command);
    }
    let id = journal.id();
    let report = refused(format!(
        "the run `{id}` asks for no approval; nothing was recorded"
    ));
    report.hint(format!("{command} show {id}"))
}

fn which(journal: &Journal, open: &[&Pending], command: &str) -> Report {
    let id = journal.id();
    let report = refused(format!(
        "the run `{id}` asks for {} approvals: name one of them; nothing was recorded",
        open.len()
    ));
    open.iter().fold(report, |report, one| {
        let approve = format!("{command} approve {id} {}", quoted(&one.asked.key));
        report
            .cause(format!("`{}`: {}", one.asked.key, one.asked.question))
            .hint(approve)
    })
}

fn unknown(journal: &Journal, pending: &[Pending], key: &str, command: &str) -> Report {
    let id = journal.id();
    let report = refused(format!(
        "the run `{id}` has no question `{key}`; nothing was recorded"
    ));
    let keys = pending.iter().map(|one| one.asked.key.as_str());
    match nearest(key, keys) {
        Some(near) => report.hint(format!("did you mean `{near}`?")),
        None => report.hint(format!("{command} show {id}")),
    }
}

fn answered(journal: &Journal, asked: &Asked, answer: &Answer, command: &str) -> Report {
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
        .hint(format!("{command} resume {}", journal.id()))
}
