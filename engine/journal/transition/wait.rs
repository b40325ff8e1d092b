//! Waits, and the questions that are waits for an answer.

use super::attempts::{Before, follows, progress};
use crate::entry::{Answered, Approval, Record, WaitStarted};
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

/// A question is answered once.
pub(super) fn answered(slot: Option<&Slot>, answered: &Answered) -> Option<Slot> {
    let Some(Slot::Wait(wait)) = slot else {
        return None;
    };
    let is_open = wait.approval.is_some()
        && wait.answer.is_none()
        && wait.state == Progress::Started
        && wait.attempt == answered.attempt;
    is_open.then(|| {
        Slot::Wait(Wait {
            answer: Some(answered.answer.clone()),
            ..wait.clone()
        })
    })
}
