//! Which record may follow what is known of its key.
//!
//! `advance` is the only way from one state to the next: a live run asks it before it writes, recovery asks it for every
//! entry it reads.

mod attempts;
mod effect;
#[cfg(test)]
mod tests;
mod wait;

use self::attempts::{Before, follows, progress};
use crate::entry::{Ending, Record};
use crate::illegal::Illegal;
use crate::state::{Effect, EffectState, RUN, Run, Slot, Step};

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
        | Record::EffectResolved(_) => effect::next(slot, record),
        Record::Answered(answered) => wait::answered(slot, answered),
        Record::WaitTried { attempt, tries, .. } => wait::tried(slot, *attempt, *tries),
        Record::WaitStarted(_) | Record::WaitFinished { .. } | Record::WaitFailed { .. } => {
            wait::next(slot, record)
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
    let (attempt, state) = progress(record)?;
    before.leads_to(attempt, &state).then(|| {
        Slot::Step(Step {
            attempt,
            place: place.clone(),
            state,
        })
    })
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
