//! What can go wrong with a journal.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::entry::VERSION;
use crate::holder::Holder;
use crate::id::RunId;
use crate::illegal::Illegal;

/// What every part of the journal returns.
pub type Result<T, E = JournalError> = std::result::Result<T, E>;

/// Cloned where one failure ends the appends of several branches.
#[derive(Clone, Debug, Error)]
pub enum JournalError {
    #[error("run `{id}` is live in {}", holder(*.pid))]
    Live { id: RunId, pid: Option<u32> },
    #[error("a tick of `{name}` is running in {}", holder(*.pid))]
    TickLive { name: String, pid: Option<u32> },
    #[error("the lock `{lock}` is held by {}", described(holder.as_deref()))]
    LockHeld {
        lock: String,
        holder: Option<Box<Holder>>,
        /// The holder's run, where there is one to look at.
        live: Option<RunId>,
    },
    #[error("`{part}` is not a run id: expected 1 to 64 of a-z, 0-9 and `-`")]
    BadId { part: String },
    #[error("no run in `{}` matches `{part}`", .dir.display())]
    NoSuchRun {
        dir: PathBuf,
        part: String,
        near: Vec<RunId>,
    },
    #[error("there are no runs in `{}`", .dir.display())]
    NoRuns { dir: PathBuf },
    #[error("`{part}` matches {} runs", .candidates.len())]
    Ambiguous {
        part: String,
        candidates: Vec<RunId>,
    },
    #[error("no state directory: neither RUNBOOK_STATE_DIR, XDG_STATE_HOME nor HOME is set")]
    NoStateDir,
    #[error("state directory `{}` belongs to user id {owner}, not to user id {user}", .dir.display())]
    NotOurs { dir: PathBuf, owner: u32, user: u32 },
    #[error("state directory `{}` is writable by other users: its mode is {mode:04o}", .dir.display())]
    OpenToOthers { dir: PathBuf, mode: u32 },
    #[error("state directory `{}` cannot be used", .dir.display())]
    Unusable {
        dir: PathBuf,
        source: Arc<io::Error>,
    },
    #[error("cannot {action} `{}`", .file.display())]
    Io {
        action: &'static str,
        file: PathBuf,
        source: Arc<io::Error>,
    },
    /// Nothing of the run is there.
    #[error("cannot create a run in `{}`", .dir.display())]
    NotMade {
        dir: PathBuf,
        source: Arc<io::Error>,
    },
    #[error("journal `{}` is damaged at line {line}: {problem}", .file.display())]
    Broken {
        file: PathBuf,
        line: u64,
        problem: String,
    },
    /// The checkpoints know of entries that are not in the log.
    #[error("journal `{}` is older than its run: entries {} to {known} are missing; nothing was changed", .file.display(), .last + 1)]
    Older {
        file: PathBuf,
        checkpoints: PathBuf,
        /// The last entry there is.
        last: u64,
        /// The last entry that there was.
        known: u64,
        /// What the missing entries are about, as far as it is known.
        keys: Vec<String>,
    },
    #[error("journal `{}` was replaced by another file while the run was using it", .file.display())]
    Replaced { file: PathBuf },
    #[error("journal `{}` was removed while the run was using it", .file.display())]
    Removed { file: PathBuf },
    #[error("journal `{}` has format {found} at line {line}; this runbook reads formats up to {VERSION}", .file.display())]
    Newer {
        file: PathBuf,
        line: u64,
        found: u32,
    },
    #[error("record refused: {0}")]
    Illegal(#[from] Illegal),
    #[error("entry cannot be written as JSON: {problem}")]
    Encoding { problem: String },
    #[error("checkpoints `{}` cannot be used: {problem}", .dir.display())]
    Index { dir: PathBuf, problem: String },
    #[error("memory `{}` cannot be written", .dir.display())]
    NotKept {
        dir: PathBuf,
        source: Arc<io::Error>,
    },
    #[error("journal `{}` takes no more entries: a branch crashed while it wrote an entry", .file.display())]
    Abandoned { file: PathBuf },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "another process".to_owned(),
        |pid| format!("process {pid}"),
    )
}

fn described(of: Option<&Holder>) -> String {
    of.map_or_else(
        || holder(None),
        |it| {
            format!(
                "the run `{}` of `{}` in process {}",
                it.run, it.runbook, it.pid
            )
        },
    )
}

/// Returns what turns an I/O error into one that says which file it was about.
pub(crate) fn io_error(
    action: &'static str,
    file: &Path,
) -> impl FnOnce(io::Error) -> JournalError {
    let file = file.to_owned();
    move |source| JournalError::Io {
        action,
        file,
        source: Arc::new(source),
    }
}

impl From<serde_json::Error> for JournalError {
    fn from(error: serde_json::Error) -> Self {
        Self::Encoding {
            problem: error.to_string(),
        }
    }
}

impl JournalError {
    /// Returns the error as it is told where the run in `runs` that it was about does not exist.
    pub(crate) fn before_the_run(self, runs: &Path) -> Self {
        match self {
            Self::Io { source, .. } => Self::NotMade {
                dir: runs.to_owned(),
                source,
            },
            other => other,
        }
    }
}
