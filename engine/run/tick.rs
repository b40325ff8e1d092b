//! Ticks: executions that become runs only if they change something. And those that never do.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::Value;

use super::call::fault_of;
use super::cancel::Shield;
use super::conductor::{Conductor, broken};
use super::event::Event;
use super::scope;
use base::fault::Fault;
use journal::entry::{Ending, Record, RunEnded};
use journal::{Durability, Journal, JournalError, Memory, RunId, StateDir};
use knowledge::{Class, Effect};
use models::call::Failure;
use script::fault;
use script::host::{Scripted, Stop};

/// How a runbook is executed.
#[derive(Clone, Default)]
pub struct Manner {
    /// Of a tick.
    pub memory: Option<Arc<Memory>>,
    /// Ends before the first effect, and says what that would be.
    pub dry: bool,
    /// Has no effects at all, and is no run.
    pub read_only: bool,
    /// Goes as far as the record and cleans up; begins nothing else.
    pub cancelling: bool,
}

impl Manner {
    /// Whether there is a run before there is an effect.
    pub(super) fn is_run(&self) -> bool {
        self.memory.is_none() && !self.dry && !self.read_only
    }

    /// Whether it keeps others from what it is at.
    pub(super) fn locks(&self) -> bool {
        !self.dry && !self.read_only
    }
}

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
    pub(super) fn memory(&self) -> Scripted<&Memory> {
        self.manner.memory.as_deref().ok_or_else(|| {
            fault::throw(&Fault {
                message: "`state` works only in ticks, and this is an ordinary run: write `const TICK = true;` at the top of the runbook, or start the runbook with `runbook every`".into(),
                code: Some("NotATick".into()),
                ..Fault::default()
            })
        })
    }

    /// What the script has put is durable before anything is changed because of it, and so is which run it was.
    pub(super) fn before_effect(&self) -> Result<(), Stop> {
        let Some(memory) = &self.manner.memory else {
            return Ok(());
        };
        memory.set_run(Some(self.journal.id()));
        memory.settle().map_err(broken)
    }

    /// Keeps what the tick has put, whatever it came to; a tick that cannot has not succeeded.
    pub(super) fn keep<T>(&self, result: Scripted<T>) -> Scripted<T> {
        let kept = self.manner.memory.as_ref().map(|memory| memory.settle());
        let value = result?;
        kept.transpose().map_err(broken)?;
        Ok(value)
    }

    /// Forgets the run that the tick became, now that it has an end.
    pub(super) fn put_away(&self) {
        if let Some(memory) = &self.manner.memory {
            memory.set_run(None);
            // If this is lost, the next tick finds the run with its end.
            let _ = memory.settle();
        }
    }

    /// Says once that there is a run.
    pub(super) fn announce(&self) {
        if self.announced.swap(true, Ordering::SeqCst) {
            return;
        }
        let started = self.journal.started();
        self.tell(&Event::RunStarted {
            id: started.id.clone(),
            runbook: started.runbook.clone(),
            attempt: self.attempt,
            target: started.target.clone(),
        });
    }

    /// Refuses an effect of what is said to have none.
    pub(super) fn may_change(&self, service: &str, operation: &str) -> Scripted<()> {
        if !self.manner.read_only && !scope::looks_only() {
            return Ok(());
        }
        Err(fault::throw(&Fault {
            message:
                "the runbook is read-only (`const READ_ONLY = true;`), and this call changes something"
                    .into(),
            code: Some("ReadOnly".into()),
            service: Some(service.into()),
            operation: Some(operation.into()),
            ..Fault::default()
        }))
    }

    /// Ends a run that is being cancelled where its record ends; a cleanup goes on.
    pub(super) fn may_begin(&self) -> Result<(), Stop> {
        if self.manner.cancelling && !Shield::here().is_up() {
            return Err(Stop::Cancelled);
        }
        Ok(())
    }

    /// Ends a dry run at what it may not do.
    pub(super) fn end_dry_run(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<(), Stop> {
        if !self.manner.dry {
            return Ok(());
        }
        self.say_would(service, operation, input);
        Err(Stop::DryRunEnd)
    }

    fn say_would(&self, service: &str, operation: &str, input: &Value) {
        self.tell(&Event::DryRunEnd {
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
        Err(fault::throw(&Fault {
            message,
            code: Some("InvalidInput".into()),
            service: Some(effect.service.clone()),
            operation: Some(effect.operation.clone()),
            ..Fault::default()
        }))
    }

    /// Makes a call that the next tick makes up for: no run, and no doubt to settle.
    pub(super) fn beat(&self, effect: &Effect, input: &Value) -> Scripted<Value> {
        let (service, operation) = (&effect.service, &effect.operation);
        if self.manner.dry {
            self.say_would(service, operation, input);
            return Ok(Value::Null);
        }
        let name = format!("{service}.{operation}");
        let key = scope::next_key(&name);
        self.memory()?.beat(&name, input).map_err(broken)?;
        self.tell(&Event::Beat {
            key: key.clone(),
            operation: name,
        });
        let call = self.compose(service, operation, input.clone(), &key, effect.repeat());
        match self.send(&call, input) {
            Ok(reply) => Ok(reply.output),
            Err(_) if self.cancel.is_set() => Err(Stop::Cancelled.into()),
            Err(failure @ Failure::Lost { .. }) => Err(fault::throw(&Fault {
                code: Some("Lost".into()),
                ..fault_of(&failure)
            })),
            Err(failure) => Err(fault::throw(&fault_of(&failure))),
        }
    }
}
