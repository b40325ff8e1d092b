//! What is known of a key, and which record may follow it.
//!
//! `advance` is the only way from one state to the next: a live run asks it before it writes, recovery asks it for every
//! entry it reads.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::entry::{
    Answer, Answered, Approval, Ending, Intent, Outcome, Record, Resolved, Settled, Verdict,
    WaitStarted, is_zero,
};
use crate::illegal::Illegal;
use base::clock::Moment;
use base::fault::Fault;
use base::source::Place;

/// The key of the run itself.
pub const RUN: &str = "";

/// What the keys of an undo begin with; no script can make such a name.
pub const UNDO: &str = "[undo]";

/// What is known of one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    Run(Run),
    Step(Step),
    Effect(Effect),
    Wait(Wait),
    Note {
        value: Value,
    },
    /// Of a key that a rewind has taken back: what comes next is counted on, under a new epoch.
    Forgotten {
        attempt: u32,
        epoch: u32,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub attempt: u32,
    /// `None` while the attempt goes on, or if it was cut off.
    pub ending: Option<Ending>,
    /// What it made is being taken down, or is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undo: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub attempt: u32,
    /// Where the script called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    pub state: Progress,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    pub attempt: u32,
    pub what: String,
    pub deadline: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// Of a wait for a person's approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// What a person has said and the script has not got yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Where the script called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Attempts that are over.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// Those of them that count no more, since the wait has failed after them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spent: u32,
    pub state: Progress,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    Started,
    Finished { value: Value },
    Failed { error: Fault },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The latest one.
    pub intent: Intent,
    pub state: EffectState,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    /// In doubt, unless the call is under way right now.
    Intended,
    Finished(Outcome),
    Failed {
        error: Fault,
    },
    /// A person said that it was not done and is not to be.
    GivenUp {
        error: Fault,
    },
}

impl Wait {
    /// Returns how many attempts are over before the next one.
    #[must_use]
    pub fn tries_before(&self) -> u32 {
        let failed = matches!(self.state, Progress::Failed { .. });
        self.tries.saturating_add(u32::from(failed))
    }
}

impl Run {
    fn under_way(attempt: u32, undo: bool) -> Self {
        Self {
            attempt,
            ending: None,
            undo,
        }
    }
}

impl Ending {
    /// Whether it is one of an undo.
    #[must_use]
    pub fn is_undo(&self) -> bool {
        matches!(self, Self::Undone { .. } | Self::UndoStopped { .. })
    }
}

/// Returns what is known of the record's key after it: `run` is what is known of the run, `slot` of the key.
pub fn advance(run: Option<&Slot>, slot: Option<&Slot>, record: &Record) -> Result<Slot, Illegal> {
    let open = match record {
        Record::Answered(_) => is_open(run) && !matches!(run, Some(Slot::Run(run)) if run.undo),
        Record::EffectResolved(_) => is_open(run),
        _ => record.key() == RUN || is_running(run),
    };
    if !open {
        return Err(Illegal::new(run, RUN, record));
    }
    next(slot, record)
}

/// Returns what is known of the record's key after it, as far as that key alone decides.
pub fn next(slot: Option<&Slot>, record: &Record) -> Result<Slot, Illegal> {
    let next = match record {
        Record::RunStarted(_)
        | Record::RunResumed(_)
        | Record::RunEnded(_)
        | Record::RunRewound(_)
        | Record::UndoStarted(_)
        | Record::Logged { .. } => next_run(slot, record),
        Record::Forgotten { .. } => forgotten(slot),
        Record::StepStarted { .. } | Record::StepFinished { .. } | Record::StepFailed { .. } => {
            next_step(slot, record)
        }
        Record::EffectIntended(_)
        | Record::EffectFinished(_)
        | Record::EffectFailed { .. }
        | Record::EffectResolved(_) => next_effect(slot, record),
        Record::Answered(answered) => answer(slot, answered),
        Record::WaitTried { attempt, tries, .. } => tried(slot, *attempt, *tries),
        Record::WaitStarted(_) | Record::WaitFinished { .. } | Record::WaitFailed { .. } => {
            next_wait(slot, record)
        }
        Record::Noted { value, .. } => {
            let free = matches!(slot, None | Some(Slot::Forgotten { .. }));
            free.then(|| Slot::Note {
                value: value.clone(),
            })
        }
    };
    next.ok_or_else(|| Illegal::new(slot, record.key(), record))
}

fn is_running(run: Option<&Slot>) -> bool {
    matches!(run, Some(Slot::Run(Run { ending: None, .. })))
}

/// Whether a person may still say what became of its effects, and answer what it asks.
fn is_open(run: Option<&Slot>) -> bool {
    matches!(run, Some(Slot::Run(run)) if !matches!(run.ending, Some(Ending::Succeeded { .. })))
}

