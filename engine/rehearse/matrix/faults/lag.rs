//! How long reads lag, and how long a run waits for them.

use std::time::Duration;

/// How long a run under trial waits for what it cannot see yet.
pub(super) const WINDOW: Duration = Duration::from_secs(1);

/// Reads that lag for less than the window: nothing may come of it.
pub(super) const WITHIN: Duration = Duration::from_millis(500);

/// Reads that lag for longer than the window: something may be made twice, and the run has to say so.
pub(super) const BEYOND: Duration = Duration::from_secs(3);
