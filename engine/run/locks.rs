//! The locks that a run has.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use journal::entry::RunStarted;
use journal::{Holder, JournalError, SharedLock, StateDir};

/// Held until the process ends or the next tick begins.
#[derive(Default)]
pub(super) struct Locks {
    held: Mutex<BTreeMap<String, SharedLock>>,
}

impl Locks {
    /// Takes a lock for the run, unless the run has it.
    pub(super) fn take(
        &self,
        lock: Option<String>,
        started: &RunStarted,
        state_dir: &StateDir,
    ) -> Result<(), JournalError> {
        let Some(lock) = lock else {
            return Ok(());
        };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.contains_key(&lock) {
            return Ok(());
        }
        let holder = Holder {
            lock: lock.clone(),
            run: started.id.clone(),
            runbook: started.runbook.clone(),
            pid: std::process::id(),
        };
        held.insert(lock, SharedLock::take(state_dir, &holder)?);
        Ok(())
    }
}
