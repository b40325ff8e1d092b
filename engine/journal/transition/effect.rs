//! Effects: what was intended, what came of it, and when it may go out again.

use super::attempts::follows;
use crate::entry::{Intent, Outcome, Record, Resolved, Settled, Verdict};
use crate::state::{Effect, EffectState, Slot};
use base::fault::Fault;

pub(super) fn next(slot: Option<&Slot>, record: &Record) -> Option<Slot> {
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
