//! A lock that runbooks share by its name: one run has it at a time, for the life of the run's process.

use crate::durable::make_dirs;
use crate::error::{JournalError, Result, io_error};
use crate::holder::Holder;
use crate::id::RunId;
use crate::lock::Lock;
use crate::store::StateDir;
use base::digest::sha256;

/// Held as long as this value lives.
#[derive(Debug)]
pub struct SharedLock {
    _lock: Lock,
}

impl SharedLock {
    /// Takes the lock `holder.lock` for `holder`. It is free if no process holds it, whatever its file says.
    pub fn take(state_dir: &StateDir, holder: &Holder) -> Result<Self> {
        let dir = state_dir.locks_dir();
        make_dirs(&dir).map_err(io_error("make", &dir))?;
        let path = dir.join(sha256(holder.lock.as_bytes()));
        let signature = serde_json::to_string(holder)?;
        let taken = Lock::take_signed(&path, &signature)?;
        let lock = taken.map_err(|signature| held(state_dir, &holder.lock, &signature))?;
        Ok(Self { _lock: lock })
    }
}

fn held(state_dir: &StateDir, lock: &str, signature: &str) -> JournalError {
    let holder: Option<Holder> = serde_json::from_str(signature).ok();
    let id = holder.as_ref().and_then(|it| RunId::parse(&it.run));
    // A tick that has changed nothing is no run.
    let live = id.filter(|id| state_dir.run_dir(id).is_dir());
    JournalError::LockHeld {
        lock: lock.to_owned(),
        holder: holder.map(Box::new),
        live,
    }
}
