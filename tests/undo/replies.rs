//! Replies to deletions that are lost: what was deleted is not deleted again, nothing is forgotten.

use rehearse::proxy::{Fault, Injection, Name};

use super::{UNDO, events, journal, remaining};
use crate::build::build;
use crate::build::interruption::in_doubt;
use crate::ec2;
use crate::harness::{Door, Ended, Test};

/// Makes this go wrong with every call that takes something away, the first time it is made.
fn undone_through(fault: Fault, build: impl Fn(&Test) -> Ended) -> Test {
    let test = Test::new().aws();
    let mut door = Door::new(&test);
    let test = test.env("AWS_ENDPOINT_URL", &door.endpoint());
    build(&test).code(0);
    let planned = test
        .runbook(&["undo", "last", "--plan", "--output", "json"])
        .code(0);
    let injections = events(&planned, "would_delete").into_iter().map(|one| {
        let text = |member: &str| one[member].as_str().unwrap().to_owned();
        let (service, operation) = (text("service"), text("operation"));
        Injection {
            at: Name {
                origin: text("key"),
                operation: pascal(&operation),
                service,
                occurrence: 1,
            },
            fault,
        }
    });
    let injections: Vec<_> = injections.collect();
    let count = injections.len();
    let proxy = door.reopen(injections);
    test.runbook(&UNDO).code(0);
    assert!(proxy.left().is_empty() && count > 15, "{:?}", proxy.left());
    test
}

fn pascal(operation: &str) -> String {
    let words = operation.split('_');
    words
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}

#[track_caller]
fn assert_nothing_left(fault: Fault, build: impl Fn(&Test) -> Ended) {
    let test = undone_through(fault, build);
    let left = remaining(&test);
    assert!(left.is_empty(), "{fault:?}: {left:?}");
    assert!(in_doubt(&journal(&test)).is_empty(), "{fault:?}");
}

#[test]
fn lost_replies_and_errors_leave_nothing_behind() {
    for fault in [
        Fault::Dropped,
        Fault::ErrorAfter,
        Fault::ResetBefore,
        Fault::Throttled,
    ] {
        assert_nothing_left(fault, |test| build(test, &[]));
    }
}

#[test]
fn nor_do_they_of_a_build_on_ec2() {
    for fault in [Fault::Dropped, Fault::ErrorBefore] {
        assert_nothing_left(fault, |test| ec2::build(test, &[]));
    }
}
