//! What asks a run's owner to end it: a file beside the log, since the log is the owner's alone.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::Result;
use crate::entry::Signature;
use crate::error::io_error;

const FILE: &str = "cancel";
const UNWRITTEN: &str = "cancel.new";

/// Asks for the end of the run in `dir`; whoever asked last is who asked.
pub fn request(dir: &Path, by: &Signature) -> Result<()> {
    let (path, unwritten) = (dir.join(FILE), dir.join(UNWRITTEN));
    let text = serde_json::to_string(by)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(&unwritten)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
        })
        .and_then(|()| fs::rename(&unwritten, &path))
        .map_err(io_error("write", &path))
}

/// Returns who asked for the end of the run in `dir`.
#[must_use]
pub fn requested(dir: &Path) -> Option<Signature> {
    serde_json::from_slice(&fs::read(dir.join(FILE)).ok()?).ok()
}

/// Takes back what was asked for.
pub fn withdraw(dir: &Path) -> Result<()> {
    let path = dir.join(FILE);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io_error("remove", &path)(error)),
        _ => Ok(()),
    }
}
