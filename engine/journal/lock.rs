//! Who holds a run: an exclusive flock for the process's life, which a kill frees.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use crate::error::{Result, io_error};
use base::clock;

const FILE: &str = "lock";
const LOCKS: &str = "/proc/locks";
/// A probe holds the lock for some microseconds; an owner-to-be must not take it for another owner.
const PATIENCE: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// Held as long as this value lives.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

/// Somebody else holds it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) pid: Option<u32>,
}

impl Lock {
    /// Takes the run's lock, or says who has it.
    pub(crate) fn take(dir: &Path) -> Result<Result<Self, Held>> {
        let path = dir.join(FILE);
        let file = open(&path)?;
        if !try_for_a_while(&file).map_err(io_error("lock", &path))? {
            return Ok(Err(Held { pid: holder(dir) }));
        }
        sign(&file).map_err(io_error("write", &path))?;
        Ok(Ok(Self { file }))
    }

    /// Takes the lock that is this file, and signs it; else returns the signature of who has it, as far as there is one.
    pub(crate) fn take_signed(path: &Path, signature: &str) -> Result<Result<Self, String>> {
        let mut file = open(path)?;
        if !try_for_a_while(&file).map_err(io_error("lock", path))? {
            return Ok(Err(fs::read_to_string(path).unwrap_or_default()));
        }
        let signed = file
            .set_len(0)
            .and_then(|()| file.write_all(signature.as_bytes()));
        signed.map_err(io_error("write", path))?;
        Ok(Ok(Self { file }))
    }

    /// Takes a lock that is taken and let go of every few seconds, and writes nothing: the system knows who has it.
    pub(crate) fn take_unsigned(dir: &Path) -> Result<Result<Self, Held>> {
        let path = dir.join(FILE);
        let file = open(&path)?;
        if try_for_a_while(&file).map_err(io_error("lock", &path))? {
            return Ok(Ok(Self { file }));
        }
        Ok(Err(Held {
            pid: known_to_the_system(&file),
        }))
    }
}

impl Drop for Lock {
    /// Closing alone would not do: a program that is being started has every open file until it is executed.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Returns whether some process, this one included, holds the run in `dir`. It neither waits nor makes anyone wait.
pub fn is_live(dir: &Path) -> Result<bool> {
    let path = dir.join(FILE);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(io_error("open", &path)(error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(io_error("lock", &path)(error)),
    }
}

/// Returns the process that took the lock last.
pub(crate) fn holder(dir: &Path) -> Option<u32> {
    fs::read_to_string(dir.join(FILE))
        .ok()?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

fn open(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600);
    options.open(path).map_err(io_error("open", path))
}

/// Returns the process that the system lists as the holder of a lock on the file, where it lists them.
fn known_to_the_system(file: &File) -> Option<u32> {
    let inode = format!(":{}", file.metadata().ok()?.ino());
    let locks = fs::read_to_string(LOCKS).ok()?;
    // `1: FLOCK  ADVISORY  WRITE 4711 08:01:131 0 EOF`
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, "FLOCK", _, "WRITE", pid, place, ..] if place.ends_with(&inode) => pid.parse().ok(),
            _ => None,
        }
    })
}

fn try_for_a_while(file: &File) -> io::Result<bool> {
    for _ in 0..PATIENCE {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => clock::pause(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

/// Only for people to read: the lock itself is what counts.
fn sign(mut file: &File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{} {}", std::process::id(), clock::boot_id())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn one_holder_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_live(dir.path()).unwrap());
        let lock = Lock::take(dir.path()).unwrap().unwrap();
        assert!(is_live(dir.path()).unwrap());
        let held = Lock::take(dir.path()).unwrap().unwrap_err();
        assert_eq!(
            held,
            Held {
                pid: Some(std::process::id())
            }
        );
        drop(lock);
        assert!(!is_live(dir.path()).unwrap());
        assert!(Lock::take(dir.path()).unwrap().is_ok());
    }

    #[test]
    fn probes_do_not_keep_an_owner_out() {
        let dir = tempfile::tempdir().unwrap();
        drop(Lock::take(dir.path()).unwrap().unwrap());
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        is_live(dir.path()).unwrap();
                    }
                });
            }
            let taken = (0..200)
                .filter(|_| Lock::take(dir.path()).unwrap().is_ok())
                .count();
            stop.store(true, Ordering::Relaxed);
            assert_eq!(taken, 200);
        });
    }

    #[test]
    fn who_only_looks_is_no_holder_to_others_who_look() {
        let dir = tempfile::tempdir().unwrap();
        drop(Lock::take(dir.path()).unwrap().unwrap());
        let looking = File::open(dir.path().join(FILE)).unwrap();
        looking.try_lock_shared().unwrap();
        assert!(!is_live(dir.path()).unwrap());
    }

    #[test]
    fn what_is_let_go_of_is_free_though_a_child_has_the_file_open() {
        let dir = tempfile::tempdir().unwrap();
        let lock = Lock::take(dir.path()).unwrap().unwrap();
        let _of_a_child = lock.file.try_clone().unwrap();
        drop(lock);
        assert!(!is_live(dir.path()).unwrap());
    }

    #[test]
    fn names_process_and_boot() {
        let dir = tempfile::tempdir().unwrap();
        let _lock = Lock::take(dir.path()).unwrap().unwrap();
        let text = fs::read_to_string(dir.path().join(FILE)).unwrap();
        assert_eq!(
            text,
            format!("{} {}\n", std::process::id(), clock::boot_id())
        );
    }
}
