//! The built network is the one that was asked for, as another client reads it.

use serde_json::{Value, json};

use super::python::read_back;
use super::{account, build};
use crate::harness::{Test, emulator};

const MARKS: [&str; 2] = ["runbook:effect", "runbook:run"];
/// Of a private table, which says who carries its traffic.
const PRIVATE_MARKS: [&str; 3] = ["runbook:carrier", "runbook:effect", "runbook:run"];

#[test]
fn another_client_reads_back_what_was_asked_for() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let found = read_back(&test, "MyVPC", "MyStack");
    let expected = expected();
    for part in expected.as_object().unwrap().keys() {
        assert_eq!(found[part], expected[part], "{part}");
    }
    assert_eq!(
        found.as_object().unwrap().len(),
        expected.as_object().unwrap().len()
    );
}

fn expected() -> Value {
    json!({
        "vpc": {"name": "MyVPC", "cidr": "10.0.0.0/16", "marks": MARKS},
        "subnets": {
            "MyVPC public segment AZ1": {"zone": "ap-northeast-1a", "cidr": "10.0.0.0/24", "marks": MARKS},
            "MyVPC private segment AZ1": {"zone": "ap-northeast-1a", "cidr": "10.0.128.0/24", "marks": MARKS},
            "MyVPC public segment AZ2": {"zone": "ap-northeast-1c", "cidr": "10.0.1.0/24", "marks": MARKS},
            "MyVPC private segment AZ2": {"zone": "ap-northeast-1c", "cidr": "10.0.129.0/24", "marks": MARKS},
        },
        "gateways": {"MyVPC Internet Gateway": {"vpcs": ["MyVPC"], "marks": MARKS}},
        "tables": tables(),
        "machines": {"nat1": nat_machine(1), "nat2": nat_machine(2)},
        "stack": stack(),
        "custom_json": custom_json(),
        "layers": layers(),
        "permissions": {"arn:aws:iam::123456789012:user/operator": [true, true, "manage"]},
        "instances": {
            "admin1": instance("admin", 1, "stopped"),
            "nat1": instance("nat", 1, "online"),
            "nat2": instance("nat", 2, "online"),
        },
    })
}

/// The main table came with the VPC: it cannot be tagged as it is created.
fn tables() -> Value {
    let table = |name: &str, main: bool, routes: &[(&str, &str)]| {
        let mut all = json!({"10.0.0.0/16": ["local", "active"]});
        for (to, target) in routes {
            all[to] = json!([target, "active"]);
        }
        let marks: &[&str] = match main {
            true => &[],
            false if name.contains("private") => &PRIVATE_MARKS,
            false => &MARKS,
        };
        json!({"main": main, "subnets": [name], "routes": all, "marks": marks})
    };
    let gateway = "MyVPC Internet Gateway";
    let (public1, private1) = ("MyVPC public segment AZ1", "MyVPC private segment AZ1");
    let (public2, private2) = ("MyVPC public segment AZ2", "MyVPC private segment AZ2");
    json!({
        public1: table(public1, true, &[("0.0.0.0/0", gateway), ("8.8.4.4/32", "nat2")]),
        public2: table(public2, false, &[("0.0.0.0/0", gateway), ("8.8.8.8/32", "nat1")]),
        private1: table(private1, false, &[("0.0.0.0/0", "nat1")]),
        private2: table(private2, false, &[("0.0.0.0/0", "nat2")]),
    })
}

fn nat_machine(zone: u32) -> Value {
    let subnet = format!("MyVPC public segment AZ{zone}");
    json!({"state": "running", "type": "t3.micro", "subnet": subnet, "source_dest_check": false, "public": true})
}

fn stack() -> Value {
    json!({
        "Name": "MyStack",
        "Region": "ap-northeast-1",
        "ServiceRoleArn": "arn:aws:iam::123456789012:role/aws-opsworks-service-role",
        "DefaultInstanceProfileArn": "arn:aws:iam::123456789012:instance-profile/aws-opsworks-ec2-role",
        "DefaultOs": "Amazon Linux 2018.03",
        "DefaultRootDeviceType": "ebs",
        "UseCustomCookbooks": true,
        "CustomCookbooksSource":
            {"Type": "git", "Url": "https://github.com/example/opsworks-cookbooks.git", "Revision": "master"},
        "ConfigurationManager": {"Name": "Chef", "Version": "11.10"},
        "ChefConfiguration": {"ManageBerkshelf": true, "BerkshelfVersion": "2.0.18"},
        "vpc": "MyVPC",
        "default_subnet": "MyVPC private segment AZ1",
    })
}

