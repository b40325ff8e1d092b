//! Reads scripts and site files: regular files of a sane size, and nothing that blocks or never ends.

use std::fs::{File, FileType, OpenOptions};
use std::io;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

use crate::library_error::LibraryError;

/// In bytes; a long runbook has some tens of thousands.
pub(super) const LARGEST: u64 = 1 << 20;

/// Returns the text of a file.
pub(super) fn read(path: &Path) -> Result<String, LibraryError> {
    let shown = || path.display().to_string();
    let unreadable = |cause| LibraryError::Unreadable {
        path: shown(),
        cause,
    };
    let (file, kind) = open(path).map_err(unreadable)?;
    if let Some(what) = other(kind) {
        return Err(LibraryError::NoFile {
            path: shown(),
            what,
        });
    }
    let mut bytes = Vec::new();
    let mut start = file.take(LARGEST + 1);
    start.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(LibraryError::TooLarge { path: shown() });
    }
    String::from_utf8(bytes).map_err(|_| LibraryError::NotText { path: shown() })
}

/// Opening a pipe must not wait for its other end; what was opened says itself what it is.
fn open(path: &Path) -> io::Result<(File, FileType)> {
    let mut options = OpenOptions::new();
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = options.read(true).custom_flags(flags).open(path)?;
    let kind = file.metadata()?.file_type();
    Ok((file, kind))
}

/// Returns what it is if it is no file.
fn other(kind: FileType) -> Option<&'static str> {
    match kind {
        _ if kind.is_file() => None,
        _ if kind.is_dir() => Some("a directory"),
        _ if kind.is_fifo() => Some("a pipe"),
        _ if kind.is_char_device() || kind.is_block_device() => Some("a device"),
        _ => Some("something else"),
    }
}
