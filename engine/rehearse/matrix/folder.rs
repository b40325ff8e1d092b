//! Temporary folders.

use std::path::{Path, PathBuf};

use super::error::MatrixError;

const MEMORY: &str = "/dev/shm";

/// A folder that goes when the value does.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes one in memory where that can be, since nobody cuts the power, else in the system's temporary folder.
    pub(super) fn new() -> Result<Self, MatrixError> {
        let name = format!("runbook-rehearsal-{}", uuid::Uuid::new_v4().simple());
        if std::env::var_os("TMPDIR").is_none()
            && let Ok(folder) = Self::at(Path::new(MEMORY).join(&name))
        {
            return Ok(folder);
        }
        Self::at(std::env::temp_dir().join(name))
    }

    pub(super) fn at(path: PathBuf) -> Result<Self, MatrixError> {
        match std::fs::create_dir(&path) {
            Ok(()) => Ok(Self(path)),
            Err(source) => Err(MatrixError::Folder { path, source }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind in the temporary folder harms nobody.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
