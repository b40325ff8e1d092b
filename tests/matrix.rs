//! `runbook rehearse --crash-everywhere`: it finds what a script or the engine does twice, leaks or forgets.

mod after;
mod input;
mod sound;
mod wrong;

use serde_json::Value;

use crate::build::rehearsal::rehearsing;
use crate::harness::{Ended, Test};

/// Rehearses a script with a kill everywhere.
fn everywhere(test: &Test, more: &[&str]) -> Ended {
    let arguments = [
        "rehearse",
        "--crash-everywhere",
        "script.rhai",
        "--output",
        "json",
    ];
    test.runbook(&[&arguments, more].concat())
}

fn script(text: &str) -> Test {
    rehearsing()
        .file("script.rhai", text)
        .env("AWS_REGION", "eu-west-1")
}

/// Returns the failing points and the summary.
fn told(ended: &Ended) -> (Vec<Value>, Value) {
    let lines = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let mut lines: Vec<Value> = lines.collect();
    let summary = lines
        .pop()
        .unwrap_or_else(|| panic!("nothing was reported: {}", ended.stderr));
    assert_eq!(summary["event"], "rehearsal_matrix");
    (lines, summary)
}