/// What is in doubt is not forgotten: nobody would look for it any more.
fn forgotten(slot: Option<&Slot>) -> Option<Slot> {
    let (attempt, epoch) = match slot? {
        Slot::Step(step) => (step.attempt, 0),
        Slot::Wait(wait) => (wait.attempt, 0),
        Slot::Note { .. } => (0, 0),
        Slot::Effect(Effect {
            state: EffectState::Intended,
            ..
        })
        | Slot::Run(_)
        | Slot::Forgotten { .. } => return None,
        Slot::Effect(effect) => (effect.intent.attempt, effect.intent.epoch),
    };
    Some(Slot::Forgotten { attempt, epoch })
}

fn next_run(slot: Option<&Slot>, record: &Record) -> Option<Slot> {
    let run = match (slot, record) {
        (None, Record::RunStarted(_)) => Run::under_way(1, false),
        (Some(Slot::Run(run)), Record::RunResumed(resumed)) => {
            let open = !run.undo
                && !matches!(
                    run.ending,
                    Some(Ending::Succeeded { .. } | Ending::Cancelled { .. } | Ending::Superseded)
                );
            (open && follows(resumed.attempt, run.attempt))
                .then_some(Run::under_way(resumed.attempt, false))?
        }
        (Some(Slot::Run(run)), Record::UndoStarted(undo)) => {
            follows(undo.attempt, run.attempt).then_some(Run::under_way(undo.attempt, true))?
        }
        (Some(Slot::Run(run)), Record::RunEnded(ended))
            if run.ending.is_none()
                && ended.attempt == run.attempt
                && run.undo == ended.ending.is_undo() =>
        {
            Run {
                ending: Some(ended.ending.clone()),
                ..run.clone()
            }
        }
        (Some(Slot::Run(run)), Record::Logged { .. }) if run.ending.is_none() => run.clone(),
        (Some(Slot::Run(run)), Record::RunRewound(_)) if !run.undo => {
            Run::under_way(run.attempt, false)
        }
        _ => return None,
    };
    Some(Slot::Run(run))
}

fn next_step(slot: Option<&Slot>, record: &Record) -> Option<Slot> {
    let (before, last_place) = match slot {
        None => (Before::Nothing, &None),
        Some(Slot::Forgotten { attempt, .. }) => (Before::Forgotten(*attempt), &None),
        Some(Slot::Step(step)) => (Before::Known(step.attempt, &step.state), &step.place),
        Some(_) => return None,
    };
    let place = match record {
        Record::StepStarted { place, .. } => place,
        _ => last_place,
    };
    let (attempt, state) = match record {
        Record::StepStarted { attempt, .. } => (*attempt, Progress::Started),
        Record::StepFinished { attempt, value, .. } => (
            *attempt,
            Progress::Finished {
                value: value.clone(),
            },
        ),
        Record::StepFailed { attempt, error, .. } => (
            *attempt,
            Progress::Failed {
                error: error.clone(),
            },
        ),
        _ => return None,
    };
    before.leads_to(attempt, &state).then(|| {
        Slot::Step(Step {
            attempt,
            place: place.clone(),
            state,
        })
    })
}

