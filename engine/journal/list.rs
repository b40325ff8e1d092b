//! What there is to say about runs from the first and the last entry of each log; opens no database.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use jiff::Timestamp;

use crate::journal::Result;
use crate::journal::entry::{Ending, Entry, Record, RunStarted};
use crate::journal::error::io_error;
use crate::journal::id::RunId;
use crate::journal::key::is_below;
use crate::journal::lock;
use crate::journal::log;
use crate::journal::replay;
use crate::journal::state::UNDO;
use crate::journal::store::StateDir;

/// The first guess at how long a last entry is; doubled until it fits.
const BLOCK: u64 = 16 * 1024;

/// A run as it is listed, also when its log cannot be read.
#[derive(Debug)]
pub struct Listed {
    pub id: RunId,
    pub summary: Result<Summary>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub started_at: Timestamp,
    pub started: RunStarted,
    /// When the last entry was written.
    pub last_at: Timestamp,
    pub last_seq: u64,
    /// Of the run, where the last entry says so.
    pub attempt: Option<u32>,
    pub status: Status,
}

/// Never stored: follows from the lock and the last entry.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one of each run, for as long as it is listed"
)]
pub enum Status {
    /// A process holds the lock; its id is for people.
    Live {
        pid: Option<u32>,
    },
    /// It has neither an end nor a holder.
    Interrupted,
    /// An undo was cut off.
    Undoing,
    Ended(Ending),
}

impl StateDir {
    /// Returns all runs, oldest first.
    pub fn runs(&self) -> Result<Vec<Listed>> {
        let listed = |id| Listed {
            summary: summary(&self.run_dir(&id)),
            id,
        };
        Ok(self.ids()?.into_iter().map(listed).collect())
    }
}

/// Returns what the first and the last entry of the run in `dir` say.
pub fn summary(dir: &Path) -> Result<Summary> {
    // Asked first: a run that ends right now shows its end, not an interruption.
    let live = lock::is_live(dir)?;
    let path = dir.join(log::FILE);
    let first = first_entry(&path)?;
    let last = last_entry(&path)?.unwrap_or_else(|| first.clone());
    let started = replay::begin(&path, Some(&first.record))?.clone();
    let attempt = match &last.record {
        Record::RunStarted(_) => Some(1),
        Record::RunResumed(resumed) => Some(resumed.attempt),
        Record::RunEnded(ended) => Some(ended.attempt),
        Record::UndoStarted(undo) => Some(undo.attempt),
        _ => None,
    };
    let status = match last.record {
        _ if live => Status::Live {
            pid: lock::holder(dir),
        },
        Record::RunEnded(ended) => Status::Ended(ended.ending),
        Record::UndoStarted(_) => Status::Undoing,
        record if is_below(record.key(), UNDO) => Status::Undoing,
        // It waits for the resume that takes the answer up.
        Record::Answered(answered) => Status::Ended(Ending::Waiting {
            keys: vec![answered.key],
        }),
        _ => Status::Interrupted,
    };
    Ok(Summary {
        started_at: first.at,
        started,
        last_at: last.at,
        last_seq: last.seq,
        attempt,
        status,
    })
}

/// Returns when the run in `dir` was started, if its log says so.
pub(crate) fn started_at(dir: &Path) -> Option<Timestamp> {
    first_entry(&dir.join(log::FILE)).ok().map(|entry| entry.at)
}

fn first_entry(path: &Path) -> Result<Entry> {
    let mut line = Vec::new();
    let file = File::open(path).map_err(io_error("open", path))?;
    BufReader::new(file)
        .read_until(b'\n', &mut line)
        .map_err(io_error("read", path))?;
    log::decode_line(path, 1, line.strip_suffix(b"\n").unwrap_or(&line))
}

/// Returns the last whole entry, unless it is the first one as well.
fn last_entry(path: &Path) -> Result<Option<Entry>> {
    let Some(line) = last_line(path).map_err(io_error("read", path))? else {
        return Ok(None);
    };
    // Where it is damaged, the line number is worth reading the rest.
    log::decode_line(path, 0, &line)
        .map(Some)
        .or_else(|_| log::scan(path).map(|mut scan| scan.entries.pop()))
}

