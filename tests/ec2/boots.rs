//! NATs whose set-up goes wrong, and an instance profile that EC2 does not know at once.

use super::{ARGUMENTS, build};
use crate::build::account;
use crate::harness::{Ended, Test, emulator};

fn order(test: &Test, outcome: &str, reason: &str, times: u32) {
    emulator(test.account())
        .boots(test.account(), outcome, reason, times)
        .unwrap();
}

#[track_caller]
fn says(ended: &Ended, text: &str) {
    assert!(
        ended.stderr.contains(text),
        "no `{text}` in {}",
        ended.stderr
    );
}

#[test]
fn a_set_up_that_fails_is_told_with_its_reason_at_once() {
    let test = Test::new().aws();
    order(&test, "fail", "nft: it is not there", 1);
    let ended = build(&test, &["--set", "timeout_boot=60s"]).code(1);
    says(&ended, "could not set itself up: nft: it is not there");
    says(&ended, "the NAT i-");
    says(&ended, " resume ");
    // The instance has not mended itself meanwhile.
    let again = test.runbook(&["resume", "last"]).code(1);
    says(&again, "could not set itself up: nft: it is not there");
    let launches = account::done(&test);
    let launches = launches.keys().filter(|(_, what)| what == "RunInstances");
    assert_eq!(launches.count(), 2);
}

#[test]
fn a_set_up_that_hangs_is_told_with_what_the_console_says_last() {
    let test = Test::new().aws();
    order(&test, "hang", "", 2);
    let ended = build(&test, &["--set", "timeout_boot=300ms"]).code(1);
    says(&ended, "did not say within 300ms that it forwards");
    says(
        &ended,
        "its console ends with: [    0.000000] Linux version 6.1 (emulated) | cloud-init: still at it",
    );
}

#[test]
fn a_heartbeat_that_cannot_start_is_told_though_the_nat_forwards() {
    let test = Test::new().aws();
    order(
        &test,
        "deaf",
        "heartbeat: what is at https://x has another digest",
        1,
    );
    let ended = build(&test, &["--set", "timeout_boot=60s"]).code(1);
    says(
        &ended,
        "could not set itself up: heartbeat: what is at https://x has another digest",
    );
    let quiet = Test::new().aws();
    order(&quiet, "deaf", "", 1);
    let ended = build(&quiet, &["--set", "timeout_boot=300ms"]).code(1);
    says(
        &ended,
        "forwards, but its heartbeat was not healthy within 300ms; its status: none",
    );
}

#[test]
fn without_a_heartbeat_nobody_waits_for_one_and_nobody_has_rights() {
    let test = Test::new().aws();
    build(&test, &["--set", "heartbeat=none"]).code(0);
    let census = test.census();
    let services = census.as_array().unwrap().iter();
    assert_eq!(services.filter(|one| one["service"] == "iam").count(), 0);
}

#[test]
fn an_instance_profile_that_ec2_does_not_know_yet_is_waited_for() {
    let test = Test::new().aws();
    let pace = |pace| emulator(test.account()).set_pace(test.account(), pace);
    pace(3600.0).unwrap();
    let live = test.live(&ARGUMENTS, "Invalid IAM Instance Profile");
    pace(0.0).unwrap();
    live.ended().code(0);
    let requests = test.requests();
    let launches: Vec<_> = requests
        .as_array()
        .unwrap()
        .iter()
        .filter(|request| request["operation"] == "RunInstances")
        .map(|request| request["status"].as_u64().unwrap())
        .collect();
    assert!(launches.contains(&400), "{launches:?}");
    assert_eq!(launches.iter().filter(|status| **status == 200).count(), 2);
}

#[test]
fn a_nat_that_ends_while_it_is_waited_for_is_told() {
    let test = Test::new().aws();
    order(&test, "end", "", 1);
    let ended = build(&test, &["--set", "timeout_routes=60s"]).code(1);
    says(&ended, ", though it was to run: ");
}
