//! A share of the kills and of the faults: the same network at the end.

use serde_json::Value;

use super::{EC2_SITE, RUNBOOK};
use crate::build::rehearsal::rehearsing;
use crate::matrix::sound;

const FAST: [&str; 8] = [
    "--set",
    "interval_poll=20ms",
    "--set",
    "interval_routes=20ms",
    "--set",
    "interval_console=20ms",
    "--output",
    "json",
];

/// Runs a runbook's matrix with the example site, and returns its last line.
pub(crate) fn matrix(runbook: &str, more: &[&str]) -> Value {
    let test = rehearsing();
    let rehearse = ["rehearse", runbook, "--site", EC2_SITE];
    sound(&test.runbook(&[&rehearse[..], &FAST, more].concat()))
}

#[test]
fn killed_at_a_share_of_its_points_the_build_ends_the_same() {
    let share = ["--crash-everywhere", "--share", "1/24", "--seed", "5"];
    let summary = matrix(RUNBOOK, &share);
    assert!(summary["runs"].as_u64().unwrap() >= 10, "{summary}");
}

#[test]
fn with_a_share_of_the_faults_the_build_ends_the_same() {
    let share = [
        "--faults", "--share", "1/30", "--seed", "5", "--mixes", "60",
    ];
    let summary = matrix(RUNBOOK, &share);
    assert!(summary["runs"].as_u64().unwrap() >= 12, "{summary}");
}
