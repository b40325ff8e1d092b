//! Any number of zones from two.

use serde_json::json;

use super::{EC2_SITE, RUNBOOK, build, read_back};
use crate::build::account;
use crate::harness::Test;

/// The example site with a third zone.
fn three_zones() -> String {
    let mut site = std::fs::read_to_string(EC2_SITE).unwrap();
    site.push_str(
        r#"
[[zones]]
name = "ap-northeast-1d"
public_cidr = "10.0.2.0/24"
private_cidr = "10.0.130.0/24"
target_via_checking_nat = "208.67.222.222"
"#,
    );
    site
}

#[test]
fn three_zones_watch_each_other_in_a_ring() {
    let test = Test::new().aws().file("three.toml", &three_zones());
    let ended = test
        .runbook(&[
            "run",
            RUNBOOK,
            "--site",
            "three.toml",
            "--set",
            "interval_poll=1ms",
            "--set",
            "interval_routes=1ms",
        ])
        .code(0);
    let zones = ended.json()["zones"].clone();
    let nat = |zone: &str| zones[format!("ap-northeast-1{zone}")]["nat"]["ec2_id"].clone();
    let census = test.census();
    let route = |zone: &str, kind: &str, to: &str| {
        let table = &zones[format!("ap-northeast-1{zone}")][format!("{kind}_route_table_id")];
        let found = census
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == *table)
            .unwrap();
        let routes = found["attributes"]["routes"].as_array().unwrap();
        let route = routes
            .iter()
            .find(|route| route["DestinationCidrBlock"] == to)
            .unwrap();
        route["InstanceId"].clone()
    };
    for (zone, next, target) in [
        ("a", "c", "8.8.4.4/32"),
        ("c", "d", "8.8.8.8/32"),
        ("d", "a", "208.67.222.222/32"),
    ] {
        assert_eq!(route(zone, "public", target), nat(next), "{zone}");
        assert_eq!(route(zone, "private", "0.0.0.0/0"), nat(zone), "{zone}");
    }
    let found = read_back(&test, "MyVPC");
    assert_eq!(found["machines"].as_object().unwrap().len(), 3);
    let segments = &found["groups"]["MyVPC NAT"];
    assert_eq!(segments[2], json!("-1 from 10.0.130.0/24"));
    let data = found["machines"]["MyVPC NAT AZ3"]["user_data"]
        .as_str()
        .unwrap();
    assert!(data.contains("208.67.222.222"), "{data}");
}

#[test]
fn an_instance_profile_that_is_given_is_used_and_none_is_made() {
    let test = Test::new().aws();
    crate::build::python::change(&test, &["role", "ours"]);
    build(&test, &["--set", "nat_instance_profile=ours"]).code(0);
    let found = read_back(&test, "MyVPC");
    assert_eq!(found["profiles"], json!(["ours"]));
    let roles: Vec<_> = found["roles"].as_object().unwrap().keys().collect();
    assert_eq!(roles, ["ours"]);
    let made = account::changes(&test);
    assert!(made.iter().all(|request| request["service"] != "iam"
        || request["status"] != 200
        || !request["user_agent"].as_str().unwrap().contains("effect/")));
}
