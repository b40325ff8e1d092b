//! At a terminal: the question is asked there.

use std::io::Write;
use std::process::Stdio;

use rustix::process::Signal;

use super::{MOVE, by, count, world};
use crate::harness::{Ended, Terminal, Test};

const PROMPT: &str = "approve? [y/N]";

fn asked(test: &Test) -> Terminal {
    test.at_terminal(&["run", "move.rhai"], PROMPT)
}

fn answered(typed: &str) -> (Test, Ended) {
    let test = world(MOVE);
    let mut terminal = asked(&test);
    terminal.types(typed);
    (test, terminal.ended())
}

#[test]
fn yes_goes_on() {
    for kind in ["dumb", "xterm"] {
        let test = world(MOVE).env("TERM", kind);
        let mut terminal = asked(&test);
        terminal.types("y\n");
        let ended = terminal.ended().code(0);
        assert!(
            ended.stderr.contains("Move the traffic of az1?"),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains("i-2"), "{}", ended.stderr);
        assert_eq!(ended.stdout, by("terminal"), "{kind}");
        assert_eq!(count(&test, "moved"), 1);
    }
}

#[test]
fn no_and_nothing_are_refusals() {
    for typed in ["n\n", "\n"] {
        let (test, ended) = answered(typed);
        let ended = ended.code(1);
        assert!(ended.stderr.contains("did not approve"), "{}", ended.stderr);
        assert_eq!(count(&test, "moved"), 0);
    }
}

#[test]
fn what_is_neither_is_asked_again() {
    let test = world(MOVE);
    let mut terminal = asked(&test);
    terminal.types("maybe\n");
    terminal.until(PROMPT);
    terminal.types("yes\n");
    terminal.ended().code(0);
}

#[test]
fn what_was_typed_ahead_is_no_answer() {
    let test = world(MOVE);
    let mut terminal = test.at_terminal_after("y\ny\n", &["run", "move.rhai"], PROMPT);
    terminal.types("n\n");
    terminal.ended().code(1);
    assert_eq!(count(&test, "moved"), 0);
}

#[test]
fn ctrl_d_leaves_the_question_for_later() {
    let (test, ended) = answered("\u{4}");
    ended.code(3);
    test.runbook(&["approve", "last"]).code(0);
    test.runbook(&["resume", "last"]).code(0);
}

#[test]
fn ctrl_c_and_a_kill_leave_it_to_be_asked_again() {
    for (signal, code) in [(Signal::INT, Some(130)), (Signal::KILL, None)] {
        let test = world(MOVE);
        let terminal = asked(&test);
        terminal.signal(signal);
        assert_eq!(terminal.ended().code, code);
        let mut terminal = test.at_terminal(&["resume", "last"], PROMPT);
        terminal.types("y\n");
        terminal.ended().code(0);
        assert_eq!((count(&test, "looked"), count(&test, "moved")), (1, 1));
    }
}

#[test]
fn a_live_question_is_answered_where_it_is_asked() {
    let test = world(MOVE);
    let mut terminal = asked(&test);
    test.runbook(&["approve", "last"]).code(6);
    terminal.types("y\n");
    terminal.ended().code(0);
}

#[test]
fn branches_ask_one_after_the_other() {
    let test = world(
        r#"
        fn main(params) {
            run::parallel(#{az1: || run::approve("Move az1?"), az2: || run::approve("Move az2?")});
        }
    "#,
    );
    let mut terminal = asked(&test);
    terminal.types("y\n");
    terminal.until(PROMPT);
    terminal.types("y\n");
    terminal.ended().code(0);
    assert_eq!(count(&test, "\"answered\""), 2);
}

#[test]
fn a_pipe_is_nobody() {
    let test = world(MOVE);
    let mut child = test
        .command(&["run", "move.rhai"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"y\n").unwrap();
    Ended::from(child.wait_with_output().unwrap()).code(3);
    assert_eq!(count(&test, "moved"), 0);
}

#[test]
fn a_program_that_reads_the_output_is_nobody_either() {
    let test = world(MOVE);
    let arguments = ["run", "move.rhai", "--output", "json"];
    let terminal = test.at_terminal(&arguments, "");
    terminal.ended().code(3);
}
