//! Launches that AWS refuses: what is said, and how the run goes on.

use super::build;
use crate::build::account;
use crate::harness::{Test, emulator};

#[test]
fn a_quota_stops_the_run_which_is_resumed_once_it_is_raised() {
    let test = Test::new().aws();
    let quota = |refusals| {
        emulator(test.account())
            .refuse(
                test.account(),
                "RunInstances",
                "VcpuLimitExceeded",
                refusals,
            )
            .unwrap();
    };
    // Every launch until the quota is raised: whether a zone still asks after another's refusal is a matter of timing.
    quota(1000);
    let ended = build(&test, &[]).code(1);
    for said in [
        "VcpuLimitExceeded",
        "Ask for a higher quota in Service Quotas (EC2, ap-northeast-1)",
        "then resume this run",
    ] {
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    quota(0);
    test.runbook(&["resume", "last"]).code(0);
    let done = account::done(&test);
    assert!(done.values().all(|times| *times == 1), "{done:?}");
}

/// The zone's offer may end between the look and the launch.
#[test]
fn a_type_that_a_zone_does_not_offer_is_told_with_the_zones_that_do() {
    let test = Test::new().aws();
    emulator(test.account())
        .refuse(test.account(), "RunInstances", "Unsupported", 1)
        .unwrap();
    let ended = build(&test, &[]).code(1);
    let said = r#"t4g.nano is offered in ["ap-northeast-1a","ap-northeast-1c","ap-northeast-1d"]: choose other zones"#;
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn an_address_too_many_stops_the_run_which_is_resumed() {
    let test = Test::new().aws();
    emulator(test.account())
        .refuse(test.account(), "AllocateAddress", "AddressLimitExceeded", 1)
        .unwrap();
    let more = ["--set", "nat_elastic_ips=true"];
    let ended = build(&test, &more).code(1);
    assert!(
        ended.stderr.contains("AddressLimitExceeded"),
        "{}",
        ended.stderr
    );
    test.runbook(&["resume", "last"]).code(0);
    let addresses = test.census();
    let addresses = addresses.as_array().unwrap().iter();
    assert_eq!(addresses.filter(|one| one["type"] == "address").count(), 2);
}
