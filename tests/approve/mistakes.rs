//! What cannot be asked or answered.

use super::{MOVE, count, world};
use crate::build::rehearsal::rehearsing;

#[test]
fn a_run_that_asks_nothing_takes_no_answer() {
    let test = world("fn main(params) { run::step(\"one\", || 1) }");
    test.runbook(&["run", "move.rhai"]).code(0);
    let ended = test.runbook(&["approve", "last"]).code(2);
    assert!(
        ended.stderr.contains("asks for no approval"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_question_is_answered_once_and_under_its_key() {
    let test = world(MOVE);
    test.runbook(&["run", "move.rhai"]).code(3);
    let ended = test.runbook(&["approve", "last", "run.aprove"]).code(2);
    assert!(
        ended.stderr.contains("did you mean `run.approve`?"),
        "{}",
        ended.stderr
    );
    test.runbook(&["approve", "last"]).code(0);
    for arguments in [
        &["approve", "last", "--deny"][..],
        &["approve", "last", "run.approve"],
    ] {
        let ended = test.runbook(arguments).code(2);
        assert!(
            ended.stderr.contains("is already approved"),
            "{}",
            ended.stderr
        );
    }
    assert_eq!(count(&test, "\"answered\""), 1);
}

#[test]
fn a_tick_has_nobody_to_ask() {
    let test = world("const TICK = true; fn main(params) { run::approve(\"go?\") }");
    let ended = test.runbook(&["run", "move.rhai"]).code(1);
    assert!(
        ended.stderr.contains("a tick cannot ask for approval"),
        "{}",
        ended.stderr
    );
    assert!(test.runs().is_empty());
}

#[test]
fn an_empty_question_and_one_before_the_run_are_refused() {
    let test = world("fn main(params) { run::approve(\" \") }");
    let ended = test.runbook(&["run", "move.rhai"]).code(1);
    assert!(
        ended.stderr.contains("needs a question"),
        "{}",
        ended.stderr
    );
    let test = world("fn validate(params) { run::approve(\"go?\"); } fn main(params) { }");
    let ended = test.runbook(&["run", "move.rhai"]).code(2);
    assert!(
        ended.stderr.contains("belongs in `main`"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_dry_run_asks_nobody_and_says_what_it_would_ask() {
    let test = world(MOVE);
    let ended = test.runbook(&["run", "move.rhai", "--dry-run"]).code(0);
    assert!(
        ended.stderr.contains("would call run.approve"),
        "{}",
        ended.stderr
    );
    assert!(test.runs().is_empty());
}

#[test]
fn a_rehearsal_approves_by_itself_and_says_so() {
    let test = rehearsing().file("move.rhai", MOVE);
    let ended = test.runbook(&["rehearse", "move.rhai"]).code(0);
    assert!(
        ended.stderr.contains("a rehearsal approves by itself"),
        "{}",
        ended.stderr
    );
}
