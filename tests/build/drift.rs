//! The look at the end tells what is not as it was asked for.

use super::python::change;
use super::{arguments, build, killed};
use crate::harness::Test;

/// Kills a build just before its last entry, so that a resume has only the look at the end before it.
fn all_but_ended() -> Test {
    let plain = Test::new().aws();
    build(&plain, &[]).code(0);
    let last = plain.journal().len();
    let test = Test::new().aws();
    killed(
        &test,
        &format!("before:{last}"),
        &arguments(&["--set", "timeout_verify=10ms"]),
    );
    test
}

#[test]
fn each_difference_is_named_until_it_is_put_right() {
    let test = all_but_ended();
    let private = "MyVPC private segment AZ1";
    let public = "MyVPC public segment AZ2";
    let drifts: [(&[&str], &[&str], &str); 5] = [
        (
            &["route", private, "0.0.0.0/0", "gateway"],
            &["route", private, "0.0.0.0/0", "nat1"],
            "the target of 0.0.0.0/0 in rtb-",
        ),
        (
            &["route", public, "8.8.8.8/32", "nat2"],
            &["route", public, "8.8.8.8/32", "nat1"],
            "the target of 8.8.8.8/32 in rtb-",
        ),
        (
            &["remove", public, "8.8.8.8/32"],
            &["add", public, "8.8.8.8/32", "nat1"],
            "has no route 8.8.8.8/32 to i-",
        ),
        (
            &["add", private, "9.9.9.9/32", "nat1"],
            &["remove", private, "9.9.9.9/32"],
            "has a route that nobody asked for: 9.9.9.9/32 to i-",
        ),
        (
            &["check", "nat2", "on"],
            &["check", "nat2", "off"],
            "the source and destination check of the NAT i-",
        ),
    ];
    for (drift, mend, said) in drifts {
        change(&test, drift);
        let ended = test.runbook(&["resume", "last"]).code(1);
        assert!(
            ended
                .stderr
                .contains("what was built is not what was asked for: "),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
        change(&test, mend);
    }
    change(&test, drifts[0].0);
    change(&test, drifts[4].0);
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert!(
        ended.stderr.contains("(1) the target of 0.0.0.0/0"),
        "{}",
        ended.stderr
    );
    assert!(
        ended
            .stderr
            .contains("; (2) the source and destination check"),
        "{}",
        ended.stderr
    );
    change(&test, drifts[0].1);
    change(&test, drifts[4].1);
    test.runbook(&["resume", "last"]).code(0);
}
