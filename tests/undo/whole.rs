//! A run that succeeded is undone.

use super::{events, remaining, undo};
use crate::build::{account, build};
use crate::harness::Test;

#[test]
fn a_whole_build_is_undone_once() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let ended = undo(&test).code(0);
    assert!(ended.stdout.contains(" is undone"), "{}", ended.stdout);
    assert!(remaining(&test).is_empty(), "{:?}", remaining(&test));
    let listed = test.runbook(&["list", "--output", "json"]).code(0).json();
    assert_eq!(listed["status"], "undone");
    let shown = test.runbook(&["show", "--output", "json"]).code(0).json();
    assert_eq!(
        (&shown["status"], &shown["next"]),
        (&"undone".into(), &().into())
    );

    let changes = account::changes(&test);
    let again = undo(&test).code(0);
    assert!(again.stdout.contains("was left"), "{}", again.stdout);
    assert_eq!(account::changes(&test), changes);
    let resumed = test.runbook(&["resume", "last"]).code(2);
    assert!(
        resumed.stderr.contains("cannot be resumed"),
        "{}",
        resumed.stderr
    );
    assert_eq!(account::changes(&test), changes);
}

#[test]
fn a_plan_changes_nothing_and_says_it_all() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let (before, entries) = (remaining(&test), test.journal());
    let planned = test.runbook(&["undo", "last", "--plan", "--output", "json"]);
    let planned = planned.code(0);
    let deletions = events(&planned, "would_delete");
    let summary = &events(&planned, "undo_planned")[0];
    assert_eq!(summary["count"], 17, "{summary}");
    assert_eq!(summary["account"], test.account());
    assert_eq!(summary["region"], "ap-northeast-1");
    assert_eq!((remaining(&test), test.journal()), (before, entries));

    let done = test
        .runbook(&["undo", "last", "--yes", "--output", "json"])
        .code(0);
    let deleted = events(&done, "deleted");
    let calls = |all: &[serde_json::Value]| -> Vec<String> {
        all.iter()
            .map(|one| format!("{} {}", one["operation"], one["id"]))
            .collect()
    };
    assert_eq!(calls(&deletions), calls(&deleted));
    assert_eq!(deleted.last().unwrap()["operation"], "delete_vpc");
}
