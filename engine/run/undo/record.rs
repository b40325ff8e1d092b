//! A deletion as an effect of the run: recorded before and after, under a key of its own.

use super::history::Open;
use super::look::Looker;
use super::plan::{Deletion, Settlement};
use super::refusal::{Undeleted, is_busy, is_gone};
use crate::cloud::{Doubt, Found};
use crate::conductor::Conductor;
use crate::issue::Unfinished;
use crate::{operation, scope};
use base::fault::Fault;
use journal::Durability;
use journal::entry::{Record, Settled};
use journal::state::{EffectState, Progress, Slot, UNDO};
use knowledge::{Effect, Identity};
use script::host::StopReason;

impl Conductor {
    /// Returns the key of a deletion: one that was done is done, and the thing is there again only if AWS says so.
    pub(super) fn free_key(&self, label: &str) -> Result<String, StopReason> {
        loop {
            let key = scope::next_key(label);
            let is_done = matches!(
                self.recorder.slot(&key)?,
                Some(Slot::Effect(effect)) if matches!(effect.state, EffectState::Finished(_))
            );
            if !is_done {
                return Ok(key);
            }
        }
    }

    /// Returns the name of a wait that is not over.
    pub(super) fn free_wait(&self, what: &str) -> Result<String, StopReason> {
        let what = what.replace(['/', '[', ']', '#'], " ");
        let mut name = what.clone();
        for number in 2.. {
            let is_over = matches!(
                self.recorder.slot(&format!("{UNDO}/{name}"))?,
                Some(Slot::Wait(wait)) if matches!(wait.state, Progress::Finished { .. })
            );
            if !is_over {
                break;
            }
            name = format!("{what}, {number}");
        }
        Ok(name)
    }

    /// An undo that is taken up again no longer sees what belonged to what is gone.
    pub(super) fn note_parts(&self, parts: &[String]) -> Result<(), StopReason> {
        if parts.is_empty() {
            return Ok(());
        }
        let record = Record::Noted {
            key: format!("{UNDO}/parts of attempt {}", self.recorder.attempt),
            value: serde_json::json!(parts),
        };
        self.recorder.append(record, Durability::Synced)
    }

    pub(super) fn try_to_delete(&self, key: &str, deletion: &Deletion) -> Result<(), Undeleted> {
        self.control.gate()?;
        let (service, operation) = (deletion.service, deletion.operation);
        let effect = operation::effect(service, operation).map_err(|error| {
            Undeleted::Refused(Fault {
                message: error.to_string(),
                ..Fault::default()
            })
        })?;
        let done = self.once_under(key.to_owned(), &effect, service, operation, &deletion.input);
        match done {
            Ok(_) => Ok(()),
            Err(Unfinished::Refused(fault)) if is_gone(&fault) => Ok(()),
            Err(Unfinished::Refused(fault)) if is_busy(&fault) && self.shows(&effect, deletion) => {
                Ok(())
            }
            Err(Unfinished::Refused(fault)) => Err(Undeleted::Refused(fault)),
            Err(Unfinished::Stop(stop)) => Err(Undeleted::Stop(stop)),
        }
    }

    /// Whether AWS shows that there is nothing more to do, as with a stop of what is being stopped.
    fn shows(&self, effect: &Effect, deletion: &Deletion) -> bool {
        let identity = Identity::default();
        let doubt = Doubt {
            effect,
            input: &deletion.input,
            identity: &identity,
            context: None,
            chosen: None,
        };
        let found = self
            .outbound
            .cloud(deletion.service)
            .and_then(|cloud| cloud.look_again(&doubt));
        effect.has_look_up() && matches!(found, Ok(Found::Done(_)))
    }

    /// Records what became of an effect of the run that had no outcome.
    pub(super) fn settle(&self, settlement: &Settlement) -> Result<(), StopReason> {
        let Settlement { intent, output } = settlement;
        let Ok(effect) = operation::effect(&intent.service, &intent.operation) else {
            return Ok(());
        };
        let issue = self.issued(&effect, intent.clone());
        match output {
            Some(output) => match self.finish(&issue, output.clone(), None, Settled::Adopted) {
                Err(Unfinished::Stop(stop)) => Err(stop),
                _ => Ok(()),
            },
            None => self.record_refusal(&issue, &not_done()),
        }
    }

    pub(super) fn settle_deletion(
        &self,
        looker: &Looker<'_>,
        open: &Open,
    ) -> Result<(), StopReason> {
        let intent = &open.intent;
        let done = operation::effect(&intent.service, &intent.operation)
            .ok()
            .is_some_and(|effect| looker.is_done(&effect, &intent.input));
        let settlement = Settlement {
            intent: intent.clone(),
            output: done.then(|| serde_json::json!({})),
        };
        self.settle(&settlement)
    }
}

fn not_done() -> Fault {
    Fault {
        message: "AWS showed during the undo that the call was not done".into(),
        code: Some("NotDone".into()),
        ..Fault::default()
    }
}
