//! Runs that are stopped from outside, and what is left of them.

use insta::assert_snapshot;
use rustix::process::{Pid, Signal, kill_process};

use super::{GATE, KEY};
use crate::harness::{Ended, Live, Test};

const WAITING: &str = "the gate opens: waiting";

fn gate() -> (Test, Live) {
    let test = Test::new()
        .aws()
        .file("gate.rhai", GATE)
        .file("key.rhai", KEY);
    let live = test.live(&["run", "gate.rhai"], WAITING);
    (test, live)
}

/// The rest of the gate's run, resumed with the gate open.
#[track_caller]
fn resumed(test: &Test) -> Ended {
    let gate = test.runs()[0]
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    let elsewhere = test.path("keys").display().to_string();
    test.runbook(&["--state-dir", &elsewhere, "run", "key.rhai"])
        .code(0);
    test.runbook(&["resume", &gate]).code(0)
}

#[track_caller]
fn interrupted_by(signal: Signal) -> (Test, Ended) {
    let (test, live) = gate();
    live.signal(signal);
    let ended = live.ended().code(130);
    assert_eq!(ended.stdout, "");
    (test, ended)
}

#[test]
fn ctrl_c_stops_in_order() {
    let (test, ended) = interrupted_by(Signal::INT);
    assert_snapshot!(test.stable(&ended.stderr), @"
    <time> run <run:gate>: gate.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    <time> prepare: started
    <time> prepare: done in <duration>
    <time> the gate opens: waiting, <duration> so far, <duration> left
    ✗ <run:gate> stopped after <duration>
    error: interrupted; the progress of the run is recorded
    hint:
        runbook resume <run:gate>
    ");
    let list = test.runbook(&["list"]).code(0).stdout;
    assert!(list.contains("interrupted"), "{list}");
    let ended = resumed(&test);
    assert_eq!(ended.stdout, "2\n");
    assert_snapshot!(test.stable(&ended.stderr), @"
    <time> run <run:gate>: gate.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>, attempt 2
    <time> prepare: reused
    <time> the gate opens: waiting, <duration> so far, <duration> left
    <time> the gate opens: waited <duration>
    <time> finish: started
    <time> finish: done in <duration>
    ✓ <run:gate> succeeded in <duration>
    ");
}

#[test]
fn a_request_to_terminate_does_the_same() {
    let (test, ended) = interrupted_by(Signal::TERM);
    assert!(
        ended.stderr.contains("error: interrupted"),
        "{}",
        ended.stderr
    );
    assert_eq!(resumed(&test).stdout, "2\n");
}

#[test]
fn a_terminal_that_goes_away_does_the_same() {
    let (test, _) = interrupted_by(Signal::HUP);
    assert_eq!(resumed(&test).stdout, "2\n");
}

#[test]
fn a_killed_run_is_interrupted_and_goes_on() {
    let (test, live) = gate();
    live.signal(Signal::KILL);
    assert_eq!(live.ended().code, None);
    let list = test.runbook(&["list"]).code(0).stdout;
    assert!(list.contains("interrupted"), "{list}");
    let shown = test.runbook(&["show"]).code(0).stdout;
    assert!(
        shown.contains("status     interrupted") && shown.contains("runbook resume "),
        "{shown}"
    );
    let ended = resumed(&test);
    assert_eq!(ended.stdout, "2\n");
    assert!(ended.stderr.contains("prepare: reused"), "{}", ended.stderr);
}

#[test]
fn ctrl_c_stops_a_script_that_never_pauses() {
    let script = "fn main(params) {\n    log::info(\"off it goes\");\n    let n = 0;\n    loop { n += 1; n %= 7; }\n}";
    let test = Test::new().file("book.rhai", script);
    let live = test.live(&["run", "book.rhai"], "off it goes");
    live.signal(Signal::INT);
    live.ended().code(130);
}

#[test]
fn ctrl_c_stops_every_branch() {
    let script = r#"fn main(params) {
    run::parallel(["one", "two"], |name| run::wait_until("forever", #{every: "1h", timeout: "1000h"}, || false))
}"#;
    let test = Test::new().file("book.rhai", script);
    let mut live = test.live(&["run", "book.rhai"], "forever: waiting");
    live.until("forever: waiting");
    live.signal(Signal::INT);
    let ended = live.ended().code(130);
    assert_eq!(
        ended.stderr.matches("error:").count(),
        1,
        "{}",
        ended.stderr
    );
}

#[test]
fn a_script_that_grows_without_end_is_stopped() {
    let test = Test::new().file(
        "book.rhai",
        "fn main(params) {\n    let s = \"x\";\n    loop { s += s; }\n}",
    );
    let ended = test.runbook(&["run", "book.rhai"]).code(1);
    assert!(
        ended.stderr.contains("length of string too large"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_function_that_calls_itself_without_end_is_stopped() {
    let test = Test::new().file(
        "book.rhai",
        "fn deeper(n) { deeper(n + 1) }\nfn main(params) { deeper(0) }",
    );
    let ended = test.runbook(&["run", "book.rhai"]).code(1);
    assert!(
        ended
            .stderr
            .contains("error: the calls are nested too deep"),
        "{}",
        ended.stderr
    );
}

/// An endpoint that takes the question who is calling and never answers.
#[test]
fn ctrl_c_ends_the_question_who_is_calling() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let test = Test::new()
        .aws()
        .env("AWS_ENDPOINT_URL", &endpoint)
        .file("gate.rhai", GATE);
    let run = test.spawn(&["run", "gate.rhai"]);
    let asked = silent.accept().unwrap();
    kill_process(Pid::from_child(&run), Signal::INT).unwrap();
    let ended = Ended::from(run.wait_with_output().unwrap()).code(130);
    drop(asked);
    assert_snapshot!(ended.stderr, @"
    error: interrupted before AWS identified the caller
    hint: nothing was started: run the same command again
    ");
    assert!(test.runs().is_empty());
}
