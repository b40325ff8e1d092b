//! The look at the end tells what of the instances and their groups is not as it was asked for.

use super::{ARGUMENTS, build};
use crate::build::killed;
use crate::build::python::change;
use crate::harness::Test;

/// A build with only the look at the end before it.
fn all_but_ended() -> Test {
    let plain = Test::new().aws();
    build(&plain, &[]).code(0);
    let last = plain.journal().len();
    let test = Test::new().aws();
    let arguments = [&ARGUMENTS[..], &["--set", "timeout_verify=10ms"]].concat();
    killed(&test, &format!("before:{last}"), &arguments);
    test
}

#[test]
fn each_difference_is_named() {
    let test = all_but_ended();
    let drifts: [(&[&str], &str); 4] = [
        (
            &["open", "MyVPC NAT"],
            "lets in what nobody asked for: tcp 22-22 from 0.0.0.0/0",
        ),
        (
            &["tokens", "MyVPC NAT AZ1", "optional"],
            "whether the metadata service of the NAT i-",
        ),
        (
            &["tag", "MyVPC NAT AZ2", "runbook:role", "other"],
            "the tag runbook:role of the NAT i-",
        ),
        (
            &["close", "MyVPC NAT", "10.0.128.0/24"],
            "does not let in everything from 10.0.128.0/24",
        ),
    ];
    for (number, (drift, _)) in drifts.iter().enumerate() {
        change(&test, drift);
        let ended = test.runbook(&["resume", "last"]).code(1);
        for (_, said) in &drifts[..=number] {
            assert!(
                ended.stderr.contains(said),
                "no `{said}` in {}",
                ended.stderr
            );
        }
    }
}
