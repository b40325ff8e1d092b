//! `runbook rehearse --crash-everywhere`: it finds what a script or the engine does twice, leaks or forgets.

mod after;
mod input;
mod sound;
mod wrong;

use serde_json::Value;

use crate::build::rehearsal::rehearsing;
use crate::harness::{Ended, Test, tell};

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

/// Returns the last line, and tells of it.
pub(crate) fn summary(ended: &Ended) -> Value {
    let last = ended.stdout.lines().last().unwrap_or_default();
    tell(last);
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {}", ended.stderr))
}

/// Fails if anything was found; returns the summary.
#[track_caller]
pub(crate) fn sound(ended: &Ended) -> Value {
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    let summary = summary(ended);
    for figure in ["doubled", "leaked", "missing", "changed", "not_finished"] {
        assert_eq!(summary[figure], 0, "{figure}: {}", ended.stdout);
    }
    summary
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
