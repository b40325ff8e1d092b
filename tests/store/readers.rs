//! `list`, `show` and `logs` beside a run that is live: nobody waits for anybody.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use super::holder::Holder;
use super::shim::shim;
use crate::harness::Test;

const RUNBOOK: &str =
    "fn main(params) { log::info(`one`); log::info(`two`); run::step(`three`, || 3) }";
/// Of the run below; `two` is the third.
const ENTRIES: usize = 6;

/// What the run's directory is: every file with its bytes, and when it was last changed in any way.
fn picture(dir: &Path) -> BTreeMap<PathBuf, (i64, i64, Vec<u8>)> {
    let mut picture = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::metadata(&path).unwrap();
        let bytes = if metadata.is_dir() {
            picture.extend(self::picture(&path));
            Vec::new()
        } else {
            fs::read(&path).unwrap()
        };
        picture.insert(path, (metadata.ctime(), metadata.ctime_nsec(), bytes));
    }
    picture
}

/// Starts a run that stops itself in the middle of an append.
fn stopped_at(test: &Test, write: usize) -> Holder {
    let mut command = test.command(&["run", "book.rhai"]);
    command.envs(shim("STORE_STOP", write.to_string()));
    let holder = Holder::of(command.spawn().unwrap());
    holder.until_stopped();
    holder
}

#[track_caller]
fn answer(test: &Test, args: &[&str], expected: i32) -> String {
    let ended = Holder::of(test.spawn(args)).ended().code(expected);
    ended.stdout + ended.stderr.as_str()
}

#[test]
fn a_run_that_is_stopped_in_the_middle_of_an_append_keeps_no_reader() {
    for write in 2..=ENTRIES {
        let test = Test::new().file("book.rhai", RUNBOOK);
        let run = stopped_at(&test, write);
        let dir = test.runs().pop().unwrap();
        let before = picture(&dir);
        assert!(answer(&test, &["list"], 0).contains("live"));
        assert!(answer(&test, &["show"], 0).contains("live"));
        assert_eq!(answer(&test, &["logs"], 0).lines().count(), write - 1);
        answer(&test, &["resume", "last"], 6);
        assert_eq!(picture(&dir), before, "a reader wrote");
        let mut follower = test.spawn(&["logs", "-f"]);
        let mut followed = BufReader::new(follower.stdout.take().unwrap());
        let mut text = String::new();
        for _ in 1..write {
            followed.read_line(&mut text).unwrap();
        }
        assert_eq!(picture(&dir), before, "a follower wrote");
        run.signal(Signal::CONT);
        run.ended().code(0);
        followed.read_to_string(&mut text).unwrap();
        assert_eq!(follower.wait().unwrap().code(), Some(0));
        assert_eq!(text, answer(&test, &["logs"], 0));
        assert_eq!(text.lines().count(), ENTRIES);
    }
}
