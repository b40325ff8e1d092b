//! How a runbook is executed: as a run, a tick, a dry run, or without any effect.

use std::sync::Arc;

use journal::Memory;

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
