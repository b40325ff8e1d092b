//! How a runbook is executed, what lets it begin something, and what ends it.

use std::sync::Arc;
use std::time::Duration;

use super::cancel::{Cancel, Shield};
use super::locks::Locks;
use super::scope;
use base::fault::Fault;
use journal::Memory;
use script::fault;
use script::host::{Scripted, StopReason};

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

pub(super) struct Control {
    pub(super) cancel: Cancel,
    pub(super) manner: Manner,
    pub(super) locks: Locks,
}

impl Control {
    pub(super) fn new(cancel: Cancel, manner: Manner) -> Self {
        Self {
            cancel,
            manner,
            locks: Locks::default(),
        }
    }

    /// Every call of the script passes here first: nothing starts after Ctrl-C or beside a failed branch.
    pub(super) fn gate(&self) -> Result<(), StopReason> {
        if let Some(stop) = scope::stopped() {
            return Err(stop);
        }
        if self.cancel.is_set() {
            return Err(StopReason::Cancelled);
        }
        if scope::abandoned() {
            return Err(StopReason::Abandoned);
        }
        Ok(())
    }

    /// Sleeps for so long, unless the run is interrupted or a sibling branch fails.
    pub(super) fn pause(&self, duration: Duration) -> Result<(), StopReason> {
        if self.cancel.sleep_unless(duration, scope::abandoned) {
            self.gate()?;
        }
        Ok(())
    }

    /// Ends a run that is being cancelled where its record ends; a cleanup goes on.
    pub(super) fn may_begin(&self) -> Result<(), StopReason> {
        if self.manner.cancelling && !Shield::here().is_up() {
            return Err(StopReason::Cancelled);
        }
        Ok(())
    }

    /// Refuses an effect of what is said to have none.
    pub(super) fn may_change(&self, service: &str, operation: &str) -> Scripted<()> {
        if !self.manner.read_only && !scope::looks_only() {
            return Ok(());
        }
        let message =
            "the runbook is read-only (`const READ_ONLY = true;`), and this call changes something";
        let refused = Fault::coded("ReadOnly", message).of_call(service, operation);
        Err(fault::throw(&refused))
    }
}
