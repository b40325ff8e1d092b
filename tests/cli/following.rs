//! `logs -f` prints what comes until the run ends.

use super::{GATE, KEY};
use crate::harness::Test;

#[test]
fn it_ends_with_the_run_and_has_printed_everything() {
    let test = Test::new()
        .aws()
        .file("gate.rhai", GATE)
        .file("key.rhai", KEY);
    let run = test.live(&["run", "gate.rhai"], "the gate opens: waiting");
    let follower = test.spawn(&["logs", "-f", "gate"]);
    let elsewhere = test.path("keys").display().to_string();
    test.runbook(&["--state-dir", &elsewhere, "run", "key.rhai"])
        .code(0);
    run.ended().code(0);
    let followed = follower.wait_with_output().unwrap();
    assert_eq!(followed.status.code(), Some(0));
    let followed = String::from_utf8(followed.stdout).unwrap();
    assert_eq!(followed, test.runbook(&["logs", "gate"]).code(0).stdout);
    assert!(
        followed.trim_end().ends_with("run succeeded 2"),
        "{followed}"
    );
}

#[test]
fn it_ends_with_a_run_that_is_killed() {
    let test = Test::new().aws().file("gate.rhai", GATE);
    let run = test.live(&["run", "gate.rhai"], "the gate opens: waiting");
    let follower = test.spawn(&["logs", "--follow"]);
    drop(run);
    let followed = follower.wait_with_output().unwrap();
    assert_eq!(followed.status.code(), Some(0));
    assert!(
        String::from_utf8(followed.stdout)
            .unwrap()
            .contains("the gate opens: waiting")
    );
}

#[test]
fn of_a_run_that_has_ended_it_prints_the_log() {
    let test = Test::new().file("book.rhai", "fn main(params) { 1 }");
    test.runbook(&["run", "book.rhai"]).code(0);
    assert_eq!(
        test.runbook(&["logs", "-f"]).code(0).stdout,
        test.runbook(&["logs"]).code(0).stdout
    );
}
