//! What `--faults` does not take.

use crate::harness::Test;

const SCRIPT: &str = "//! Does nothing in AWS.\nfn main(params) { 1 }\n";

#[track_caller]
fn refused(arguments: &[&str], says: &str) {
    let test = Test::new().file("plain.rhai", SCRIPT);
    let ended = test
        .runbook(&[&["rehearse", "plain.rhai"], arguments].concat())
        .code(2);
    assert!(ended.stderr.contains(says), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    refused(
        &["--faults", "--keep"],
        "'--faults' cannot be used with '--keep'",
    );
    refused(&["--faults", "--crash-everywhere"], "cannot be used with");
    refused(&["--mixes", "3"], "--faults");
    refused(
        &["--faults", "--mixes", "3", "--point", "mix:1"],
        "cannot be used with",
    );
}

#[test]
fn values_that_are_none_are_refused() {
    refused(
        &["--faults", "--mixes", "x"],
        "invalid value 'x' for '--mixes <NUMBER>'",
    );
    refused(&["--faults", "--mixes", "-1"], "-1");
    refused(&["--faults", "--share", "4/3"], "N/M");
    refused(
        &["--faults", "--point", "melted@1:ec2.CreateVpc:x"],
        "invalid value `melted@1:ec2.CreateVpc:x` for `--point`: expected FAULT@N:service.Operation:origin or mix:N",
    );
}
