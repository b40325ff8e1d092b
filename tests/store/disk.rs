//! A disk that is full or broken: the run stops before its next call, and goes on once there is room.

use std::fs;
use std::os::unix::fs::symlink;

use super::appender::{Appender, Told};
use super::mount::Mount;
use super::shim::{BROKEN, NO_SPACE, shim};
use super::small::{self, Small};
use crate::harness::{Ended, Test, tell};

/// KiB.
const DISK: usize = 512;

/// Runs with a disk that fails as told; returns how it ended, and what it asked of the system after that.
fn failing(test: &Test, fail: &str) -> (Ended, Vec<String>) {
    let trace = test.path("trace");
    let output = test
        .command(&small::RUN)
        .envs(shim("STORE_TRACE", trace.display().to_string()))
        .envs(shim("STORE_FAIL", fail.to_owned()))
        .output()
        .unwrap();
    let trace = fs::read_to_string(trace).unwrap();
    let after = trace.lines().skip_while(|line| *line != "failed");
    (output.into(), after.map(str::to_owned).collect())
}

/// Fails at each write or sync of the log in turn, until there are no more.
fn at_each(call: &str, error: u32, check: impl Fn(&Ended, &[String])) -> usize {
    for number in 1.. {
        let test = small::test();
        let (ended, after) = failing(&test, &format!("{call}:{number}:{error}"));
        if after.is_empty() {
            ended.code(0);
            return number - 1;
        }
        let ended = ended.code(1);
        assert!(
            !after.iter().any(|line| line.starts_with("send")),
            "{number}: {after:?}"
        );
        assert!(!ended.stderr.contains("succeeded"), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        check(&ended, &after);
        goes_on(&test, &ended);
    }
    0
}

/// Resumes what is there, or starts where nothing is, and checks that everything was made once.
#[track_caller]
fn goes_on(test: &Test, stopped: &Ended) {
    let state = test.state_dir().join("runs");
    let intents = small::intents(test);
    assert!(
        Small::of(test).sent.keys().all(|key| intents.contains(key)),
        "{intents:?}"
    );
    if test.runs().is_empty() {
        let left = fs::read_dir(state).map_or(0, Iterator::count);
        assert_eq!(left, 0, "something is left over");
        test.runbook(&small::RUN).code(0);
    } else if !test.has_succeeded() {
        let resume = "    runbook resume ";
        assert!(stopped.stderr.contains(resume), "{}", stopped.stderr);
        test.runbook(&["resume", "last"]).code(0);
    }
    Small::of(test).assert_whole();
}

#[test]
fn full_at_any_entry_the_run_stops_and_goes_on_once_there_is_room() {
    let entries = at_each("write", NO_SPACE, |ended, _| {
        for part in ["(os error 28)", "make room, then "] {
            assert!(ended.stderr.contains(part), "{}", ended.stderr);
        }
    });
    assert_eq!(entries, 14);
}

#[test]
fn after_a_sync_that_failed_nothing_is_written_or_sent_and_a_resume_goes_on() {
    let syncs = at_each("sync", BROKEN, |ended, after| {
        assert!(ended.stderr.contains("(os error 5)"), "{}", ended.stderr);
        let later = after.iter().find(|line| line.starts_with("write"));
        assert_eq!(
            later, None,
            "a sync that works after one that failed proves nothing"
        );
    });
    assert!(syncs >= 12, "{syncs}");
}

#[test]
#[ignore = "needs root and mount"]
fn on_a_disk_that_is_soon_full_the_run_stops_and_goes_on_once_there_is_room() {
    let mut stopped = 0;
    for left in (0..=48).step_by(4) {
        let disk = Mount::memory(DISK);
        let test = small::test();
        symlink(disk.path(), test.state_dir()).unwrap();
        let filler = disk.path().join("filler");
        fs::write(&filler, vec![0; (DISK - left) * 1024]).unwrap();
        let ended = test.runbook(&small::RUN);
        fs::remove_file(filler).unwrap();
        if ended.code == Some(0) {
            Small::of(&test).assert_whole();
            continue;
        }
        let ended = ended.code(1);
        assert!(
            ended.stderr.contains("make room, then "),
            "{}",
            ended.stderr
        );
        goes_on(&test, &ended);
        stopped += 1;
    }
    tell(&format!(
        "runs that a full disk stopped, and that went on once there was room: {stopped}"
    ));
    assert!(stopped >= 4, "{stopped}");
}

/// The log and the checkpoints grow by turns, and either may be the first that finds no room.
#[test]
#[ignore = "needs root and mount"]
fn a_disk_that_fills_up_while_branches_append_loses_nothing() {
    for size in (200..1400).step_by(100) {
        let disk = Mount::memory(size);
        let state = disk.path().join("state");
        let mut appender = Appender::start(&state, 4, &[]);
        appender.go(u32::MAX);
        let mut durable = 0;
        let problem = loop {
            match appender.next() {
                Some(Told::Durable(seq, _)) => durable = durable.max(seq),
                Some(Told::Stopped(problem)) => break problem,
                Some(Told::Opening | Told::Opened(_)) => {}
                None => panic!("the process broke off"),
            }
        };
        assert!(problem.starts_with("cannot "), "{problem}");
        appender.kill();
        disk.grow(4 * size);
        let mut appender = Appender::start(&state, 1, &[]);
        assert_eq!(appender.next(), Some(Told::Opening));
        let opened = appender.next();
        assert!(
            matches!(opened, Some(Told::Opened(seq)) if seq >= durable),
            "{opened:?}, {durable}"
        );
        appender.kill();
    }
}
