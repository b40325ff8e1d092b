//! What the settings change in the network.

use serde_json::json;

use super::python::read_back;
use super::{RUNBOOK, build};
use crate::harness::Test;

/// A site that shares no setting with the example but those that name no place.
pub(crate) const THREE_ZONES: &str = r#"
compute = "opsworks"
region = "ap-northeast-1"
vpc_name = "Wide"
vpc_cidr = "172.20.0.0/16"
internet_gateway_name = "the way out"
target_via_inetgw = "example.com"
stack_name = "WideStack"
stack_service_role_arn = "arn:aws:iam::123456789012:role/other"
stack_default_instance_profile_arn = "arn:aws:iam::123456789012:instance-profile/other"
stack_cookbooks_url = "https://example.com/cookbooks.git"
stack_cookbooks_revision = "v2"
instance_type_nat = "t3.small"
interval_poll = "1ms"
interval_routes = "1ms"

[[zones]]
name = "ap-northeast-1d"
public_cidr = "172.20.0.0/20"
private_cidr = "172.20.16.0/20"
target_via_checking_nat = "1.1.1.1"
public_name = "front d"
private_name = "back d"

[[zones]]
name = "ap-northeast-1a"
public_cidr = "172.20.32.0/20"
private_cidr = "172.20.48.0/20"
target_via_checking_nat = "8.8.4.4"

[[zones]]
name = "ap-northeast-1c"
public_cidr = "172.20.64.0/20"
private_cidr = "172.20.80.0/20"
target_via_checking_nat = "8.8.8.8"
"#;

#[test]
fn three_zones_form_a_ring() {
    let test = Test::new().aws().file("wide.toml", THREE_ZONES);
    test.runbook(&["run", RUNBOOK, "--site", "wide.toml"])
        .code(0);
    let found = read_back(&test, "Wide", "WideStack");
    assert_eq!(found["vpc"]["cidr"], "172.20.0.0/16");
    assert_eq!(found["subnets"].as_object().unwrap().len(), 6);
    assert_eq!(found["subnets"]["back d"]["cidr"], "172.20.16.0/20");
    assert_eq!(
        found["subnets"]["Wide private segment AZ3"]["zone"],
        "ap-northeast-1c"
    );
    let routes = |table: &str| {
        let mut routes = found["tables"][table]["routes"].clone();
        routes.as_object_mut().unwrap().remove("172.20.0.0/16");
        routes
    };
    let out = json!(["the way out", "active"]);
    let nat = |number: u32| json!([format!("nat{number}"), "active"]);
    assert_eq!(
        routes("front d"),
        json!({"0.0.0.0/0": out, "1.1.1.1/32": nat(2)})
    );
    assert_eq!(
        routes("Wide public segment AZ2"),
        json!({"0.0.0.0/0": out, "8.8.4.4/32": nat(3)})
    );
    assert_eq!(
        routes("Wide public segment AZ3"),
        json!({"0.0.0.0/0": out, "8.8.8.8/32": nat(1)})
    );
    assert_eq!(routes("back d"), json!({"0.0.0.0/0": nat(1)}));
    assert_eq!(
        routes("Wide private segment AZ2"),
        json!({"0.0.0.0/0": nat(2)})
    );
    assert_eq!(
        routes("Wide private segment AZ3"),
        json!({"0.0.0.0/0": nat(3)})
    );
    assert_eq!(found["tables"]["front d"]["main"], true);
    let watch = |zone: &str| {
        let entry = &found["custom_json"]["vpcnat"]["az"][zone];
        json!([
            entry["opposite_primary_nat_id"],
            entry["opposite_rtb"],
            entry["target_via_inetgw"]
        ])
    };
    assert_eq!(
        watch("ap-northeast-1d"),
        json!(["nat2", "Wide private segment AZ2", "example.com"])
    );
    assert_eq!(
        watch("ap-northeast-1a"),
        json!(["nat3", "Wide private segment AZ3", "example.com"])
    );
    assert_eq!(
        watch("ap-northeast-1c"),
        json!(["nat1", "back d", "example.com"])
    );
    assert_eq!(
        found["custom_json"]["vpcnat"]["ipmasq_src"],
        "172.20.0.0/16"
    );
    assert_eq!(found["stack"]["CustomCookbooksSource"]["Revision"], "v2");
    assert_eq!(found["stack"]["default_subnet"], "back d");
    assert_eq!(found["permissions"], json!({}));
    for number in 1..=3 {
        assert_eq!(
            found["machines"][format!("nat{number}")]["type"],
            "t3.small"
        );
    }
}

#[test]
fn what_is_set_by_hand_wins_over_the_site() {
    let test = Test::new().aws().file(
        "more.toml",
        "stack_name = \"Second\"\ninstance_type_admin = \"t3.small\"\n",
    );
    let more = [
        "--site",
        "more.toml",
        "--set",
        "stack_name=Third",
        "--set",
        "vpc_name=Net",
        "--set",
        "start_admin=true",
    ];
    build(&test, &more).code(0);
    let found = read_back(&test, "Net", "Third");
    assert_eq!(found["instances"]["admin1"]["type"], "t3.small");
    assert_eq!(found["instances"]["admin1"]["status"], "online");
    assert_eq!(
        found["machines"]["admin1"]["subnet"],
        "Net public segment AZ1"
    );
    assert_eq!(
        found["gateways"]["Net Internet Gateway"]["vpcs"],
        json!(["Net"])
    );
    let census = test.census();
    let addresses = census
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["type"] == "address");
    assert_eq!(addresses.count(), 1);
}
