//! The command as an operator types it.

use serde_json::Value;

use crate::build::{RUNBOOK, SITE};
use crate::harness::{Ended, Test};
use crate::matrix::{sound, summary};

const SMALL: &str = include_str!("small.rhai");
const PUBLISH: &str = include_str!("publish.rhai");

/// A script's matrix of faults.
fn faults(name: &str, script: &str, more: &[&str]) -> Ended {
    let test = rehearsing().file(name, script);
    let arguments = ["rehearse", "--faults", name, "--output", "json"];
    test.runbook(&[&arguments, more].concat())
}

/// The emulator is installed for this user, not for the test's.
fn rehearsing() -> Test {
    let cache = std::env::var("XDG_CACHE_HOME");
    let home = std::env::var("HOME").map(|home| format!("{home}/.cache"));
    let cache = cache.or(home).unwrap();
    Test::new().env("XDG_CACHE_HOME", &cache)
}

#[test]
fn every_fault_at_every_request_of_each_class_leaves_the_same() {
    let ended = faults("small.rhai", SMALL, &["--mixes", "6", "--seed", "3"]);
    let summary = sound(&ended);
    let kinds = summary["kinds"].as_object().unwrap();
    assert_eq!(kinds.len(), 15, "{kinds:?}");
    assert!(summary["adopted"].as_u64().unwrap() > 20, "{summary}");
    assert!(
        summary["possible_duplicates"].as_u64().unwrap() > 0,
        "{summary}"
    );
}

#[test]
fn a_share_of_the_build_with_faults_leaves_the_same() {
    let test = rehearsing();
    let arguments = [
        "rehearse",
        "--faults",
        RUNBOOK,
        "--site",
        SITE,
        "--set",
        "interval_poll=20ms",
        "--set",
        "interval_routes=20ms",
        "--output",
        "json",
        "--share",
        "1/30",
        "--seed",
        "11",
        "--mixes",
        "60",
    ];
    let ended = test.runbook(&arguments);
    let summary = sound(&ended);
    assert!(summary["runs"].as_u64().unwrap() >= 12, "{summary}");
}

#[test]
fn a_call_that_nobody_can_look_up_stops_and_says_so() {
    let point = "dropped@1:sns.Publish:sns.publish";
    let ended = faults("publish.rhai", PUBLISH, &["--point", point]);
    let summary = sound(&ended);
    assert_eq!(summary["stopped_in_doubt"], 1, "{summary}");
}

#[test]
fn a_script_that_makes_no_requests_has_nothing_to_go_wrong() {
    let plain = "//! Does nothing in AWS.\nfn main(params) { 1 }\n";
    let test = rehearsing().file("plain.rhai", plain);
    let ended = test
        .runbook(&["rehearse", "--faults", "plain.rhai"])
        .code(2);
    let says = "error: the runbook makes no requests to AWS: there is nothing that could go wrong";
    assert!(ended.stderr.contains(says), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_fault_whose_request_never_comes_counts_as_not_reached() {
    let ended = faults(
        "small.rhai",
        SMALL,
        &["--point", "dropped@9:ec2.CreateVpc:ec2.create_vpc"],
    );
    let summary = summary(&ended);
    assert_eq!(
        (summary["runs"].as_u64(), summary["not_reached"].as_u64()),
        (Some(1), Some(1))
    );
}

/// Looks for something by name, and makes it where the look shows nothing.
const CARELESS: &str = r#"//! Makes a VPC once, as it thinks.
import "aws/ec2" as ec2;
fn main(params) {
    try { ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}); } catch { ec2::create_vpc(#{cidr_block: "10.1.0.0/16"}); }
    let others = ec2::describe_vpcs(#{}).vpcs.filter(|vpc| vpc.cidr_block == "10.0.0.0/16");
    if others.is_empty() { run::step("make it again", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"})); }
}
"#;

#[test]
fn a_runbook_that_trusts_its_reads_is_found_out() {
    let ended = faults(
        "careless.rhai",
        CARELESS,
        &["--point", "stale=3@1:ec2.CreateVpc:ec2.create_vpc"],
    );
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let summary = summary(&ended);
    let wrong = summary["leaked"].as_u64().unwrap() + summary["doubled"].as_u64().unwrap();
    assert!(wrong > 0, "{}", ended.stdout);
    let failure: Value = serde_json::from_str(ended.stdout.lines().next().unwrap()).unwrap();
    let again = failure["again"].as_str().unwrap();
    assert_eq!(
        again,
        "runbook rehearse --faults --seed 1 careless.rhai --point stale=3@1:ec2.CreateVpc:ec2.create_vpc"
    );
}
