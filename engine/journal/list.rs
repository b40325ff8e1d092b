//! What there is to say about runs from the first and the last entry of each log; opens no database.

use std::fs::File;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread::{self, Builder, ScopedJoinHandle, available_parallelism};

use jiff::Timestamp;

use crate::entry::{Ending, Record, RunStarted};
use crate::error::{Result, io_error};
use crate::id::RunId;
use crate::key::is_below;
use crate::state::UNDO;
use crate::store::StateDir;
use crate::{ends, lock, log, replay};

/// A run as it is listed, also when its log cannot be read.
#[derive(Debug)]
pub struct Listed {
    pub id: RunId,
    pub summary: Result<Summary>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub started_at: Timestamp,
    pub runbook: String,
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
    /// Returns what `line` makes of each run, oldest first; the runs are read side by side, and each is let go of with its
    /// line.
    pub fn runs<T: Send>(&self, line: impl Fn(Listed) -> T + Sync) -> Result<Vec<T>> {
        let ids = self.ids()?;
        let read =
            |ids: &[RunId]| -> Vec<T> { ids.iter().map(|id| line(self.listed(id))).collect() };
        let share = ids
            .len()
            .div_ceil(available_parallelism().map_or(1, NonZero::get));
        let (first, others) = ids.split_at(share);
        thread::scope(|threads| {
            let start = |ids| Builder::new().spawn_scoped(threads, move || read(ids));
            let others: Vec<_> = others
                .chunks(share.max(1))
                .map(|ids| (ids, start(ids)))
                .collect();
            let mut lines = read(first);
            for (ids, thread) in others {
                // Without another thread it only takes longer.
                let read = thread.map_or_else(|_| Ok(read(ids)), ScopedJoinHandle::join);
                lines.extend(read.unwrap_or_else(|panic| resume_unwind(panic)));
            }
            Ok(lines)
        })
    }

    fn listed(&self, id: &RunId) -> Listed {
        Listed {
            summary: summary(&self.run_dir(id)),
            id: id.clone(),
        }
    }
}

/// Returns what the first and the last entry of the run in `dir` say. Of the first only the beginning is read: whether the
/// rest of it is whole is for those who read the log.
pub fn summary(dir: &Path) -> Result<Summary> {
    // Asked first: a run that ends right now shows its end, not an interruption.
    let live = lock::is_live(dir)?;
    let path = dir.join(log::FILE);
    let file = File::open(&path).map_err(io_error("open", &path))?;
    let (started_at, runbook) = ends::beginning(&file, &path)?;
    let last = ends::last_entry(&file, &path)?;
    let (last_at, last_seq) = last
        .as_ref()
        .map_or((started_at, 1), |entry| (entry.at, entry.seq));
    let (attempt, status) = last.map_or((Some(1), Status::Interrupted), |entry| {
        (attempt(&entry.record), status(entry.record))
    });
    let pid = || lock::holder(dir);
    Ok(Summary {
        started_at,
        runbook,
        last_at,
        last_seq,
        attempt,
        status: if live {
            Status::Live { pid: pid() }
        } else {
            status
        },
    })
}

/// Returns the start of the run in `dir`, its sources included.
pub fn started(dir: &Path) -> Result<RunStarted> {
    let path = dir.join(log::FILE);
    let first = ends::first_entry(&path)?;
    replay::begin(&path, Some(&first.record)).cloned()
}

fn attempt(last: &Record) -> Option<u32> {
    match last {
        Record::RunResumed(resumed) => Some(resumed.attempt),
        Record::RunEnded(ended) => Some(ended.attempt),
        Record::UndoStarted(undo) => Some(undo.attempt),
        _ => None,
    }
}

/// Returns how a run stands that nobody holds.
fn status(last: Record) -> Status {
    match last {
        Record::RunEnded(ended) => Status::Ended(ended.ending),
        Record::UndoStarted(_) => Status::Undoing,
        record if is_below(record.key(), UNDO) => Status::Undoing,
        // It waits for the resume that takes the answer up.
        Record::Answered(answered) => Status::Ended(Ending::Waiting {
            keys: vec![answered.key],
        }),
        _ => Status::Interrupted,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::fixture::{
        self, Site, effects, fault, intended, logged, run_ended, run_resumed, step_failed,
        step_started, undo_started,
    };
    use crate::log::Head;
    use base::clock;

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
        let runs = site.state_dir.runs(|run| run).unwrap();
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
                level: base::level::Level::Info,
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

    /// Writes other bytes over the first `from` of a log.
    fn overwritten(site: &Site, id: &str, from: &str, to: &str) -> PathBuf {
        let dir = site.log(id, effects(1));
        let path = dir.join(log::FILE);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        dir
    }

    #[test]
    fn of_a_first_entry_nothing_is_read_from_the_sources_on() {
        let site = Site::new();
        let dir = overwritten(
            &site,
            "r",
            r#""name":"build.rhai""#,
            "neither JSON nor text",
        );
        let seen = summary(&dir).unwrap();
        assert_eq!((seen.runbook.as_str(), seen.last_seq), ("build.rhai", 3));
        assert!(started(&dir).is_err());
    }

    #[test]
    fn a_first_entry_of_any_beginning_is_read() {
        let site = Site::new();
        for directory in ["/\"sources\":[".to_owned(), "d".repeat(10_000)] {
            let started = RunStarted {
                by: None,
                directory,
                ..fixture::started("r")
            };
            let (line, _) = Head::start()
                .encode(clock::now(), &Record::RunStarted(started.clone()))
                .unwrap();
            let dir = site.log("r", Vec::new());
            fs::write(dir.join(log::FILE), line).unwrap();
            let seen = summary(&dir).unwrap();
            assert_eq!((seen.runbook.as_str(), seen.last_seq), ("build.rhai", 1));
            assert_eq!(super::started(&dir).unwrap(), started);
        }
    }

    #[test]
    fn a_damaged_beginning_is_named_by_its_line() {
        let site = Site::new();
        for (from, to) in [
            (r#"{"v":1"#, r#"["v":1"#),
            (r#""runbook":"#, r#""runboot":"#),
            ("run_started", "run_stopped"),
            (r#""at":"2"#, r#""at":"x"#),
        ] {
            let error = summary(&overwritten(&site, "r", from, to)).unwrap_err();
            assert!(error.to_string().contains("damaged at line 1"), "{error}");
        }
    }
}
