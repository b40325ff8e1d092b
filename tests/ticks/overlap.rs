//! Two processes and one tick.

use rustix::process::Signal;

use super::GATE;
use crate::harness::{Ended, Test};

#[test]
fn who_comes_second_says_who_is_at_it_and_leaves() {
    let test = Test::new().aws().file("gate.rhai", GATE);
    let first = test.live(&["run", "gate.rhai"], "at the gate");
    for args in [&["run", "gate.rhai"][..], &["every", "5s", "gate.rhai"]] {
        let said = |ended: Ended| {
            let said = ended.stderr.replace(&first.id().to_string(), "<first>");
            without_digest(&said)
        };
        let busy = "a tick of `gate-<digest>` is running in process <first>\n";
        let second = test.runbook(args).code(0);
        assert_eq!(said(second), format!("skipped: {busy}"));
        let second = test
            .runbook(&[args, &["--on-overlap", "fail"]].concat())
            .code(6);
        let hint = "hint: see the process: ps -fp <first>\n";
        assert_eq!(said(second), format!("error: {busy}{hint}"));
    }
    test.open_the_gate();
    first.ended().code(0);
    test.runbook(&["run", "gate.rhai", "--on-overlap", "fail"])
        .code(0);
}

#[test]
fn a_killed_one_holds_nothing() {
    let test = Test::new().aws().file("gate.rhai", GATE);
    let first = test.live(&["run", "gate.rhai"], "at the gate");
    first.signal(Signal::KILL);
    drop(first);
    test.open_the_gate();
    test.runbook(&["run", "gate.rhai", "--on-overlap", "fail"])
        .code(0);
}

#[test]
fn another_site_is_another_tick() {
    let test = Test::new().aws().file("gate.rhai", GATE).file("a.toml", "");
    let _first = test.live(&["run", "gate.rhai"], "at the gate");
    let second = test.live(&["run", "gate.rhai", "--site", "a.toml"], "at the gate");
    second.signal(Signal::INT);
    let ended = second.ended().code(130);
    assert!(
        ended.stderr.contains("interrupted; nothing was changed"),
        "{}",
        ended.stderr
    );
}

fn without_digest(text: &str) -> String {
    regex::Regex::new("gate-[0-9a-f]{8}")
        .unwrap()
        .replace_all(text, "gate-<digest>")
        .into_owned()
}
