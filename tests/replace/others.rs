//! The other zones, and the other kind of compute.

use serde_json::Value;

use super::Network;
use super::network::{A, C};
use crate::harness::Test;
use crate::heartbeat::world;

#[test]
fn with_both_dead_one_is_replaced_and_the_rest_is_said() {
    let network = Network::new();
    network.stop(A);
    network.stop(C);
    let ended = network.replace(&["--set", "zone=ap-northeast-1a"]).code(0);
    let left = ended.json()["left"].clone();
    let left = left.as_array().unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    let said = left[0].as_str().unwrap();
    assert!(
        said.starts_with(&format!("the traffic of {C} is not handed over: ")),
        "{said}"
    );
    assert!(
        said.contains(&format!("runbook run replace-nat.rhai --set zone={C}")),
        "{said}"
    );
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    let new = ended.json()["nat"]["ec2_id"].as_str().unwrap().to_owned();
    assert_eq!(network.routes()[0], Some(new));
    network.replace(&["--set", "zone=ap-northeast-1c"]).code(0);
}

#[test]
fn a_zone_that_the_old_one_stood_in_for_goes_along() {
    let network = Network::new();
    let old = network.nat(A);
    network.stop(C);
    network.lead(C, &old);
    let forced = ["--set", "zone=ap-northeast-1a", "--set", "force=true"];
    let ended = network.replace(&forced).code(0);
    let new = ended.json()["nat"]["ec2_id"].as_str().map(str::to_owned);
    assert_eq!(network.routes()[..2], [new.clone(), new]);
    assert_eq!(ended.json()["left"], serde_json::json!([]));
}

/// Returns which NATs the recipes have read to be the one that a zone's NAT watches, deployment by deployment.
fn views(network: &Network, zone: &str) -> Vec<String> {
    let census = network.test.census();
    let read = census.as_array().unwrap().iter().filter_map(|one| {
        let text = one["attributes"]["seen_custom_json"].as_str()?;
        let custom: Value = serde_json::from_str(text).unwrap();
        let id = &custom["vpcnat"]["az"][zone]["opposite_primary_nat_id"];
        id.as_str().map(str::to_owned)
    });
    read.collect()
}

#[test]
fn on_opsworks_the_neighbour_is_told_first() {
    let network = Network::on_opsworks();
    let (old, neighbour) = (network.nat(A), network.nat(C));
    network.lead(A, &neighbour);
    let ended = network.replace(&["--set", "zone=ap-northeast-1a"]).code(0);
    let new = ended.json()["nat"]["ec2_id"].as_str().unwrap().to_owned();
    let (new_one, other) = (Some(new.clone()), Some(neighbour));
    assert_eq!(
        network.routes(),
        [new_one.clone(), other.clone(), new_one, other]
    );
    assert!(network.describe(&old).contains("<name>terminated<"));
    let operations = network.operations();
    let at = |operation: &str| operations.iter().position(|one| one == operation).unwrap();
    assert!(at("UpdateStack") < at("CreateDeployment"));
    assert!(at("CreateDeployment") < at("ReplaceRoute"));
    assert!(at("ReplaceRoute") < at("StopInstance") && at("StopInstance") < at("DeleteInstance"));
    let views = views(&network, C);
    assert!(views.contains(&new), "{views:?}");
}

/// Two operators at it at once: neither moves anything while the other's new NAT is there.
#[test]
fn a_second_replacement_under_way_is_told_and_nothing_moves() {
    let network = Network::new();
    network.stop(A);
    let before = network.routes();
    network.test.runbook(&network.asking()).code(3);
    let rival = network.launch(A);
    world::tag(
        &network.test,
        &rival,
        "runbook:run",
        "20261121-000000-replace-nat-x",
    );
    network.test.runbook(&["approve", "last"]).code(0);
    let refused = network.test.runbook(&["resume", "last"]).code(1);
    let told = format!(
        "since this run began: {rival} (running, made by run 20261121-000000-replace-nat-x); this run has moved nothing"
    );
    for said in [&*told, "runbook undo "] {
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
    }
    assert_eq!(network.routes(), before);
    network.ec2(&format!("TerminateInstances&InstanceId.1={rival}"));
    let ended = network.test.runbook(&["resume", "last"]).code(0);
    let new = ended.json()["nat"]["ec2_id"].as_str().map(str::to_owned);
    assert_eq!(network.routes()[0], new);
}

/// The operator has told a second one which NAT is to go, and it has come to its end meanwhile.
#[test]
fn on_opsworks_one_that_another_has_overtaken_moves_nothing_and_is_undone() {
    let network = Network::on_opsworks();
    network.lead(A, &network.nat(C));
    network.test.runbook(&network.asking()).code(3);
    let waiting = network.test.runs().pop().unwrap();
    let waiting = waiting.file_name().unwrap().to_str().unwrap().to_owned();
    let nat = format!("nat={}", network.nat(A));
    let second = network.replace(&["--set", &nat]).code(0);
    let new = second.json()["nat"]["ec2_id"].as_str().unwrap().to_owned();
    let after = network.routes();
    network.test.runbook(&["approve", &waiting]).code(0);
    let refused = network.test.runbook(&["resume", &waiting]).code(1);
    let told = format!("another NAT was launched for {A} since this run began: {new} (running");
    for said in [told, format!("runbook undo {waiting}")] {
        assert!(refused.stderr.contains(&said), "{}", refused.stderr);
    }
    assert_eq!(network.routes(), after);
    assert_eq!(after[0], Some(new));
    network.test.runbook(&["undo", &waiting, "--yes"]).code(0);
    assert_eq!(network.routes(), after);
}

/// In a ring of three the watcher of a zone is another one than the zone that it watches.
#[test]
fn of_three_zones_only_the_watcher_and_the_zone_itself_are_touched() {
    let site = std::fs::read_to_string(crate::build::EC2_SITE).unwrap()
        + "\n[[zones]]\nname = \"ap-northeast-1d\"\npublic_cidr = \"10.0.2.0/24\"\n\
           private_cidr = \"10.0.130.0/24\"\ntarget_via_checking_nat = \"9.9.9.10\"\n";
    let test = Test::new().aws().file("three.toml", &site);
    let network = Network::with(test, "three.toml", &[]);
    network.stop(A);
    let before = network.routes();
    let ended = network.replace(&["--set", "zone=ap-northeast-1a"]).code(0);
    let new = ended.json()["nat"]["ec2_id"].as_str().map(str::to_owned);
    let check_of_a = network.target(&network.public_table("ap-northeast-1d"), "9.9.9.10/32");
    let routes = network.routes();
    assert_eq!((&routes[0], &check_of_a), (&new, &new));
    assert_eq!(routes[1], before[1]);
    assert_eq!(ended.json()["left"], serde_json::json!([]));
}
