//! The other zones, and the other kind of compute.

use super::Network;
use super::network::{A, C};
use crate::heartbeat::world::id;

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
    let census = network.test.census().to_string();
    assert!(
        census.contains(&format!("opposite_primary_nat_id\\\\\\\": \\\\\\\"{new}"))
            || census.contains(&new),
        "{census}"
    );
    assert_eq!(id(&network.describe(&new), "instanceId"), new);
}