fn next_wait(slot: Option<&Slot>, record: &Record) -> Option<Slot> {
    let (before, wait) = match slot {
        None => (Before::Nothing, None),
        Some(Slot::Forgotten { attempt, .. }) => (Before::Forgotten(*attempt), None),
        Some(Slot::Wait(wait)) if asks_something_else(wait, record) => {
            (Before::Forgotten(wait.attempt), Some(wait))
        }
        Some(Slot::Wait(wait)) => (Before::Known(wait.attempt, &wait.state), Some(wait)),
        Some(_) => return None,
    };
    let (attempt, state) = match record {
        Record::WaitStarted(started) => (started.attempt, Progress::Started),
        Record::WaitFinished { attempt, value, .. } => (
            *attempt,
            Progress::Finished {
                value: value.clone(),
            },
        ),
        Record::WaitFailed { attempt, error, .. } => (
            *attempt,
            Progress::Failed {
                error: error.clone(),
            },
        ),
        _ => return None,
    };
    if !before.leads_to(attempt, &state) {
        return None;
    }
    let (tries, spent) = match record {
        Record::WaitStarted(started) => tries(wait, started)?,
        _ => wait.map(|wait| (wait.tries, wait.spent))?,
    };
    Some(Slot::Wait(match (record, wait) {
        (Record::WaitStarted(started), _) => Wait {
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
        },
        (_, wait) => Wait {
            attempt,
            answer: None,
            state,
            ..wait?.clone()
        },
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

fn tried(slot: Option<&Slot>, attempt: u32, tries: u32) -> Option<Slot> {
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
fn answer(slot: Option<&Slot>, answered: &Answered) -> Option<Slot> {
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

/// What a step or wait was before.
enum Before<'a> {
    Nothing,
    /// With the number of its last attempt.
    Forgotten(u32),
    Known(u32, &'a Progress),
}

impl Before<'_> {
    /// Returns whether it may come to `state`; started again while started is a crash in between.
    fn leads_to(&self, attempt: u32, state: &Progress) -> bool {
        match (self, state) {
            (Self::Nothing, Progress::Started) => attempt == 1,
            (
                Self::Forgotten(last)
                | Self::Known(last, Progress::Started | Progress::Failed { .. }),
                Progress::Started,
            ) => follows(attempt, *last),
            (
                Self::Known(last, Progress::Started),
                Progress::Finished { .. } | Progress::Failed { .. },
            ) => attempt == *last,
            _ => false,
        }
    }
}

fn next_effect(slot: Option<&Slot>, record: &Record) -> Option<Slot> {
    if let Record::EffectIntended(intent) = record {
        let allowed = match slot {
            None => intent.attempt == 1,
            Some(Slot::Forgotten { attempt, epoch }) => {
                follows(intent.attempt, *attempt) && intent.epoch > *epoch
            }
            Some(Slot::Effect(effect)) => reissues(effect, intent),
            Some(_) => false,
        };
        return allowed.then(|| {
            Slot::Effect(Effect {
                intent: intent.clone(),
                state: EffectState::Intended,
            })
        });
    }
    let Some(Slot::Effect(Effect {
        intent,
        state: EffectState::Intended,
    })) = slot
    else {
        return None;
    };
    let (attempt, state) = match record {
        Record::EffectFinished(outcome) => {
            (outcome.attempt, EffectState::Finished(outcome.clone()))
        }
        Record::EffectFailed { attempt, error, .. } => (
            *attempt,
            EffectState::Failed {
                error: error.clone(),
            },
        ),
        Record::EffectResolved(resolved) => (resolved.attempt, verdict(resolved)),
        _ => return None,
    };
    (attempt == intent.attempt).then(|| {
        Slot::Effect(Effect {
            intent: intent.clone(),
            state,
        })
    })
}

fn verdict(resolved: &Resolved) -> EffectState {
    match &resolved.verdict {
        Verdict::Adopted { output } => EffectState::Finished(Outcome {
            key: resolved.key.clone(),
            attempt: resolved.attempt,
            settled: Settled::Resolved,
            output: output.clone(),
            request_id: None,
        }),
        Verdict::Retry => EffectState::Failed {
            error: Fault {
                message: "resolved as not done, to be repeated".into(),
                code: Some("ToBeCalledAgain".into()),
                ..Fault::default()
            },
        },
        Verdict::Failed { error } => EffectState::GivenUp {
            error: error.clone(),
        },
    }
}

/// Returns whether `intent` may follow `effect`. While in doubt only the very same call may go out again, under the same
/// mark, so that AWS or a look-up can tell that it is the same; after a failure another input needs another mark.
fn reissues(effect: &Effect, intent: &Intent) -> bool {
    let last = &effect.intent;
    let same_call = intent.fingerprint == last.fingerprint
        && intent.operation == last.operation
        && intent.service == last.service;
    let allowed = match effect.state {
        EffectState::Intended => same_call && intent.epoch == last.epoch,
        EffectState::Failed { .. } => {
            intent.epoch > last.epoch || (same_call && intent.epoch == last.epoch)
        }
        EffectState::GivenUp { .. } => intent.epoch > last.epoch && !same_call,
        EffectState::Finished(_) => false,
    };
    allowed && follows(intent.attempt, last.attempt)
}

fn follows(attempt: u32, last: u32) -> bool {
    last.checked_add(1) == Some(attempt)
}

impl Record {
    /// Returns the key whose state the record changes.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::RunStarted(_)
            | Self::RunResumed(_)
            | Self::RunEnded(_)
            | Self::RunRewound(_)
            | Self::UndoStarted(_)
            | Self::Logged { .. } => RUN,
            Self::EffectIntended(Intent { key, .. })
            | Self::EffectFinished(Outcome { key, .. })
            | Self::EffectFailed { key, .. }
            | Self::EffectResolved(Resolved { key, .. })
            | Self::Forgotten { key }
            | Self::StepStarted { key, .. }
            | Self::StepFinished { key, .. }
            | Self::StepFailed { key, .. }
            | Self::WaitTried { key, .. }
            | Self::WaitFinished { key, .. }
            | Self::WaitFailed { key, .. }
            | Self::Noted { key, .. } => key,
            Self::WaitStarted(started) => &started.key,
            Self::Answered(answered) => &answered.key,
        }
    }
}

#[cfg(test)]
mod tests;
