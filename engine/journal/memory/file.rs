//! A memory on disk: one file, replaced as a whole, so that a crash leaves the values of before or those of after.

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::earlier;
use super::values::{Loss, Values};
use crate::database::Attempt;
use crate::durable::{replace, sync_dir};
use crate::error::{JournalError, Result, io_error};
use base::clock;
use base::digest::sha256;

/// Its first line is the digest of the rest.
const FILE: &str = "memory";
/// Is there once a memory was written: a missing one is lost then.
const WRITTEN: &str = "written";

/// Returns the values in `dir`; a memory that cannot be read is moved aside, one of an earlier version is carried over.
pub(super) fn take(dir: &Path) -> Result<(Values, Option<Loss>)> {
    let databases = earlier::databases(dir).map_err(io_error("read", dir))?;
    let found = if databases.is_empty() || dir.join(FILE).exists() {
        read(dir)
    } else {
        earlier::read(&databases)
    };
    match found {
        Ok(values) => {
            // The databases stay until the file is durable. Where it cannot be written, the first put says so.
            if !databases.is_empty() && write(dir, &values).is_ok() {
                for database in databases {
                    let _ = fs::remove_dir_all(database);
                }
            }
            Ok((values, None))
        }
        Err(problem) => {
            let aside = set_aside(dir, databases)
                .map_err(io_error("move aside what is damaged in", dir))?;
            let problem = problem.to_string();
            Ok((Values::new(), Some(Loss { problem, aside })))
        }
    }
}

/// Returns the values in `dir`, and changes nothing.
pub(super) fn read(dir: &Path) -> Attempt<Values> {
    match fs::read(dir.join(FILE)) {
        Ok(content) => decode(&content).ok_or_else(|| "it is corrupt".into()),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        Err(_) if !dir.join(WRITTEN).exists() => Ok(Values::new()),
        Err(_) if earlier::databases(dir)?.is_empty() => Err("it is gone".into()),
        Err(_) => Err("an earlier version wrote it; the next tick converts it".into()),
    }
}

/// Replaces what is in `dir` by `values`, durably.
pub(super) fn write(dir: &Path, values: &Values) -> Result<()> {
    let write = || {
        let values = serde_json::to_string(values)? + "\n";
        let content = format!("{}\n{values}", sha256(values.as_bytes()));
        replace(&dir.join(FILE), content.as_bytes())?;
        let written = dir.join(WRITTEN);
        if written.exists() {
            return Ok(());
        }
        replace(&written, b"")
    };
    write().map_err(|source: io::Error| JournalError::NotKept {
        dir: dir.to_owned(),
        source: Arc::new(source),
    })
}

fn decode(content: &[u8]) -> Option<Values> {
    let (digest, values) = str::from_utf8(content).ok()?.split_once('\n')?;
    if sha256(values.as_bytes()) != digest {
        return None;
    }
    serde_json::from_str(values).ok()
}

/// Moves a memory that cannot be read into a folder of this moment.
fn set_aside(dir: &Path, databases: Vec<PathBuf>) -> io::Result<PathBuf> {
    let time = clock::now().strftime("%Y%m%d-%H%M%S");
    let aside = dir.join(format!("damaged-{time}"));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&aside)?;
    let file = Some(dir.join(FILE)).filter(|file| file.exists());
    for path in databases.into_iter().chain(file) {
        fs::rename(&path, aside.join(path.file_name().unwrap_or_default()))?;
    }
    let _ = fs::remove_file(dir.join(WRITTEN));
    sync_dir(&aside)?;
    sync_dir(dir)?;
    Ok(aside)
}
