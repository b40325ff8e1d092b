//! What somebody else made, changed or took away while a run was cut off.

use serde_json::{Value, json};

use crate::build::interruption::outcomes;
use crate::build::killed;
use crate::build::python;
use crate::harness::{Ended, Test};

const STRANGER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/effects/stranger.py");
const KEY: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC6jeZCBrDwEw8TTiTyPVUxgKBXjYLGMgdf2D9v0yRU8LBFvINvgqlkPalxWew3KVynhhvTf02YeJfTYRnXe0BuZ9akMyLLn5/RXjwxvmOC0Y/i9p8pVrUNkUpkFkq8b3gzlDqc21jcxtiq3ev/xNuljY7l14eOrIGk5UXj0hYoXQ==";

/// Makes what a call can get into a stranger's way with; the call is the last line.
const NETWORK: &str = r#"
import "aws/ec2" as ec2;

fn main(params) {
    let vpc = ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id;
    let subnet = ec2::create_subnet(#{vpc_id: vpc, cidr_block: "10.0.0.0/24"}).subnet.subnet_id;
    let table = ec2::create_route_table(#{vpc_id: vpc}).route_table.route_table_id;
    let other = ec2::create_route_table(#{vpc_id: vpc}).route_table.route_table_id;
    let gateway = ec2::create_internet_gateway(#{}).internet_gateway.internet_gateway_id;
    ec2::attach_internet_gateway(#{internet_gateway_id: gateway, vpc_id: vpc});
    let group = ec2::create_security_group(#{group_name: "group", description: "group", vpc_id: vpc}).group_id;
    let interface = ec2::create_network_interface(#{subnet_id: subnet}).network_interface.network_interface_id;
"#;

/// Each intent of the script has two entries, its outcome the second; the first two entries are the run's own.
const BEFORE_THE_CALL: &str = "before:18";
const BETWEEN_INTENT_AND_CALL: &str = "after:18";
const BEFORE_THE_OUTCOME: &str = "before:19";

fn script(call: &str) -> String {
    format!("{NETWORK}    {call}\n}}\n")
}

/// Runs the script up to a point.
fn cut(call: &str, at: &str) -> Test {
    let test = Test::new().aws().file("case.rhai", &script(call));
    killed(&test, at, &["run", "case.rhai"]);
    test
}

/// Does something in the test's account behind the run's back, with the ids that the run has made.
fn stranger(test: &Test, operation: &str, input: &Value) -> Value {
    let mut text = input.to_string();
    for (name, id) in made(test) {
        text = text.replace(&format!("<{name}>"), &id);
    }
    let said = python::run(test, &[STRANGER, operation, &text]);
    serde_json::from_str(&said).unwrap()
}

fn made(test: &Test) -> Vec<(&'static str, String)> {
    let outcomes = outcomes(&test.journal());
    let id = |key: &str, path: &str| {
        let output = outcomes.get(key).map(|outcome| &outcome["output"]);
        output.and_then(|output| output.pointer(path)?.as_str().map(str::to_owned))
    };
    [
        ("vpc", id("ec2.create_vpc", "/vpc/vpc_id")),
        ("subnet", id("ec2.create_subnet", "/subnet/subnet_id")),
        (
            "table",
            id("ec2.create_route_table", "/route_table/route_table_id"),
        ),
        (
            "other",
            id("ec2.create_route_table#2", "/route_table/route_table_id"),
        ),
        ("group", id("ec2.create_security_group", "/group_id")),
        (
            "interface",
            id(
                "ec2.create_network_interface",
                "/network_interface/network_interface_id",
            ),
        ),
    ]
    .into_iter()
    .filter_map(|(name, id)| Some((name, id?)))
    .collect()
}

fn resumed(test: &Test) -> Ended {
    test.runbook(&["resume", "last"])
}

/// The call, what a stranger does, and how AWS refuses the call then.
fn taken() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let permission = json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]);
    vec![
        (
            r#"ec2::create_subnet(#{vpc_id: vpc, cidr_block: "10.0.1.0/24"});"#,
            "create_subnet",
            json!({"VpcId": "<vpc>", "CidrBlock": "10.0.1.0/24"}),
            "InvalidSubnet.Conflict",
        ),
        (
            r#"ec2::create_security_group(#{group_name: "web", description: "web", vpc_id: vpc});"#,
            "create_security_group",
            json!({"GroupName": "web", "Description": "web", "VpcId": "<vpc>"}),
            "InvalidGroup.Duplicate",
        ),
        (
            r#"ec2::authorize_security_group_ingress(#{group_id: group, ip_permissions: [#{ip_protocol: "tcp", from_port: 22, to_port: 22, ip_ranges: [#{cidr_ip: "10.0.0.0/8"}]}]});"#,
            "authorize_security_group_ingress",
            json!({"GroupId": "<group>", "IpPermissions": permission}),
            "InvalidPermission.Duplicate",
        ),
        (
            r#"ec2::import_key_pair(#{key_name: "ours", public_key_material: "c3NoLXJzYSBBQUFBQjNOemFDMXljMkVBQUFBREFRQUJBQUFBZ1FDNmplWkNCckR3RXc4VFRpVHlQVlV4Z0tCWGpZTEdNZ2RmMkQ5djB5UlU4TEJGdklOdmdxbGtQYWx4V2V3M0tWeW5oaHZUZjAyWWVKZlRZUm5YZTBCdVo5YWtNeUxMbjUvUlhqd3h2bU9DMFkvaTlwOHBWclVOa1Vwa0ZrcThiM2d6bERxYzIxamN4dGlxM2V2L3hOdWxqWTdsMTRlT3JJR2s1VVhqMGhZb1hRPT0="});"#,
            "import_key_pair",
            json!({"KeyName": "ours", "PublicKeyMaterial": KEY}),
            "InvalidKeyPair.Duplicate",
        ),
        (
            "ec2::associate_route_table(#{route_table_id: table, subnet_id: subnet});",
            "associate_route_table",
            json!({"RouteTableId": "<other>", "SubnetId": "<subnet>"}),
            "Resource.AlreadyAssociated",
        ),
        (
            r#"ec2::create_route(#{route_table_id: table, destination_cidr_block: "0.0.0.0/0", gateway_id: gateway});"#,
            "create_route",
            json!({"RouteTableId": "<table>", "DestinationCidrBlock": "0.0.0.0/0", "NetworkInterfaceId": "<interface>"}),
            "RouteAlreadyExists",
        ),
    ]
}

#[test]
fn what_a_stranger_made_is_an_error_to_the_script() {
    for (call, operation, input, code) in taken() {
        for at in [BEFORE_THE_CALL, BETWEEN_INTENT_AND_CALL] {
            let test = cut(call, at);
            let said = stranger(&test, operation, &input);
            assert!(said.get("Code").is_none(), "{operation}: {said}");
            let before = test.census();
            let ended = resumed(&test).code(1);
            assert!(
                ended.stderr.contains(code),
                "{operation} {at}: {}",
                ended.stderr
            );
            assert_eq!(test.census(), before, "{operation} {at}");
        }
    }
}

#[test]
fn what_was_ours_is_adopted_though_a_stranger_made_the_like() {
    let (call, ..) = taken()[5];
    let test = cut(call, BEFORE_THE_OUTCOME);
    resumed(&test).code(0);
    let key = "ec2.create_route";
    assert_eq!(outcomes(&test.journal())[key]["settled"], "adopted");
}

#[test]
fn a_deletion_in_doubt_whose_target_is_gone_is_done() {
    let call = "ec2::delete_network_interface(#{network_interface_id: interface});";
    let test = cut(call, BETWEEN_INTENT_AND_CALL);
    stranger(
        &test,
        "delete_network_interface",
        &json!({"NetworkInterfaceId": "<interface>"}),
    );
    resumed(&test).code(0);
    let settled = &outcomes(&test.journal())["ec2.delete_network_interface"]["settled"];
    assert_eq!(settled, "adopted");
}

const TWO: &str = r#"ec2::run_instances(#{image_id: "ami-03cf127a", instance_type: "t3.micro", min_count: 2, max_count: 2, subnet_id: subnet});"#;

fn instances(test: &Test) -> Vec<String> {
    let census = test.census();
    let all = census.as_array().unwrap().iter();
    let ids = all.filter(|one| one["type"] == "instance");
    ids.map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_is_left_of_two_instances_is_not_taken_for_both() {
    let test = cut(TWO, BEFORE_THE_OUTCOME);
    let ids = instances(&test);
    stranger(
        &test,
        "terminate_instances",
        &json!({"InstanceIds": [ids[0]]}),
    );
    let ended = resumed(&test).code(4);
    assert!(ended.stderr.contains(&ids[1]), "{}", ended.stderr);
    assert!(!ended.stderr.contains(&ids[0]), "{}", ended.stderr);
    assert_eq!(instances(&test).len(), 2);
}

#[test]
fn a_token_whose_instances_are_gone_is_refused() {
    let test = cut(TWO, BEFORE_THE_OUTCOME);
    let ids = instances(&test);
    stranger(&test, "terminate_instances", &json!({"InstanceIds": ids}));
    resumed(&test);
    let refused = test.requests();
    let refused: Vec<_> = refused
        .as_array()
        .unwrap()
        .iter()
        .filter(|request| request["operation"] == "RunInstances" && request["status"] != 200)
        .cloned()
        .collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
}
