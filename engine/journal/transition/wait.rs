//! Waits, and the questions that are waits for an answer.

use super::attempts::{Before, follows, progress};
use crate::entry::{Answer, Answered, Approval, Record, Via, WaitStarted};
use crate::state::{Progress, Slot, Wait};

pub(super) fn next(slot: Option<&Slot>, record: &Record) -> Option<Slot> {
    let (before, wait) = match slot {
        None => (Before::Nothing, None),
        Some(Slot::Forgotten { attempt, .. }) => (Before::Forgotten(*attempt), None),
        Some(Slot::Wait(wait)) if asks_something_else(wait, record) => {
            (Before::Forgotten(wait.attempt), Some(wait))
        }
        Some(Slot::Wait(wait)) => (Before::Known(wait.attempt, &wait.state), Some(wait)),
        Some(_) => return None,
    };
    let (attempt, state) = progress(record)?;
    if !before.leads_to(attempt, &state) {
        return None;
    }
    let Record::WaitStarted(started) = record else {
        return Some(Slot::Wait(Wait {
            attempt,
            answer: None,
            state,
            ..wait?.clone()
        }));
    };
    let (tries, spent) = tries(wait, started)?;
    Some(Slot::Wait(Wait {
        attempt,
        what: started.what.clone(),
        deadline: started.deadline,
        until: started.until.clone(),
        approval: started.approval.clone(),
        answer: None,
        approved: approved(wait, started),
        place: started.place.clone(),
        tries,
        spent,
        state,
    }))
}

/// Returns the attempts that are over, and those that count no more. A crash changes neither; after a failure the count
/// begins anew.
fn tries(wait: Option<&Wait>, started: &WaitStarted) -> Option<(u32, u32)> {
    let spent = started.spent;
    match wait {
        None => (spent == 0).then_some((0, 0)),
        Some(wait) if wait.state == Progress::Started => {
            (spent == wait.spent).then_some((wait.tries, spent))
        }
        Some(wait) => (spent >= wait.tries).then_some((spent, spent)),
    }
}

pub(super) fn tried(slot: Option<&Slot>, attempt: u32, tries: u32) -> Option<Slot> {
    let Some(Slot::Wait(wait)) = slot else {
        return None;
    };
    let is_next = wait.approval.is_none()
        && wait.state == Progress::Started
        && wait.attempt == attempt
        && follows(tries, wait.tries);
    is_next.then(|| {
        Slot::Wait(Wait {
            tries,
            ..wait.clone()
        })
    })
}

/// What was approved is not what is asked now.
fn asks_something_else(wait: &Wait, record: &Record) -> bool {
    let Record::WaitStarted(started) = record else {
        return false;
    };
    let question = |approval: &Option<Approval>| approval.as_ref().map(|it| it.question.clone());
    wait.approval.is_some() && question(&wait.approval) != question(&started.approval)
}

/// An approval stays one while others are waited for, under the same rules.
fn approved(wait: Option<&Wait>, started: &WaitStarted) -> Vec<Answer> {
    let before = wait.filter(|wait| {
        wait.state == Progress::Started && wait.answer.is_none() && {
            let asks = |approval: &Option<Approval>| {
                let approval = approval.as_ref()?;
                Some((approval.question.clone(), approval.rules.clone()))
            };
            asks(&wait.approval) == asks(&started.approval)
        }
    });
    before.map_or_else(Vec::new, |wait| wait.approved.clone())
}

/// A question is answered once, or approved by as many as its rules want.
pub(super) fn answered(slot: Option<&Slot>, answered: &Answered) -> Option<Slot> {
    let Some(Slot::Wait(wait)) = slot else {
        return None;
    };
    let is_open = wait.approval.is_some()
        && wait.answer.is_none()
        && wait.state == Progress::Started
        && wait.attempt == answered.attempt;
    if !is_open {
        return None;
    }
    let (mut wait, answer) = (wait.clone(), answered.answer.clone());
    let rules = wait.approval.as_ref().and_then(|it| it.rules.as_ref());
    let wanted = rules.map_or(1, |rules| rules.at_least) as usize;
    let is_last =
        !answer.approved || answer.via == Via::Rehearsal || wait.approved.len() + 1 >= wanted;
    if is_last {
        wait.answer = Some(answer);
    } else {
        wait.approved.push(answer);
    }
    Some(Slot::Wait(wait))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Rules;
    use crate::fixture;

    fn asked(attempt: u32, at_least: u32) -> Record {
        let mut record = fixture::asked("w", attempt, "go on?");
        if let Record::WaitStarted(WaitStarted {
            approval: Some(approval),
            ..
        }) = &mut record
        {
            approval.rules = Some(Rules {
                approvers: None,
                at_least,
                not_starter: false,
            });
        }
        record
    }

    fn after(records: &[Record]) -> Wait {
        let mut slot = None;
        for record in records {
            slot = match record {
                Record::Answered(answer) => answered(slot.as_ref(), answer),
                record => next(slot.as_ref(), record),
            };
        }
        let Some(Slot::Wait(wait)) = slot else {
            panic!("{slot:?}")
        };
        wait
    }

    #[test]
    fn an_approval_waits_for_the_others_and_outlives_a_resume_under_the_same_rules() {
        let said = |attempt| fixture::answered("w", attempt);
        let first = after(&[asked(1, 2), said(1)]);
        assert_eq!((first.answer.is_some(), first.approved.len()), (false, 1));
        let resumed = after(&[asked(1, 2), said(1), asked(2, 2), said(2)]);
        assert_eq!(
            (resumed.answer.is_some(), resumed.approved.len()),
            (true, 1)
        );
        let laxer = after(&[asked(1, 3), said(1), asked(2, 2)]);
        assert_eq!(laxer.approved.len(), 0);
        let mut refusal = said(1);
        if let Record::Answered(answered) = &mut refusal {
            answered.answer.approved = false;
        }
        assert!(after(&[asked(1, 2), refusal]).answer.is_some());
    }
}
