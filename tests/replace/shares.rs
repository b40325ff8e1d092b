//! A share of the kills and of the faults, each on a network that was built for it: the same network at the end.

use super::network::RUNBOOK;
use crate::build;
use crate::ec2::shares::matrix;

const REPLACE: [&str; 10] = [
    "--after",
    build::RUNBOOK,
    "--set",
    "nat_elastic_ips=true",
    "--set",
    "zone=ap-northeast-1a",
    "--set",
    "force=true",
    "--set",
    "linger=1ms",
];

#[test]
fn killed_at_a_share_of_its_points_a_replacement_ends_the_same() {
    let share = ["--crash-everywhere", "--share", "1/20", "--seed", "5"];
    let summary = matrix(RUNBOOK, &[&share[..], &REPLACE].concat());
    assert!(summary["runs"].as_u64().unwrap() >= 6, "{summary}");
}

#[test]
fn with_a_share_of_the_faults_a_replacement_ends_the_same() {
    let share = [
        "--faults", "--share", "1/30", "--seed", "5", "--mixes", "60",
    ];
    let summary = matrix(RUNBOOK, &[&share[..], &REPLACE].concat());
    assert!(summary["runs"].as_u64().unwrap() >= 10, "{summary}");
}
