//! The files of a run: made all at once, and opened to be written on.

use std::fs::{DirBuilder, File, OpenOptions, remove_dir_all, rename};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use jiff::Timestamp;

use crate::commit::Disk;
use crate::crash::Crash;
use crate::durable::sync_dir;
use crate::entry::Record;
use crate::error::{JournalError, Result, io_error};
use crate::id::RunId;
use crate::lock::{Held, Lock};
use crate::log::{self, Head, Scan, Tail};

/// The entry that every log begins with.
pub(super) struct First {
    pub(super) at: Timestamp,
    pub(super) record: Record,
    pub(super) crash: Crash,
}

/// Makes `temporary` with everything a run needs, and then `dir` of it.
pub(super) fn publish(id: &RunId, temporary: &Path, dir: &Path, first: &First) -> Result<Lock> {
    DirBuilder::new()
        .mode(0o700)
        .create(temporary)
        .map_err(io_error("make", temporary))?;
    let fill = || {
        let lock = take_lock(temporary, id)?;
        write_first_entry(temporary, first)?;
        // Exclusive: a directory that is not empty is not replaced, and no run's is empty.
        rename(temporary, dir).map_err(io_error("make", dir))?;
        Ok(lock)
    };
    fill().inspect_err(|_| {
        // If it stays, it is cleared away when it has become old.
        let _ = remove_dir_all(temporary);
    })
}

pub(super) fn take_lock(dir: &Path, id: &RunId) -> Result<Lock> {
    Lock::take(dir)?.map_err(|Held { pid }| JournalError::Live {
        id: id.clone(),
        pid,
    })
}

fn write_first_entry(dir: &Path, first: &First) -> Result<()> {
    let path = dir.join(log::FILE);
    let (line, head) = Head::start().encode(first.at, &first.record)?;
    first.crash.before(head.seq);
    let file = OpenOptions::new()
        .append(true)
        .create_new(true)
        .mode(0o600)
        .open(&path);
    let file = file.map_err(io_error("make", &path))?;
    Disk::append(&file, line.as_bytes())
        .and_then(|()| file.sync())
        .map_err(io_error("write", &path))?;
    sync_dir(dir).map_err(io_error("sync", dir))
}

/// Opens the log for appending, its end made whole and all of it durable: this process is about to act on it.
///
/// What another process wrote may be in memory only. If its sync failed, the system takes the pages for written, and a
/// sync that works now would prove nothing; so the lines are written once more before it, in place, where they change
/// nothing.
pub(super) fn repair(path: &Path, scan: &Scan) -> Result<(File, u64)> {
    let file = OpenOptions::new()
        .append(true)
        .open(path)
        .map_err(io_error("open", path))?;
    match scan.tail {
        Tail::Nothing => {}
        Tail::Torn => file
            .set_len(scan.lines.len() as u64)
            .map_err(io_error("cut the torn end off", path))?,
        Tail::Unfinished => Disk::append(&file, b"\n").map_err(io_error("append to", path))?,
    }
    write_again(path, &scan.lines).map_err(io_error("write", path))?;
    file.sync().map_err(io_error("sync", path))?;
    let len = file.metadata().map_err(io_error("read", path))?.len();
    Ok((file, len))
}

/// A file that is open for appending appends wherever it is told to write.
fn write_again(path: &Path, lines: &[u8]) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.write_all_at(lines, 0)
}

/// Returns the device and number of the file.
pub(super) fn inode(path: &Path) -> Result<(u64, u64)> {
    let found = std::fs::metadata(path).map_err(io_error("find", path))?;
    Ok((found.dev(), found.ino()))
}

/// What is written to a log that was removed or replaced is lost, so nothing may be done because of it.
pub(super) fn is_there(path: &Path, opened: (u64, u64)) -> Result<()> {
    let file = path.to_owned();
    match inode(path) {
        Ok(found) if found == opened => Ok(()),
        Ok(_) => Err(JournalError::Replaced { file }),
        Err(JournalError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Err(JournalError::Removed { file })
        }
        Err(error) => Err(error),
    }
}
