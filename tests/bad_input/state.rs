//! A state directory that cannot be trusted or used.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};

use insta::assert_snapshot;

use super::refused;
use crate::harness::Test;

fn test() -> Test {
    let test = Test::new().file("book.rhai", "fn main(params) { 1 }");
    fs::create_dir(test.state_dir()).unwrap();
    fs::set_permissions(test.state_dir(), Permissions::from_mode(0o700)).unwrap();
    test
}

/// Every command says the same.
#[track_caller]
fn all(test: &Test) -> String {
    let said = refused(test, &["run", "book.rhai"]);
    for command in [&["list"][..], &["show"], &["logs"], &["resume", "last"]] {
        assert_eq!(refused(test, command), said);
    }
    said
}

#[test]
#[ignore = "needs root"]
fn it_belongs_to_somebody_else() {
    let test = test();
    chown(test.state_dir(), Some(12_345), None).unwrap();
    assert_snapshot!(all(&test), @"
    error: state directory `<test>/state` belongs to user id 12345, not to user id 0
    hint: use a directory of your own: --state-dir DIR
    ");
    assert_eq!(fs::read_dir(test.state_dir()).unwrap().count(), 0);
}

#[test]
fn others_can_write_in_it() {
    let test = test();
    for mode in [0o777, 0o720] {
        fs::set_permissions(test.state_dir(), Permissions::from_mode(mode)).unwrap();
        let said = all(&test);
        assert!(said.contains(&format!("its mode is {mode:04o}")), "{said}");
    }
    assert_snapshot!(all(&test), @"
    error: state directory `<test>/state` is writable by other users: its mode is 0720
    hint: remove the permission: chmod go-w <test>/state
    hint: or use another directory: --state-dir DIR
    ");
    assert_eq!(fs::read_dir(test.state_dir()).unwrap().count(), 0);
}

#[test]
fn it_is_no_directory() {
    let test = test();
    fs::remove_dir(test.state_dir()).unwrap();
    test.write("state", "");
    assert_snapshot!(all(&test), @"
    error: state directory `<test>/state` cannot be used
    caused by:
      1. not a directory
    hint: see its owner and mode: ls -ld <test>/state
    hint: or use another directory: --state-dir DIR
    ");
}

#[test]
fn nothing_can_be_made_in_it() {
    let test = test().env("RUNBOOK_STATE_DIR", "/proc/self/runbook");
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @"
    error: state directory `/proc/self/runbook` cannot be used
    caused by:
      1. No such file or directory (os error 2)
    hint: see its owner and mode: ls -ld /proc/self/runbook
    hint: or use another directory: --state-dir DIR
    ");
}

#[test]
fn there_is_none() {
    let test = test().env("RUNBOOK_STATE_DIR", "").env("HOME", "");
    assert_snapshot!(all(&test), @"
    error: no state directory: neither RUNBOOK_STATE_DIR, XDG_STATE_HOME nor HOME is set
    hint: choose a directory: --state-dir DIR, or export RUNBOOK_STATE_DIR=DIR
    ");
}

#[test]
fn the_settle_window_is_no_duration() {
    let test = test().env("RUNBOOK_SETTLE_WINDOW", "soon");
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @"
    error: RUNBOOK_SETTLE_WINDOW: `soon` is not a duration: write for example `500ms`, `<duration>`, `2m` or `1h 30m`
    ");
}
