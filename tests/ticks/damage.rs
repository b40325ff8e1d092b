//! A memory that is damaged or cannot be written.

use std::fs;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use super::{COUNT, SECOND};
use crate::harness::Test;
use crate::store::mount::Mount;

#[test]
fn a_damaged_memory_is_moved_aside_and_the_tick_goes_on() {
    let test = Test::new().file("count.rhai", COUNT);
    for _ in 0..2 {
        test.runbook(&["run", "count.rhai"]).code(0);
    }
    let memory = test.memory().join("memory");
    let len = fs::metadata(&memory).unwrap().len();
    fs::write(&memory, vec![0; usize::try_from(len).unwrap()]).unwrap();
    let ended = test.runbook(&["run", "count.rhai"]).code(0);
    let said = regex::Regex::new(r"count-[0-9a-f]{8}|\d{8}-\d{6}")
        .unwrap()
        .replace_all(&test.stable(&ended.stderr), "<digits>")
        .into_owned();
    assert_snapshot!(said, @"
    warning: the memory `<digits>` was damaged (it is corrupt) and starts empty: counts start at zero and unsent news is lost; the rest of the damaged memory: <test>/state/ticks/<digits>/damaged-<digits>
    <time> tick 1
    ");
    let ended = test.runbook(&["run", "count.rhai"]).code(0);
    assert!(ended.stderr.contains("tick 2"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
}

#[test]
#[ignore = "needs root and mount"]
fn a_full_disk_fails_the_tick_before_its_effect_and_the_next_one_goes_on() {
    let disk = Mount::memory(256);
    let test = Test::new().aws().file("second.rhai", SECOND);
    symlink(disk.path(), test.state_dir()).unwrap();
    test.runbook(&["run", "second.rhai"]).code(0);
    let filler = disk.path().join("filler");
    let mut size = 256;
    while fs::write(&filler, vec![0; size * 1024]).is_err() {
        size -= 1;
    }
    let ended = test.runbook(&["run", "second.rhai"]).code(1);
    let hint = "make room, then run again: df -h ";
    assert!(ended.stderr.contains(hint), "{}", ended.stderr);
    assert!(!ended.stderr.contains("resume"), "{}", ended.stderr);
    assert!(!test.requests().to_string().contains("CreateVpc"));
    fs::remove_file(filler).unwrap();
    let ended = test.runbook(&["run", "second.rhai"]).code(0);
    assert!(ended.stderr.contains("tick 2"), "{}", ended.stderr);
}
