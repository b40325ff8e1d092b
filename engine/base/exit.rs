//! The exit codes, as the README documents them.

/// What the process says with its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Succeeded = 0,
    /// It can be resumed.
    Failed = 1,
    /// Bad usage, settings or script; nothing was changed.
    Usage = 2,
    /// Waits for an approval or a time.
    Waiting = 3,
    /// An effect's outcome is not known and could not be found out.
    InDoubt = 4,
    /// The script asks for something else than what is recorded.
    Diverged = 5,
    /// The run, a run of the same lock, or a tick of the same runbook and site is live elsewhere.
    Live = 6,
    /// It can be resumed, unless it was cancelled.
    Interrupted = 130,
}

impl Exit {
    /// Returns what another process of ours said.
    #[must_use]
    pub fn from_code(code: i32) -> Self {
        [
            Self::Succeeded,
            Self::Usage,
            Self::Waiting,
            Self::InDoubt,
            Self::Diverged,
            Self::Live,
            Self::Interrupted,
        ]
        .into_iter()
        .find(|exit| *exit as i32 == code)
        .unwrap_or(Self::Failed)
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
