//! Temporary folders.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};

use crate::error::RehearseError;

const MEMORY: &str = "/dev/shm";

/// What a folder with a lock is called.
const PREFIX: &str = "runbook-rehearsal-";

/// A folder of this user alone, which goes when the value does.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Says to others that this process lives.
    _lock: Option<File>,
}

impl Folder {
    /// Makes one in memory where that can be, since nobody cuts the power, else in the system's temporary folder.
    /// Deletes there what rehearsals that were killed have left.
    pub fn new() -> Result<Self, RehearseError> {
        if std::env::var_os("TMPDIR").is_none()
            && let Ok(folder) = Self::locked(Path::new(MEMORY))
        {
            return Ok(folder);
        }
        let base = std::env::temp_dir();
        Self::locked(&base).map_err(|source| RehearseError::Folder { path: base, source })
    }

    fn locked(base: &Path) -> io::Result<Self> {
        sweep(base);
        let id = uuid::Uuid::new_v4().simple();
        let path = base.join(format!("{PREFIX}{id}"));
        // It has its lock before it has the name by which others would delete it.
        let unlocked = base.join(format!("runbook-new-{id}"));
        create(&unlocked)?;
        let lock = File::open(&unlocked)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        fs::rename(&unlocked, &path)?;
        Ok(Self {
            path,
            _lock: Some(lock),
        })
    }

    pub(crate) fn at(path: PathBuf) -> Result<Self, RehearseError> {
        match create(&path) {
            Ok(()) => Ok(Self { path, _lock: None }),
            Err(source) => Err(RehearseError::Folder { path, source }),
        }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind in the temporary folder harms nobody.
        drop(fs::remove_dir_all(&self.path));
    }
}

fn create(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Deletes our folders that no process has a lock on.
fn sweep(base: &Path) {
    let entries = base.read_dir().into_iter().flatten().flatten();
    for entry in entries {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_ours && let Ok(_lock) = abandoned(&entry.path()) {
            // What cannot be deleted stays.
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// Returns the lock of a folder whose process has ended.
fn abandoned(path: &Path) -> io::Result<File> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = File::from(open(path, flags, Mode::empty())?);
    if folder.metadata()?.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    flock(&folder, FlockOperation::NonBlockingLockExclusive)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_killed_rehearsals_folder_goes_at_the_next_start_and_a_live_ones_stays() {
        let base = tempfile::tempdir().unwrap();
        let live = Folder::locked(base.path()).unwrap();
        let killed = base.path().join(format!("{PREFIX}1"));
        fs::create_dir_all(killed.join("state")).unwrap();
        let strange = base.path().join("another");
        fs::create_dir(&strange).unwrap();
        let link = base.path().join(format!("{PREFIX}2"));
        std::os::unix::fs::symlink(&strange, &link).unwrap();
        let next = Folder::locked(base.path()).unwrap();
        assert!(!killed.exists());
        for path in [live.path(), next.path(), &strange] {
            assert!(path.exists(), "{}", path.display());
        }
        assert_eq!(next.path().metadata().unwrap().mode() & 0o777, 0o700);
    }
}
