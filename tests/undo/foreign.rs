//! What is not the run's and depends on what it made: then nothing is touched.

use serde_json::{Value, json};

use super::{named, remaining, stranger, undo};
use crate::build::{account, build};
use crate::harness::Test;

/// Expects an undo to stop at something, to change nothing, and to go through once that is out of the way.
#[track_caller]
fn in_the_way(test: &Test, said: &[&str], clear: impl Fn()) {
    let (before, changes) = (remaining(test), account::changes(test));
    let ended = undo(test).code(1);
    for text in said.iter().chain(&["nothing was changed"]) {
        assert!(ended.stderr.contains(text), "{text}: {}", ended.stderr);
    }
    assert_eq!(remaining(test), before);
    assert_eq!(account::changes(test), changes);
    let planned = test.runbook(&["undo", "last", "--plan"]).code(0);
    assert!(planned.stdout.contains(said[0]), "{}", planned.stdout);
    clear();
    undo(test).code(0);
    assert!(remaining(test).is_empty(), "{:?}", remaining(test));
}

fn launch(test: &Test, subnet: &str) -> String {
    let images = stranger(test, "describe_images", &json!({"Owners": ["amazon"]}));
    let tags = json!([{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "db1"}]}]);
    let made = stranger(
        test,
        "run_instances",
        &json!({"ImageId": images["Images"][0]["ImageId"], "InstanceType": "t3.micro", "MinCount": 1,
            "MaxCount": 1, "SubnetId": subnet, "TagSpecifications": tags}),
    );
    made["Instances"][0]["InstanceId"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn an_instance_of_somebody_elses() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let subnet = named(&test, "subnet", "MyVPC private segment AZ1");
    let id = launch(&test, &subnet);
    in_the_way(&test, &[&id, "`db1`", "move or delete"], || {
        stranger(&test, "terminate_instances", &json!({"InstanceIds": [id]}));
    });
}

#[test]
fn a_subnet_of_another_run() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let tags = json!([{"ResourceType": "subnet", "Tags": [{"Key": "runbook:run", "Value": "20260101-000000-other-aaaaaaaaaaaa"}]}]);
    let vpc = named(&test, "vpc", "MyVPC");
    let made = stranger(
        &test,
        "create_subnet",
        &json!({"VpcId": vpc, "CidrBlock": "10.0.77.0/24", "TagSpecifications": tags}),
    );
    let id = text(&made["Subnet"]["SubnetId"]);
    let said = [
        id.as_str(),
        "runbook undo 20260101-000000-other-aaaaaaaaaaaa",
    ];
    in_the_way(&test, &said, || {
        stranger(&test, "delete_subnet", &json!({"SubnetId": id}));
    });
}

#[test]
fn a_group_of_somebody_elses() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let vpc = named(&test, "vpc", "MyVPC");
    let group = json!({"GroupName": "web", "Description": "web", "VpcId": vpc});
    let id = text(&stranger(&test, "create_security_group", &group)["GroupId"]);
    in_the_way(&test, &[&id, "`web`"], || {
        stranger(&test, "delete_security_group", &json!({"GroupId": id}));
    });
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
