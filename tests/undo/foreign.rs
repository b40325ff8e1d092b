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

const LENT: &str = r#"
import "aws/ec2" as ec2;
fn main(params) { ec2::allocate_address(#{domain: "vpc"}).allocation_id }
"#;

#[test]
fn an_address_that_somebody_elses_instance_uses() {
    let test = Test::new().aws().file("lent.rhai", LENT);
    test.runbook(&["run", "lent.rhai"]).code(0);
    let vpc = stranger(&test, "create_vpc", &json!({"CidrBlock": "10.9.0.0/16"}));
    let subnet = json!({"VpcId": vpc["Vpc"]["VpcId"], "CidrBlock": "10.9.0.0/24"});
    let subnet = stranger(&test, "create_subnet", &subnet);
    let id = launch(&test, &text(&subnet["Subnet"]["SubnetId"]));
    let addresses = stranger(&test, "describe_addresses", &json!({}));
    let address = &addresses["Addresses"][0]["AllocationId"];
    let joined = json!({"AllocationId": address, "InstanceId": id});
    stranger(&test, "associate_address", &joined);
    let before = remaining(&test);
    let ended = undo(&test).code(1);
    assert!(ended.stderr.contains(&id), "{}", ended.stderr);
    assert_eq!(remaining(&test), before);
}

#[test]
fn a_route_that_would_lead_nowhere_is_told() {
    let test = Test::new().aws().file("lone.rhai", LONE);
    let vpc = stranger(&test, "create_vpc", &json!({"CidrBlock": "10.9.0.0/16"}));
    let subnet = json!({"VpcId": vpc["Vpc"]["VpcId"], "CidrBlock": "10.9.0.0/24"});
    let subnet = text(&stranger(&test, "create_subnet", &subnet)["Subnet"]["SubnetId"]);
    let given = format!("subnet={subnet}");
    let ran = test.runbook(&["run", "lone.rhai", "--set", &given]).code(0);
    let instance: String = serde_json::from_str(&ran.stdout).unwrap();
    let table = json!({"VpcId": vpc["Vpc"]["VpcId"]});
    let table = text(&stranger(&test, "create_route_table", &table)["RouteTable"]["RouteTableId"]);
    let route =
        json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "InstanceId": instance});
    stranger(&test, "create_route", &route);
    let planned = test.runbook(&["undo", "last", "--plan"]).code(0);
    let led = planned
        .stdout
        .split("routes that would lose their target")
        .nth(1)
        .unwrap();
    assert!(led.contains(&table) && led.contains(&instance), "{led}");
    undo(&test).code(0);
}

const LONE: &str = r#"
import "aws/ec2" as ec2;
const PARAMS = #{subnet: #{type: "string", required: true, help: "somebody else's"}};
fn main(params) {
    let image = run::step("choose the image", || ec2::describe_images(#{owners: ["amazon"]}).images[0].image_id);
    let asked = #{image_id: image, instance_type: "t3.micro", min_count: 1, max_count: 1, subnet_id: params.subnet};
    ec2::run_instances(asked).instances[0].instance_id
}
"#;

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
