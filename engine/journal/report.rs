//! A journal's error as a report: its exit code, its causes, and what to do next.

use std::error::Error as _;
use std::io;
use std::path::Path;

use crate::error::JournalError;
use crate::id::RunId;
use crate::illegal::Illegal;
use base::command::{Command, STATE_DIR};
use base::exit::Exit;
use base::hint::Hint;
use base::report::Report;
use base::shell::path as quoted;

/// So many of the runs that were meant, perhaps.
const SHOWN: usize = 5;
/// The number of the system's error `EIO`, which the standard library gives no name.
const BROKEN_DISK: i32 = 5;

impl JournalError {
    fn exit(&self) -> Exit {
        match self {
            Self::Live { .. } | Self::TickLive { .. } | Self::LockHeld { .. } => Exit::Live,
            Self::BadId { .. }
            | Self::NoSuchRun { .. }
            | Self::NoRuns { .. }
            | Self::Ambiguous { .. }
            | Self::NoStateDir
            | Self::NotOurs { .. }
            | Self::OpenToOthers { .. }
            | Self::Unusable { .. } => Exit::Usage,
            _ => Exit::Failed,
        }
    }

    fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Live { id, .. } => vec![Hint::to("watch it", Command::follow(id))],
            Self::BadId { .. } => vec![Hint::to("see the ids", Command::list())],
            Self::NoSuchRun { near: runs, .. } => shown(runs.iter()),
            Self::Ambiguous { candidates, .. } => shown(candidates.iter().rev().take(SHOWN)),
            Self::NoRuns { .. } => {
                vec![format!("if the runs are in another directory: {STATE_DIR}, or RUNBOOK_STATE_DIR").into()]
            }
            Self::NoStateDir => {
                vec![format!("choose a directory: {STATE_DIR}, or export RUNBOOK_STATE_DIR=DIR").into()]
            }
            Self::NotOurs { .. } => vec![format!("use a directory of your own: {STATE_DIR}").into()],
            Self::OpenToOthers { dir, .. } => vec![
                on("remove the permission", "chmod go-w", dir),
                format!("or use another directory: {STATE_DIR}").into(),
            ],
            Self::Unusable { dir, .. } => vec![
                on("see its owner and mode", "ls -ld", dir),
                format!("or use another directory: {STATE_DIR}").into(),
            ],
            Self::Io { file, source, .. } => {
                io_hints(file.parent().unwrap_or(file), "resume", source)
            }
            Self::NotKept { dir, source } | Self::NotMade { dir, source } => {
                io_hints(dir, "run again", source)
            }
            Self::Broken { file, .. } => vec![
                "nothing was changed; the entries after the damage cannot be trusted".into(),
                format!(
                    "restore {} from a backup that has all its lines, then resume again: an older backup lacks the calls made since",
                    quoted(file)
                )
                .into(),
            ],
            Self::Older {
                file, checkpoints, ..
            } => vec![
                format!("restore the newer {}, then resume again", quoted(file)).into(),
                on(
                    "if the newer journal is lost, remove the checkpoints: a resume then continues from the older journal and looks up in AWS what was made since",
                    "rm -r",
                    checkpoints,
                ),
            ],
            Self::Newer { .. } => vec![Hint::to(
                "use the version of runbook that wrote it, or a newer one",
                Command::version(),
            )],
            Self::Index { dir, .. } => vec![on(
                "remove the checkpoints, and the next resume rebuilds them from the journal",
                "rm -r",
                dir,
            )],
            Self::TickLive { pid, .. } => process(*pid).into_iter().collect(),
            Self::LockHeld { holder, live, .. } => {
                let until = "wait until that run ends, then try again";
                let ended = live.iter().map(|id| Hint::to(until, Command::follow(id)));
                ended
                    .chain(process(holder.as_ref().map(|holder| holder.pid)))
                    .collect()
            }
            Self::Replaced { file } | Self::Removed { file } => put_back(file),
            Self::Illegal(_) | Self::Encoding { .. } | Self::Abandoned { .. } => Vec::new(),
        }
    }
}

/// The run's id is the name of its directory.
fn put_back(file: &Path) -> Vec<Hint> {
    let dir = file.parent().unwrap_or(file);
    let id = dir.file_name().unwrap_or_default().to_string_lossy();
    vec![
        format!(
            "if the journal is lost: what the run made carries the tag runbook:run={id} in AWS"
        )
        .into(),
        format!("to continue, first restore {}", quoted(dir)).into(),
    ]
}

