//! A refused record, in words.

use thiserror::Error;

use crate::entry::{Ending, Intent, Record};
use crate::kind::Kind;
use crate::state::{EffectState, Progress, RUN, Run, Slot};

/// A record that cannot follow what is known of its key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{record} cannot follow: {subject} is {state}")]
pub struct Illegal {
    pub record: String,
    pub subject: String,
    pub state: String,
    pub clash: Option<Clash>,
}

/// A key that is recorded of one kind and that the record uses for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    pub key: String,
    pub recorded: Kind,
    pub asked: Kind,
}

impl Illegal {
    pub(crate) fn new(slot: Option<&Slot>, key: &str, record: &Record) -> Self {
        let subject = if key == RUN {
            "the run".to_owned()
        } else {
            format!("`{key}`")
        };
        let state = slot.map_or_else(|| "not recorded yet".to_owned(), Slot::describe);
        Self {
            record: record.describe(),
            subject,
            state,
            clash: Clash::of(slot, key, record),
        }
    }
}

impl Clash {
    fn of(slot: Option<&Slot>, key: &str, record: &Record) -> Option<Self> {
        let (recorded, asked) = (slot?.kind()?, record.begins()?);
        (recorded != asked).then(|| Self {
            key: key.into(),
            recorded,
            asked,
        })
    }
}

impl Record {
    fn describe(&self) -> String {
        let (name, attempt) = match self {
            Self::RunStarted(_) => ("run_started", 1),
            Self::RunResumed(resumed) => ("run_resumed", resumed.attempt),
            Self::RunEnded(ended) => ("run_ended", ended.attempt),
            Self::StepStarted { attempt, .. } => ("step_started", *attempt),
            Self::StepFinished { attempt, .. } => ("step_finished", *attempt),
            Self::StepFailed { attempt, .. } => ("step_failed", *attempt),
            Self::EffectIntended(intent) => {
                return format!("`effect_intended` ({})", intent.describe());
            }
            Self::EffectFinished(outcome) => ("effect_finished", outcome.attempt),
            Self::EffectFailed { attempt, .. } => ("effect_failed", *attempt),
            Self::EffectResolved(resolved) => ("effect_resolved", resolved.attempt),
            Self::UndoStarted(undo) => ("undo_started", undo.attempt),
            Self::RunRewound(_) => return "`run_rewound`".to_owned(),
            Self::Forgotten { .. } => return "`forgotten`".to_owned(),
            Self::Answered(answered) => ("answered", answered.attempt),
            Self::WaitStarted(started) => ("wait_started", started.attempt),
            Self::WaitTried { attempt, .. } => ("wait_tried", *attempt),
            Self::WaitFinished { attempt, .. } => ("wait_finished", *attempt),
            Self::WaitFailed { attempt, .. } => ("wait_failed", *attempt),
            Self::Noted { .. } => return "`noted`".to_owned(),
            Self::Logged { .. } => return "`logged`".to_owned(),
        };
        format!("`{name}` (attempt {attempt})")
    }
}

impl Intent {
    fn describe(&self) -> String {
        let input = self.fingerprint.get(..8).unwrap_or(&self.fingerprint);
        format!(
            "attempt {}, epoch {}, `{}`, input {input}",
            self.attempt, self.epoch, self.operation
        )
    }
}

impl Slot {
    fn describe(&self) -> String {
        match self {
            Self::Run(run) => format!("{} (attempt {})", run.name(), run.attempt),
            Self::Step(step) => format!("a step, {} (attempt {})", step.state.name(), step.attempt),
            Self::Wait(wait) if wait.answer.is_some() => {
                format!("a question, answered (attempt {})", wait.attempt)
            }
            Self::Wait(wait) => format!("a wait, {} (attempt {})", wait.state.name(), wait.attempt),
            Self::Effect(effect) => format!(
                "an effect, {} ({})",
                effect.state.name(),
                effect.intent.describe()
            ),
            Self::Note { .. } => "a note".to_owned(),
            Self::Forgotten { attempt, .. } => format!("forgotten (attempt {attempt})"),
        }
    }
}

impl Run {
    fn name(&self) -> &'static str {
        match &self.ending {
            None if self.undo => "being undone",
            None => "under way",
            Some(Ending::Undone { .. }) => "ended: undone",
            Some(Ending::UndoStopped { .. }) => "ended: partly undone",
            Some(Ending::Succeeded { .. }) => "ended: succeeded",
            Some(Ending::Failed { .. }) => "ended: failed",
            Some(Ending::Interrupted) => "ended: interrupted",
            Some(Ending::Cancelled { .. }) => "ended: cancelled",
            Some(Ending::Waiting { .. }) => "ended: waiting",
            Some(Ending::Superseded) => "ended: superseded",
            Some(Ending::InDoubt { .. }) => "ended: in doubt",
            Some(Ending::Diverged { .. }) => "ended: diverged",
        }
    }
}

impl EffectState {
    fn name(&self) -> &'static str {
        match self {
            Self::Intended => "in doubt",
            Self::Finished(_) => "finished",
            Self::Failed { .. } => "failed",
            Self::GivenUp { .. } => "given up",
        }
    }
}

impl Progress {
    fn name(&self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Finished { .. } => "finished",
            Self::Failed { .. } => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::fixture::{
        effect_finished, intended, run_ended, run_resumed, run_started, step_finished, step_started,
    };
    use crate::transition::next;

    const KEY: &str = "k";

    fn refused(way: &[Record], record: &Record) -> String {
        let slot = way.iter().fold(None, |slot: Option<Slot>, record| {
            Some(next(slot.as_ref(), record).unwrap())
        });
        next(slot.as_ref(), record).unwrap_err().to_string()
    }

    #[test]
    fn an_illegal_pair_names_both() {
        assert_eq!(
            refused(
                &[step_started(KEY, 1), step_finished(KEY, 1)],
                &step_started(KEY, 2)
            ),
            "`step_started` (attempt 2) cannot follow: `k` is a step, finished (attempt 1)"
        );
        assert_eq!(
            refused(&[], &effect_finished(KEY, 1)),
            "`effect_finished` (attempt 1) cannot follow: `k` is not recorded yet"
        );
        assert_eq!(
            refused(
                &[
                    run_started(),
                    run_ended(1, Ending::Succeeded { value: Value::Null })
                ],
                &run_resumed(2)
            ),
            "`run_resumed` (attempt 2) cannot follow: the run is ended: succeeded (attempt 1)"
        );
        assert_eq!(
            refused(
                &[intended(KEY, 1), effect_finished(KEY, 1)],
                &intended(KEY, 2)
            ),
            "`effect_intended` (attempt 2, epoch 1, `create_vpc`, input f1) cannot follow: \
             `k` is an effect, finished (attempt 1, epoch 1, `create_vpc`, input f1)"
        );
    }
}