fn custom_json() -> Value {
    let entry = |nat: &str, table: &str, target: &str| {
        json!({
            "enabled": 1,
            "opposite_primary_nat_id": nat,
            "opposite_rtb": table,
            "target_via_checking_nat": target,
            "target_via_inetgw": "google.co.jp",
        })
    };
    json!({"vpcnat": {"ipmasq_src": "10.0.0.0/16", "az": {
        "ap-northeast-1a": entry("nat2", "MyVPC private segment AZ2", "8.8.4.4"),
        "ap-northeast-1c": entry("nat1", "MyVPC private segment AZ1", "8.8.8.8"),
    }}})
}

fn layers() -> Value {
    json!({
        "admin": {
            "Type": "custom", "Name": "Admin Server", "Packages": ["traceroute"], "Setup": ["timezone"],
            "AutoAssignElasticIps": true, "AutoAssignPublicIps": false,
        },
        "nat": {
            "Type": "custom", "Name": "NAT Server", "Packages": ["traceroute", "jq"], "Setup": ["timezone", "vpcnat"],
            "AutoAssignElasticIps": false, "AutoAssignPublicIps": true,
        },
    })
}

fn instance(layer: &str, zone: u32, status: &str) -> Value {
    let subnet = format!("MyVPC public segment AZ{zone}");
    let os = "Amazon Linux 2018.03";
    json!({"layers": [layer], "subnet": subnet, "type": "t3.micro", "os": os, "root": "ebs", "status": status})
}

#[test]
fn each_request_names_its_run_and_effect_and_each_tokened_call_has_a_token() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let journal = test.journal();
    let id = journal[0]["record"]["run_started"]["id"].as_str().unwrap();
    let requests = test.requests();
    for request in requests.as_array().unwrap() {
        let agent = request["user_agent"].as_str().unwrap();
        let connecting = request["operation"] == "GetCallerIdentity";
        assert!(
            connecting || agent.contains(&format!(" run/{id} effect/")),
            "{request}"
        );
    }
    let intents = journal
        .iter()
        .filter_map(|entry| entry["record"]["effect_intended"]["key"].as_str());
    let mut intended: Vec<String> = intents.map(str::to_owned).collect();
    let mut done: Vec<String> = account::changes(&test)
        .iter()
        .map(account::effect)
        .collect();
    intended.sort();
    done.sort();
    assert_eq!(done, intended);
    let tokens: Vec<_> = account::changes(&test)
        .into_iter()
        .filter(|request| request["operation"] == "CreateRouteTable")
        .map(|request| {
            request["client_token"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    assert_eq!(tokens.len(), 3);
    assert!(
        tokens
            .iter()
            .all(|token| token.starts_with("runbook-") && token.len() <= 64),
        "{tokens:?}"
    );
    assert!(
        tokens
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            == 3,
        "{tokens:?}"
    );
}

#[test]
fn at_an_instances_own_speed_set_up_reads_the_custom_json() {
    let test = Test::new().aws();
    // An instance boots for three of these before its set-up: a second and a half to publish the custom JSON in.
    emulator(test.account())
        .set_pace(test.account(), 0.5)
        .unwrap();
    build(&test, &[]).code(0);
    let (setups, repeats) = deployments(&test);
    assert_eq!((setups.len(), repeats.len()), (2, 0));
    assert!(
        setups
            .iter()
            .all(|seen| seen.contains("opposite_primary_nat_id")),
        "{setups:?}"
    );
}

#[test]
fn a_set_up_that_was_too_early_is_made_good_by_the_recipe() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let (setups, repeats) = deployments(&test);
    assert_eq!((setups.len(), repeats.len()), (2, 2));
    assert!(
        setups
            .iter()
            .all(|seen| !seen.contains("opposite_primary_nat_id")),
        "{setups:?}"
    );
    assert!(
        repeats
            .iter()
            .all(|seen| seen.contains("opposite_primary_nat_id")),
        "{repeats:?}"
    );
}

/// Returns the custom JSON that each set-up and each repeated recipe saw.
fn deployments(test: &Test) -> (Vec<String>, Vec<String>) {
    let census = test.census();
    let seen = |command: &str| {
        let all = census.as_array().unwrap().iter();
        let ours = all.filter(|one| one["attributes"]["Command"]["Name"] == command);
        ours.map(|one| {
            one["attributes"]["seen_custom_json"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
    };
    (seen("setup"), seen("execute_recipes"))
}
