//! Ticks: executions that become runs only if they change something. And those that never do.

use serde_json::Value;

use super::call::fault_of;
use super::conductor::Conductor;
use super::effect::lost;
use super::event::Event;
use super::recorder::broken;
use super::scope;
use base::fault::Fault;
use journal::entry::{Ending, Record, RunEnded};
use journal::{Durability, Journal, JournalError, Memory, RunId, StateDir};
use knowledge::{Class, Effect};
use models::call::Failure;
use script::fault;
use script::host::{Scripted, StopReason};

/// Ends the run that an earlier tick became and that was cut off: this one decides afresh.
pub fn supersede(memory: &Memory, state_dir: &StateDir) -> Result<Option<RunId>, JournalError> {
    let Some(id) = memory.run() else {
        return Ok(None);
    };
    memory.set_run(None);
    if !state_dir.run_dir(&id).is_dir() {
        return Ok(None);
    }
    let journal = Journal::open(state_dir, &id)?;
    let (attempt, None) = journal.attempt()? else {
        return Ok(None);
    };
    if journal.is_undone()? {
        return Ok(None);
    }
    let ended = RunEnded {
        attempt,
        ending: Ending::Superseded,
    };
    journal.append(Record::RunEnded(ended), Durability::Synced)?;
    Ok(Some(id))
}

impl Conductor {
    /// Ends a dry run at what it may not do.
    pub(super) fn end_dry_run(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<(), StopReason> {
        if !self.control.manner.dry {
            return Ok(());
        }
        self.emit_dry_run_end(service, operation, input);
        Err(StopReason::DryRunEnd)
    }

    fn emit_dry_run_end(&self, service: &str, operation: &str, input: &Value) {
        self.recorder.emit(&Event::DryRunEnd {
            operation: format!("{service}.{operation}"),
            input: input.clone(),
        });
    }

    pub(super) fn may_beat(effect: &Effect) -> Scripted<()> {
        if effect.class == Class::Idempotent {
            return Ok(());
        }
        let message = format!(
            "`{}.{}` cannot be a beat: its class is {}, and only an idempotent call may be lost or made twice",
            effect.service, effect.operation, effect.class
        );
        let refused = Fault::coded("InvalidInput", message);
        Err(fault::throw(
            &refused.of_call(&effect.service, &effect.operation),
        ))
    }

    /// Makes a call that the next tick makes up for: no run, and no doubt to settle.
    pub(super) fn beat(&self, effect: &Effect, input: &Value) -> Scripted<Value> {
        let (service, operation) = (&effect.service, &effect.operation);
        if self.control.manner.dry {
            self.emit_dry_run_end(service, operation, input);
            return Ok(Value::Null);
        }
        let name = format!("{service}.{operation}");
        let key = scope::next_key(&name);
        self.recorder.memory()?.beat(&name, input).map_err(broken)?;
        self.recorder.emit(&Event::Beat {
            key: key.clone(),
            operation: name,
        });
        let call = self
            .outbound
            .compose(service, operation, input.clone(), &key, effect.repeat());
        match self.outbound.send(&call, input) {
            Ok(reply) => Ok(reply.output),
            Err(_) if self.control.cancel.is_set() => Err(StopReason::Cancelled.into()),
            Err(failure @ Failure::Lost { .. }) => Err(fault::throw(&lost(&failure))),
            Err(failure) => Err(fault::throw(&fault_of(&failure))),
        }
    }
}
