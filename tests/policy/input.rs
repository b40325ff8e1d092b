//! What `plan` is asked wrongly.

use crate::build::{EC2_SITE, RUNBOOK, SITE};
use crate::harness::Test;

#[test]
fn it_needs_to_know_what_to_plan() {
    let ended = Test::new().runbook(&["plan", RUNBOOK]).code(2);
    assert!(ended.stderr.contains("--policy"), "{}", ended.stderr);
}

#[test]
fn wrong_settings_and_scripts_are_told_as_by_check() {
    let test = Test::new().file("book.rhai", "fn main(params) { nothing() }");
    let ended = test.runbook(&["plan", "book.rhai", "--policy"]).code(2);
    assert!(
        ended.stderr.contains("there is no function `nothing`"),
        "{}",
        ended.stderr
    );
    let ended = test.runbook(&[
        "plan",
        RUNBOOK,
        "--policy",
        "--site",
        SITE,
        "--set",
        "nonsense=1",
    ]);
    let ended = ended.code(2);
    assert!(ended.stderr.contains("nonsense"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

#[test]
fn an_account_is_twelve_digits() {
    let test = Test::new();
    let ended = test
        .runbook(&["plan", RUNBOOK, "--policy", "--account", "mine"])
        .code(2);
    assert!(ended.stderr.contains("12 digits"), "{}", ended.stderr);
    let ended = test
        .runbook(&[
            "plan",
            RUNBOOK,
            "--policy",
            "--site",
            SITE,
            "--account",
            "123456789012",
        ])
        .code(0);
    assert!(
        ended.stdout.contains(":123456789012:vpc/*"),
        "{}",
        ended.stdout
    );
}

/// A role that can be made, empowered and passed on is as powerful as its maker likes.
#[test]
fn a_policy_is_not_for_any_role() {
    let ended = Test::new().runbook(&["plan", RUNBOOK, "--policy"]).code(2);
    assert!(ended.stderr.contains("--site FILE"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

#[test]
fn patterns_in_settings_are_refused() {
    for (setting, said) in [
        ("nat_instance_profile=nat-*", "more than one resource"),
        ("ssh_key_name=?", "more than one resource"),
        (
            "nat_permissions_boundary=arn:aws:iam::123456789012:policy/*",
            "more than one resource",
        ),
        ("runbook_url=s3://*/*", "more than one object"),
        (
            "runbook_url=s3://bucket/${aws:username}",
            "more than one object",
        ),
    ] {
        let plan = ["plan", RUNBOOK, "--policy", "--site", EC2_SITE, "--set"];
        let ended = Test::new()
            .runbook(&[&plan[..], &[setting]].concat())
            .code(2);
        assert!(ended.stderr.contains(said), "{setting}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn a_runbook_without_aws_needs_no_rights() {
    let test = Test::new().file("book.rhai", "fn main(params) { run::sleep(\"1s\") }");
    let policy = super::policy(&test, &["book.rhai"]);
    assert_eq!(policy["Statement"], serde_json::json!([]));
}
