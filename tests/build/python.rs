//! The client that is not ours: boto3, in the emulator's own environment.

use std::process::Command;

use serde_json::Value;

use crate::harness::{Test, provisioned};

const READBACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/build/readback.py");
const CHANGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/build/change.py");

/// Returns the network and the stack that bear these names, by names instead of ids.
pub(crate) fn read_back(test: &Test, vpc: &str, stack: &str) -> Value {
    serde_json::from_str(&run(test, &[READBACK, vpc, stack])).unwrap()
}

/// Changes something behind our back; returns what the script says.
pub(crate) fn change(test: &Test, what: &[&str]) -> String {
    run(test, &[&[CHANGE], what].concat())
}

/// Runs a script of Python with boto3 in the test's account; returns what it says.
pub(crate) fn run(test: &Test, arguments: &[&str]) -> String {
    let ours = test.command(&[]);
    let mut command = Command::new(&provisioned().python);
    let set = ours
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    command
        .args(arguments)
        .env_clear()
        .envs(set)
        .env("AWS_DEFAULT_REGION", "ap-northeast-1");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}