fn process(pid: Option<u32>) -> Option<Hint> {
    let look = Command::shell(format!("ps -fp {}", pid?));
    Some(Hint::to("see the process", look))
}

fn shown<'a>(runs: impl Iterator<Item = &'a RunId>) -> Vec<Hint> {
    let all = Hint::to("see all runs", Command::list());
    runs.map(|id| Command::show(id).into())
        .chain([all])
        .collect()
}

/// Returns a hint to have another program do something with a file.
fn on(purpose: impl Into<String>, program: &str, path: &Path) -> Hint {
    Hint::to(
        purpose,
        Command::shell(format!("{program} {}", quoted(path))),
    )
}

fn done_again(keys: &[String]) -> String {
    let what = "the journal lacks the calls made after that entry, and a resume would repeat them";
    let shown: Vec<String> = keys
        .iter()
        .take(SHOWN)
        .map(|key| format!("`{key}`"))
        .collect();
    match keys.len() {
        0 => what.to_owned(),
        count if count > SHOWN => {
            format!("{what}: {} and {} more", shown.join(", "), count - SHOWN)
        }
        _ => format!("{what}: {}", shown.join(", ")),
    }
}

/// `then` is what may be done once there is room.
fn io_hints(dir: &Path, then: &str, source: &io::Error) -> Vec<Hint> {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            vec![on(format!("make room, then {then}"), "df -h", dir)]
        }
        io::ErrorKind::PermissionDenied => vec![on("see its owner and mode", "ls -l", dir)],
        _ if source.raw_os_error() == Some(BROKEN_DISK) => vec![Hint::to(
            "see the kernel's messages about the disk",
            Command::shell("dmesg | tail"),
        )],
        _ => Vec::new(),
    }
}

impl From<JournalError> for Report {
    fn from(error: JournalError) -> Self {
        let mut report = Self::new(error.exit(), error.to_string());
        if let JournalError::Older {
            last, known, keys, ..
        } = &error
        {
            report = report
                .cause(format!(
                    "the journal ends with entry {last} of {known}: it is an older copy, or it lost lines"
                ))
                .cause(done_again(keys));
        }
        let mut source = error.source();
        while let Some(cause) = source {
            // `Illegal` is part of the message already.
            if !cause.is::<Illegal>() {
                report = report.cause(cause.to_string());
            }
            source = cause.source();
        }
        report.with_hints(error.hints())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::io_error;

    fn id() -> RunId {
        RunId::parse("20260101-000000-build-1").unwrap()
    }

    #[test]
    fn a_live_run_says_who_has_it_and_how_to_watch() {
        let report = Report::from(JournalError::Live {
            id: id(),
            pid: Some(7),
        });
        assert_eq!(report.exit, Exit::Live);
        assert_eq!(
            report.message,
            "run `20260101-000000-build-1` is live in process 7"
        );
        assert_eq!(
            report.hints[0].line("runbook"),
            "watch it: runbook logs -f 20260101-000000-build-1"
        );
    }

    #[test]
    fn a_full_disk_says_which_and_what_to_do() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let report = Report::from(io_error("append to", Path::new("/s/a run/journal.jsonl"))(
            full,
        ));
        assert_eq!(report.exit, Exit::Failed);
        assert_eq!(report.message, "cannot append to `/s/a run/journal.jsonl`");
        assert_eq!(report.causes, ["no storage space"]);
        assert_eq!(
            report.hints[0].line("runbook"),
            "make room, then resume: df -h '/s/a run'"
        );
    }

    #[test]
    fn what_was_typed_wrongly_is_usage() {
        let part = "x".to_owned();
        for error in [
            JournalError::BadId { part: part.clone() },
            JournalError::NoSuchRun {
                dir: "/s".into(),
                part: part.clone(),
                near: vec![id()],
            },
            JournalError::NoRuns { dir: "/s".into() },
            JournalError::Ambiguous {
                part,
                candidates: vec![id()],
            },
            JournalError::NotOurs {
                dir: "/s".into(),
                owner: 0,
                user: 1,
            },
            JournalError::OpenToOthers {
                dir: "/s".into(),
                mode: 0o777,
            },
        ] {
            let report = Report::from(error);
            assert_eq!(report.exit, Exit::Usage, "{report:?}");
            assert!(!report.hints.is_empty(), "{report:?}");
        }
    }

    #[test]
    fn paths_are_quoted_for_the_shell() {
        assert_eq!(quoted(Path::new("/a/b-c.d")), "/a/b-c.d");
        assert_eq!(quoted(Path::new("/it's")), r"'/it'\''s'");
    }
}
