//! Where AWS takes its time: waits are seen, stopped at once by Ctrl-C, and taken up again.

use rustix::process::Signal;

use super::{journal, remaining, undo};
use crate::build::{build, killed};
use crate::harness::{Test, emulator};

/// Seconds for a stage of a stop, of which there are three.
const PACE: f64 = 0.3;

const PATIENT: [&str; 5] = ["undo", "last", "--yes", "--timeout", "30s"];

fn slow() -> Test {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    emulator(test.account())
        .set_pace(test.account(), PACE)
        .unwrap();
    test
}

fn undo_patiently(test: &Test) {
    let ended = test.runbook(&PATIENT);
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    assert!(remaining(test).is_empty(), "{:?}", remaining(test));
}

#[test]
fn ctrl_c_ends_a_wait_at_once_and_the_undo_goes_on() {
    let test = slow();
    emulator(test.account())
        .set_pace(test.account(), 3600.0)
        .unwrap();
    let live = test.live(&["undo", "last", "--yes"], "to be stopped: waiting");
    live.signal(Signal::INT);
    // Had it waited on, it would have ended with its deadline.
    let ended = live.ended().code(130);
    assert!(ended.stderr.contains("runbook undo "), "{}", ended.stderr);
    emulator(test.account())
        .set_pace(test.account(), 0.0)
        .unwrap();
    undo_patiently(&test);
}

#[test]
fn killed_while_the_instances_stop_the_undo_goes_on() {
    for stopped in [1, 2] {
        let test = slow();
        // The undo's start, what goes along, and two entries a stop.
        let point = test.journal().len() + 2 + 2 * stopped;
        killed(&test, &format!("after:{point}"), &PATIENT);
        let last = &journal(&test).pop().unwrap()["record"]["effect_finished"]["key"];
        let last = last.as_str().unwrap();
        assert!(last.starts_with("[undo]/opsworks.stop_instance"), "{last}");
        undo_patiently(&test);
    }
}

#[test]
fn what_takes_too_long_is_left_and_can_be_undone_later() {
    let test = slow();
    emulator(test.account())
        .set_pace(test.account(), 3600.0)
        .unwrap();
    let ended = test
        .runbook(&["undo", "last", "--yes", "--timeout", "1s"])
        .code(1);
    for text in ["timed out after", "runbook undo"] {
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(said.contains(text), "{text}: {said}");
    }
    let listed = test.runbook(&["list", "--output", "json"]).code(0).json();
    assert_eq!(listed["status"], "undoing");
    emulator(test.account())
        .set_pace(test.account(), 0.0)
        .unwrap();
    undo(&test).code(0);
    assert!(remaining(&test).is_empty());
}
