//! What lets a run begin something, and what ends the run.

use std::time::Duration;

use super::cancel::{Cancel, Shield};
use super::locks::Locks;
use super::manner::Manner;
use super::scope;
use base::fault::Fault;
use script::fault;
use script::host::{Scripted, Stop};

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
    pub(super) fn gate(&self) -> Result<(), Stop> {
        if let Some(stop) = scope::stopped() {
            return Err(stop);
        }
        if self.cancel.is_set() {
            return Err(Stop::Cancelled);
        }
        if scope::abandoned() {
            return Err(Stop::Abandoned);
        }
        Ok(())
    }

    /// Sleeps for so long, unless the run is interrupted or a sibling branch fails.
    pub(super) fn pause(&self, duration: Duration) -> Result<(), Stop> {
        if self.cancel.sleep_unless(duration, scope::abandoned) {
            self.gate()?;
        }
        Ok(())
    }

    /// Ends a run that is being cancelled where its record ends; a cleanup goes on.
    pub(super) fn may_begin(&self) -> Result<(), Stop> {
        if self.manner.cancelling && !Shield::here().is_up() {
            return Err(Stop::Cancelled);
        }
        Ok(())
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
}
