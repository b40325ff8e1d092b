//! sled, opened with care: a damaged database may panic, loop for ever, or open as an empty one.

#![expect(clippy::disallowed_types, reason = "this is where sled is used")]

use std::error::Error;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::panic;
use std::path::Path;
use std::sync::Once;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use sled::Db;

/// The threads that sled may break down in.
const THREAD: &str = "checkpoints";
/// A run has some thousands of small slots.
const CACHE_BYTES: u64 = 4 * 1024 * 1024;
/// sled may loop for ever over a damaged file; a sound one opens in milliseconds, and each key is compared then.
const PATIENCE: Duration = Duration::from_secs(10);
const PATIENCE_PER_KEY: Duration = Duration::from_millis(1);

pub(crate) type Attempt<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Opens the database in `dir`, or makes it there; its files are ours alone.
pub(crate) fn open(dir: &Path, segment: usize) -> sled::Result<Db> {
    let db = sled::Config::new()
        .path(dir)
        .cache_capacity(CACHE_BYTES)
        .flush_every_ms(None)
        .segment_size(segment)
        .open()?;
    // sled makes its files with whatever the umask leaves.
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let mode = if entry.file_type()?.is_dir() {
            0o700
        } else {
            0o600
        };
        fs::set_permissions(entry.path(), Permissions::from_mode(mode))?;
    }
    Ok(db)
}

/// Works on a database in a thread that may break down or hang without taking the process along.
pub(crate) fn guarded<T: Send + 'static>(
    keys: usize,
    work: impl FnOnce() -> Attempt<T> + Send + 'static,
) -> Attempt<T> {
    keep_quiet();
    let (sender, receiver) = mpsc::channel();
    let thread = move || {
        // Nobody listens any more once the time is up.
        let _ = sender.send(work());
    };
    thread::Builder::new()
        .name(THREAD.to_owned())
        .spawn(thread)?;
    let patience = patience(keys);
    match receiver.recv_timeout(patience) {
        Ok(attempt) => attempt,
        Err(RecvTimeoutError::Disconnected) => {
            Err("the database crashed while it was opened".into())
        }
        Err(RecvTimeoutError::Timeout) => {
            Err(format!("the database did not open within {} s", patience.as_secs()).into())
        }
    }
}

/// Returns how long the work on a database of so many keys may take.
fn patience(keys: usize) -> Duration {
    let keys = u32::try_from(keys).unwrap_or(u32::MAX);
    PATIENCE + PATIENCE_PER_KEY.saturating_mul(keys)
}

/// Keeps sled's panics over a damaged database off the terminal: it is made anew, and nobody has to know.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(THREAD) {
                report(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::{PATIENCE, patience};

    #[test]
    fn a_large_database_is_given_more_time() {
        assert_eq!(patience(0), PATIENCE);
        assert_eq!(patience(100_000), 11 * PATIENCE);
    }
}
