//! Who may answer: people are uids, and the script's rules name them.

use super::{count, user};
use crate::harness::Test;

fn ruled(rules: &str) -> Test {
    let book = format!("fn main(params) {{ run::approve(\"Go on?\", #{{}}, {rules}).by }}");
    Test::new().env("USER", "alice").file("move.rhai", &book)
}

fn uid() -> u32 {
    rustix::process::getuid().as_raw()
}

#[test]
fn a_variable_makes_nobody_an_approver() {
    let test = ruled("#{approvers: [\"alice\", \"bob\"]}");
    test.runbook(&["run", "move.rhai"]).code(3);
    let ended = test.runbook(&["approve", "last"]).code(2);
    assert!(
        ended.stderr.contains("these may: alice, bob"),
        "{}",
        ended.stderr
    );
    assert_eq!(count(&test, "\"answered\""), 0);
}

#[test]
fn an_approver_is_known_by_name_and_by_uid() {
    for name in [user(), uid().to_string()] {
        let test = ruled(&format!("#{{approvers: [\"{name}\"]}}"));
        test.runbook(&["run", "move.rhai"]).code(3);
        test.runbook(&["approve", "last"]).code(0);
        test.runbook(&["resume", "last"]).code(0);
        let answered = &test.journal()[3]["record"]["answered"]["answer"]["by"];
        assert_eq!(answered["who"], user().as_str(), "{:?}", test.journal());
        assert_eq!(answered["uid"], uid());
    }
}

#[test]
fn nobody_approves_for_two_or_what_they_have_started() {
    let test = ruled("#{at_least: 2}");
    test.runbook(&["run", "move.rhai"]).code(3);
    test.runbook(&["approve", "last"]).code(0);
    let again = test.runbook(&["approve", "last"]).code(2);
    assert!(
        again.stderr.contains("has approved already"),
        "{}",
        again.stderr
    );
    test.runbook(&["resume", "last"]).code(3);
    let again = test.runbook(&["approve", "last"]).code(2);
    assert!(
        again.stderr.contains("has approved already"),
        "{}",
        again.stderr
    );
    test.runbook(&["approve", "last", "--deny"]).code(2);

    let test = ruled("#{not_starter: true}");
    test.runbook(&["run", "move.rhai"]).code(3);
    let own = test.runbook(&["approve", "last"]).code(2);
    assert!(own.stderr.contains("started the run"), "{}", own.stderr);
}

#[test]
fn mistaken_rules_are_an_error() {
    for (rules, problem) in [
        ("#{approver: [\"a\"]}", "unknown field `approver`"),
        ("#{at_least: 0}", "`at_least` is 1 or more"),
        (
            "#{approvers: [\"a\"], at_least: 2}",
            "more than there are `approvers`",
        ),
        ("#{approvers: []}", "names nobody"),
    ] {
        let ended = ruled(rules).runbook(&["run", "move.rhai"]).code(1);
        assert!(ended.stderr.contains(problem), "{}", ended.stderr);
    }
}
