//! What other runbooks do with the NATs of a living network: find, replace, retire.

use serde_json::Value;

use super::{ARGUMENTS, EC2_SITE, build, read_back};
use crate::build::python::change;
use crate::build::{RUNBOOK, SITE};
use crate::harness::{Test, emulator};

const FOUND: &str = include_str!("found.rhai");
/// Looks follow each other at once, as in the build.
const POLLS: &[&str] = ARGUMENTS.split_at(4).1;

/// Puts something of the operator's own into a stack's custom JSON.
const NOTE: &str = r#"
import "aws/opsworks" as opsworks;
fn main(params) {
    let stack = opsworks::describe_stacks(#{stack_ids: ["<stack>"]}).stacks[0];
    let custom = json::parse(stack.custom_json) + #{theirs: 1};
    opsworks::update_stack(#{stack_id: "<stack>", custom_json: json::stringify(custom)});
}
"#;

fn replaced(test: &Test, site: &str, more: &[&str]) -> Value {
    test.write("found.rhai", FOUND);
    let ended = test.runbook(&[&["run", "found.rhai", "--site", site], POLLS, more].concat());
    ended.code(0).json()
}

#[test]
fn a_nat_is_replaced_with_all_that_it_had() {
    let test = Test::new().aws();
    let more = ["--set", "nat_elastic_ips=true"];
    let built = build(&test, &more).code(0).json();
    let told = replaced(&test, EC2_SITE, &more);
    let (old, nat) = (&told["old"], &told["nat"]);
    assert_eq!(
        old["ec2_id"],
        built["zones"]["ap-northeast-1a"]["nat"]["ec2_id"]
    );
    assert_eq!(
        old["allocation_id"],
        built["zones"]["ap-northeast-1a"]["nat"]["allocation_id"]
    );
    assert_ne!(old["ec2_id"], nat["ec2_id"]);
    assert_eq!(told["both"][0], nat["ec2_id"], "the newest first");
    assert_eq!(told["both"].as_array().unwrap().len(), 2);
    let left = told["left"].as_array().unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    for field in ["allocation_id", "subnet_id", "instance_type"] {
        assert_eq!(left[0][field], old[field], "{field}");
    }
    assert_eq!(left[0]["ec2_id"], nat["ec2_id"]);
    assert_eq!(left[0]["tags"]["runbook:role"], "nat");
    assert_eq!(told["base"]["instance_profile"], "MyVPC-nat-ap-northeast-1");
    assert_eq!(
        told["base"]["security_group_ids"],
        built["base"]["security_group_ids"]
    );
    let holders = read_back(&test, "MyVPC")["addresses"].clone();
    assert_eq!(holders["MyVPC NAT AZ1"], "MyVPC NAT AZ1");
}

#[test]
fn an_address_whose_nat_is_gone_is_found_by_its_name() {
    let test = Test::new().aws();
    let more = ["--set", "nat_elastic_ips=true"];
    build(&test, &more).code(0);
    change(&test, &["end", "MyVPC NAT AZ1"]);
    let told = replaced(&test, EC2_SITE, &more);
    assert_eq!(told["old"]["state"], "terminated");
    assert_eq!(
        told["left"][0]["allocation_id"],
        told["old"]["allocation_id"]
    );
    assert!(told["old"]["allocation_id"].is_string(), "{told}");
}

#[test]
fn a_nat_that_ec2_has_forgotten_is_replaced_and_its_address_kept() {
    let test = Test::new().aws();
    let more = ["--set", "nat_elastic_ips=true"];
    let built = build(&test, &more).code(0).json();
    change(&test, &["end", "MyVPC NAT AZ1"]);
    emulator(test.account())
        .forget_ended(test.account())
        .unwrap();
    let told = replaced(&test, EC2_SITE, &more);
    assert_eq!(told["old"], Value::Null);
    let holders = read_back(&test, "MyVPC")["addresses"].clone();
    assert_eq!(holders["MyVPC NAT AZ1"], "MyVPC NAT AZ1");
    let address = &built["zones"]["ap-northeast-1a"]["nat"]["allocation_id"];
    assert_eq!(told["left"][0]["allocation_id"], *address);
}

#[test]
fn an_opsworks_nat_is_replaced_and_its_neighbour_told() {
    let test = Test::new().aws();
    let site = [&["run", RUNBOOK, "--site", SITE], POLLS].concat();
    let built = test.runbook(&site).code(0).json();
    let stack = built["base"]["stack_id"].as_str().unwrap();
    test.write("note.rhai", &NOTE.replace("<stack>", stack));
    test.runbook(&["run", "note.rhai"]).code(0);
    let told = replaced(&test, SITE, &[]);
    let (old, nat) = (&told["old"], &told["nat"]);
    assert_eq!(
        old["ec2_id"],
        built["zones"]["ap-northeast-1a"]["nat"]["ec2_id"]
    );
    let left = told["left"].as_array().unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["instance_id"], nat["instance_id"]);
    assert_eq!(
        (&old["hostname"], &left[0]["hostname"]),
        (&"nat1".into(), &"nat1-2".into())
    );
    assert_eq!(told["base"]["stack_id"], built["base"]["stack_id"]);
    assert_eq!(told["base"]["layers"], built["base"]["layers"]);
    let census = test.census();
    let all = census.as_array().unwrap();
    let stack = all.iter().find(|one| one["type"] == "stack").unwrap();
    let custom = stack["attributes"]["CustomJson"].clone();
    let custom: Value = serde_json::from_str(custom.as_str().unwrap()).unwrap();
    assert_eq!(custom["theirs"], 1, "{custom}");
    let watcher = &custom["vpcnat"]["az"]["ap-northeast-1c"];
    assert_eq!(watcher["opposite_primary_nat_id"], nat["ec2_id"]);
    let ran = all
        .iter()
        .filter(|one| one["attributes"]["Command"]["Name"] == "execute_recipes");
    let read: Vec<_> = ran
        .map(|one| {
            one["attributes"]["seen_custom_json"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let new = nat["ec2_id"].as_str().unwrap();
    assert_eq!(
        read.iter().filter(|seen| seen.contains(new)).count(),
        2,
        "{read:?}"
    );
}
