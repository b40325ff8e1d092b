//! What asks a run's owner to end it: a file beside the log, since the log is the owner's alone.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::durable::replace;
use crate::entry::Signature;
use crate::error::{Result, io_error};

const FILE: &str = "cancel";

/// Asks for the end of the run in `dir`; whoever asked last is who asked.
pub fn request(dir: &Path, by: &Signature) -> Result<()> {
    let path = dir.join(FILE);
    let text = serde_json::to_string(by)?;
    replace(&path, text.as_bytes()).map_err(io_error("write", &path))
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