fn last_line(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    let mut size = BLOCK;
    loop {
        let start = len.saturating_sub(size);
        file.seek(SeekFrom::Start(start))?;
        let mut block = Vec::new();
        Read::by_ref(&mut file)
            .take(len - start)
            .read_to_end(&mut block)?;
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

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;
    use crate::journal::fixture::{
        Site, effects, fault, intended, logged, run_ended, run_resumed, step_failed, step_started,
        undo_started,
    };

    fn status(site: &Site, id: &str) -> Status {
        summary(&site.state_dir.run_dir(&RunId::parse(id).unwrap()))
            .unwrap()
            .status
    }

    #[test]
    fn status_follows_from_lock_and_last_entry() {
        let site = Site::new();
        site.log("started", Vec::new());
        site.log("interrupted", effects(3));
        site.log(
            "succeeded",
            vec![run_ended(1, Ending::Succeeded { value: json!(1) })],
        );
        let failed = Ending::Failed { error: fault() };
        site.log(
            "failed",
            vec![
                step_started("s", 1),
                step_failed("s", 1),
                run_ended(1, failed.clone()),
            ],
        );
        site.log(
            "resumed",
            vec![run_ended(1, failed.clone()), run_resumed(2), logged()],
        );
        assert_eq!(status(&site, "started"), Status::Interrupted);
        assert_eq!(status(&site, "interrupted"), Status::Interrupted);
        assert_eq!(
            status(&site, "succeeded"),
            Status::Ended(Ending::Succeeded { value: json!(1) })
        );
        assert_eq!(status(&site, "failed"), Status::Ended(failed.clone()));
        assert_eq!(status(&site, "resumed"), Status::Interrupted);
        let undo = vec![run_ended(1, failed.clone()), undo_started(2)];
        site.log("begun", undo.clone());
        let deleting = intended("[undo]/ec2.delete_vpc[vpc-1]", 1);
        site.log("half-way", [undo.clone(), vec![deleting]].concat());
        let undone = Ending::Undone { left: Vec::new() };
        let end = vec![run_ended(2, undone.clone())];
        site.log("undone", [undo, end].concat());
        assert_eq!(status(&site, "begun"), Status::Undoing);
        assert_eq!(status(&site, "half-way"), Status::Undoing);
        assert_eq!(status(&site, "undone"), Status::Ended(undone));
        let journal = site.open("failed").unwrap();
        assert_eq!(
            status(&site, "failed"),
            Status::Live {
                pid: Some(std::process::id())
            }
        );
        drop(journal);
        assert_ne!(
            status(&site, "failed"),
            Status::Live {
                pid: Some(std::process::id())
            }
        );
    }

    #[test]
    fn lists_every_run_also_damaged_ones_and_opens_no_database() {
        let site = Site::new();
        for id in [
            "20260101-000000-b-1",
            "20260101-000000-a-1",
            "20250101-000000-c-1",
        ] {
            site.log(id, effects(2));
        }
        let damaged = site.log("20270101-000000-d-1", effects(2));
        fs::write(damaged.join(log::FILE), "nothing\n").unwrap();
        let runs = site.state_dir.runs().unwrap();
        let ids: Vec<&str> = runs.iter().map(|run| run.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "20250101-000000-c-1",
                "20260101-000000-a-1",
                "20260101-000000-b-1",
                "20270101-000000-d-1"
            ]
        );
        assert_eq!(
            runs.iter()
                .map(|run| run.summary.is_ok())
                .collect::<Vec<_>>(),
            [true, true, true, false]
        );
        assert_eq!(runs[0].summary.as_ref().unwrap().last_seq, 5);
        for run in &runs {
            assert!(!site.state_dir.run_dir(&run.id).join("checkpoints").exists());
        }
    }

    #[test]
    fn finds_a_last_entry_of_any_length_behind_a_torn_tail() {
        let site = Site::new();
        for len in [0, 10, 16_000, 16_384, 40_000, 200_000] {
            let message = "m".repeat(len);
            let long = Record::Logged {
                scope: "s".into(),
                level: crate::journal::entry::Level::Info,
                message,
            };
            for (records, seq) in [
                (vec![long.clone()], 2),
                (vec![logged(), long.clone()], 3),
                (vec![long, logged()], 3),
            ] {
                let dir = site.log("r", records);
                assert_eq!(summary(&dir).unwrap().last_seq, seq, "{len}");
                let path = dir.join(log::FILE);
                let mut bytes = fs::read(&path).unwrap();
                bytes.extend(vec![b'x'; len + 1]);
                fs::write(&path, bytes).unwrap();
                assert_eq!(summary(&dir).unwrap().last_seq, seq, "{len} torn");
            }
        }
    }

    #[test]
    fn a_damaged_last_entry_is_named_by_its_line() {
        let site = Site::new();
        let path = site.log("r", effects(2)).join(log::FILE);
        let text = fs::read_to_string(&path).unwrap();
        let at = text.trim_end().rfind("vpc-1").unwrap();
        fs::write(&path, [&text[..at], "vpc-2", &text[at + 5..]].concat()).unwrap();
        let error = summary(path.parent().unwrap()).unwrap_err();
        assert!(error.to_string().contains("damaged at line 5"), "{error}");
    }
}
