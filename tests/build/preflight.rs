//! Nothing is made beside what is there already.

use super::census::{assert_same, canonical};
use super::python::change;
use super::shapes::THREE_ZONES;
use super::{RUNBOOK, account, build};
use crate::harness::Test;

/// Makes what `before` says, then expects a build to stop at it and to make nothing.
#[track_caller]
fn refused(test: &Test, said: &str) {
    let (there, changes) = (canonical(test), account::changes(test).len());
    let ended = build(test, &[]).code(1);
    assert!(
        ended
            .stderr
            .contains("nothing was made, since something is in the way"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert_eq!(account::changes(test).len(), changes);
    assert_same(&canonical(test), &there, "a refused build");
}

#[test]
fn a_vpc_of_that_name_is_in_the_way() {
    let test = Test::new().aws();
    change(&test, &["vpc", "MyVPC", "10.9.0.0/16"]);
    refused(&test, "is already named MyVPC");
}

#[test]
fn a_vpc_with_those_addresses_is_in_the_way() {
    let test = Test::new().aws();
    change(&test, &["vpc", "Other", "10.0.0.0/16"]);
    refused(&test, "already has the addresses 10.0.0.0/16");
}

#[test]
fn a_stack_of_that_name_is_in_the_way() {
    let test = Test::new().aws();
    test.write("other.toml", THREE_ZONES);
    test.runbook(&[
        "run",
        RUNBOOK,
        "--site",
        "other.toml",
        "--set",
        "stack_name=MyStack",
    ])
    .code(0);
    refused(&test, "is already named MyStack");
}

#[test]
fn a_second_build_is_refused_with_everything_in_the_way() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    refused(&test, "is already named MyStack");
    let first = test.runs()[0].file_name().unwrap().to_owned();
    let ended = test.runbook(&["resume", "last"]).code(1);
    let undo = format!("to take it down: runbook undo {}", first.display());
    assert!(ended.stderr.contains(&undo), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("is already named MyVPC"),
        "{}",
        ended.stderr
    );
}

#[test]
fn the_sites_region_comes_before_the_environments() {
    let test = Test::new().aws().env("AWS_REGION", "us-east-1");
    build(&test, &[]).code(0);
    assert!(
        account::changes(&test)
            .iter()
            .all(|request| request["region"] == "ap-northeast-1")
    );
}
