//! Folders that are made once, whole, by one process at a time.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use uuid::Uuid;

use super::error::RehearseError;

/// Returns `$XDG_CACHE_HOME/runbook`, else `~/.cache/runbook`.
pub(super) fn root() -> Result<PathBuf, RehearseError> {
    choose(std::env::var_os("XDG_CACHE_HOME"), std::env::var_os("HOME"))
}

fn choose(xdg: Option<OsString>, home: Option<OsString>) -> Result<PathBuf, RehearseError> {
    // The XDG specification has relative paths ignored.
    let absolute = |value: OsString| Some(PathBuf::from(value)).filter(|path| path.is_absolute());
    xdg.and_then(absolute)
        .or_else(|| home.and_then(absolute).map(|home| home.join(".cache")))
        .map(|cache| cache.join("runbook"))
        .ok_or(RehearseError::NoCache)
}

/// Returns `root/name`, made by `fill` if it is not there: under another name, renamed once it is whole.
/// A process that wants it at the same time waits.
pub(super) fn once(
    root: &Path,
    name: &str,
    progress: &dyn Fn(&str),
    fill: impl FnOnce(&Path) -> Result<(), RehearseError>,
) -> Result<PathBuf, RehearseError> {
    let folder = root.join(name);
    if folder.is_dir() {
        return Ok(folder);
    }
    fs::create_dir_all(root).map_err(|source| unusable(root, source))?;
    let _lock = lock(&root.join(format!("{name}.lock")), progress)?;
    if folder.is_dir() {
        return Ok(folder);
    }
    let staging = Staging::new(root, name)?;
    fill(&staging.0)?;
    fs::rename(&staging.0, &folder).map_err(|source| unusable(&folder, source))?;
    Ok(folder)
}

pub(super) fn unusable(path: &Path, source: io::Error) -> RehearseError {
    RehearseError::Folder {
        path: path.to_owned(),
        source,
    }
}

fn lock(path: &Path, progress: &dyn Fn(&str)) -> Result<File, RehearseError> {
    let file = File::create(path).map_err(|source| unusable(path, source))?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        progress("waiting for another runbook to provision the emulator");
        flock(&file, FlockOperation::LockExclusive)
            .map_err(|error| unusable(path, error.into()))?;
    }
    Ok(file)
}

/// A folder under a temporary name; what is left of it is removed.
struct Staging(PathBuf);

impl Staging {
    fn new(root: &Path, name: &str) -> Result<Self, RehearseError> {
        remove_abandoned(root, name);
        let path = root.join(format!("{name}.{}", Uuid::new_v4()));
        fs::create_dir(&path).map_err(|source| unusable(&path, source))?;
        Ok(Self(path))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After the rename there is nothing here, and that is no failure.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Removes what a killed process left; under the lock nobody can be at work there.
fn remove_abandoned(root: &Path, name: &str) {
    let prefix = format!("{name}.");
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && entry.file_name().to_string_lossy().starts_with(&prefix) {
            let _ = fs::remove_dir_all(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(root: &Path) -> Vec<String> {
        let entries = fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_is_made_once() {
        let root = tempfile::tempdir().unwrap();
        let fill = |folder: &Path| {
            fs::write(folder.join("file"), "whole").unwrap();
            Ok(())
        };
        let made = once(root.path(), "venv", &|_| (), fill).unwrap();
        assert_eq!(fs::read_to_string(made.join("file")).unwrap(), "whole");
        let again = once(root.path(), "venv", &|_| (), |_| panic!("made again")).unwrap();
        assert_eq!(made, again);
        assert_eq!(names(root.path()), ["venv", "venv.lock"]);
    }

    #[test]
    fn a_failed_attempt_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let fail = |_: &Path| {
            Err(RehearseError::Pip {
                task: "install",
                lines: vec![],
            })
        };
        once(root.path(), "venv", &|_| (), fail).unwrap_err();
        assert_eq!(names(root.path()), ["venv.lock"]);
    }

    #[test]
    fn a_killed_attempt_is_cleared_away() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("venv.left-by-kill")).unwrap();
        once(root.path(), "venv", &|_| (), |_| Ok(())).unwrap();
        assert_eq!(names(root.path()), ["venv", "venv.lock"]);
    }

    #[test]
    fn the_cache_is_xdgs_or_homes() {
        assert_eq!(
            choose(Some("/x".into()), None).unwrap(),
            Path::new("/x/runbook")
        );
        assert_eq!(
            choose(Some("x".into()), Some("/h".into())).unwrap(),
            Path::new("/h/.cache/runbook")
        );
        assert!(matches!(choose(None, None), Err(RehearseError::NoCache)));
    }
}
