//! The first and the last entry of a log, read without what is between them.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

use crate::entry::{Entry, VERSION};
use crate::error::{Result, io_error};
use crate::{log, replay};

/// So much of a first entry is read: the paths in it may be long.
const FIRST: usize = 4 * 1024;
/// The first guess at how long a last entry is; doubled until it fits.
const BLOCK: usize = 4 * 1024;

/// What the first entry says before the sources, which are most of it.
#[derive(Deserialize)]
struct Beginning {
    v: u32,
    at: Timestamp,
    record: Begun,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Begun {
    RunStarted { runbook: String },
}

/// Returns when the run in `dir` was started.
pub(crate) fn started_at(dir: &Path) -> Result<Timestamp> {
    let path = dir.join(log::FILE);
    let file = File::open(&path).map_err(io_error("open", &path))?;
    beginning(&file, &path).map(|(at, _)| at)
}

/// Returns when the run was started, and with which runbook.
pub(crate) fn beginning(file: &File, path: &Path) -> Result<(Timestamp, String)> {
    let mut block = [0; FIRST];
    let read = read_at(file, &mut block, 0).map_err(io_error("read", path))?;
    if let Some(Beginning { at, record, .. }) = before_the_sources(&block[..read]) {
        let Begun::RunStarted { runbook } = record;
        return Ok((at, runbook));
    }
    // It is longer, or of a newer version, or damaged: the whole of it says so.
    let first = first_entry(path)?;
    let started = replay::begin(path, Some(&first.record))?;
    Ok((first.at, started.runbook.clone()))
}

/// A quote within a text is escaped, so that the member is found where it begins.
fn before_the_sources(block: &[u8]) -> Option<Beginning> {
    const SOURCES: &[u8] = br#","sources":["#;
    let at = block
        .windows(SOURCES.len())
        .position(|some| some == SOURCES)?;
    let whole = [block.get(..at)?, b"}}}"].concat();
    let beginning: Beginning = serde_json::from_slice(&whole).ok()?;
    (beginning.v <= VERSION).then_some(beginning)
}

pub(crate) fn first_entry(path: &Path) -> Result<Entry> {
    let mut line = Vec::new();
    let file = File::open(path).map_err(io_error("open", path))?;
    BufReader::new(file)
        .read_until(b'\n', &mut line)
        .map_err(io_error("read", path))?;
    log::decode_line(path, 1, line.strip_suffix(b"\n").unwrap_or(&line))
}

/// Returns the last whole entry, unless it is the first one as well.
pub(crate) fn last_entry(file: &File, path: &Path) -> Result<Option<Entry>> {
    let Some(line) = last_line(file).map_err(io_error("read", path))? else {
        return Ok(None);
    };
    // Where it is damaged, the line number is worth reading the rest.
    log::decode_line(path, 0, &line)
        .map(Some)
        .or_else(|_| log::scan(path).map(|mut scan| scan.entries.pop()))
}

fn last_line(file: &File) -> io::Result<Option<Vec<u8>>> {
    let len = file.metadata()?.len();
    let mut size = BLOCK;
    loop {
        let start = len.saturating_sub(size as u64);
        let mut block = vec![0; usize::try_from(len - start).unwrap_or(size)];
        let read = read_at(file, &mut block, start)?;
        block.truncate(read);
        let mut newlines = block
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, byte)| **byte == b'\n')
            .map(|(at, _)| at);
        if let (Some(end), Some(before)) = (newlines.next(), newlines.next()) {
            return Ok(block.get(before + 1..end).map(<[u8]>::to_vec));
        }
        if start == 0 {
            return Ok(None);
        }
        size *= 2;
    }
}

/// Fills the block from the file, as far as the file goes; returns how many bytes that is.
fn read_at(file: &File, block: &mut [u8], start: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < block.len() {
        match file.read_at(&mut block[read..], start + read as u64) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}
