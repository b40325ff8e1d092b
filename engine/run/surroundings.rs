//! What a run needs from outside, the same for a start and a resume.

use std::sync::Arc;
use std::time::Duration;

use super::cancel::Cancel;
use super::cloud::Cloud;
use super::event::Watch;
use journal::StateDir;
use probe::Prober;

#[derive(Clone)]
pub struct Surroundings {
    pub state_dir: StateDir,
    pub watch: Arc<dyn Watch>,
    pub cancel: Cancel,
    pub settle_window: Duration,
    /// Effects on what is not AWS.
    pub outside: Arc<dyn Cloud>,
    pub prober: Arc<dyn Prober>,
    /// For so long a "not found" for something that the run has just made means "not yet".
    pub fresh_for: Duration,
    /// From this size of the journal on, in bytes, no log lines are kept.
    pub journal_limit: u64,
}
