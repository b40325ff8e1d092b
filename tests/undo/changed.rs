//! Things that were replaced, renamed, untagged or deleted since the run made them.

use serde_json::json;

use super::{named, remaining, stranger, undo};
use crate::build::build;
use crate::harness::Test;

const GATEWAY: &str = "
import \"aws/ec2\" as ec2;
fn main(params) {
    let gateway = ec2::create_internet_gateway(#{}).internet_gateway.internet_gateway_id;
    let pool = ec2::allocate_address(#{domain: \"vpc\"}).allocation_id;
    ec2::create_tags(#{resources: [params.table], tags: [#{key: \"carrier\", value: gateway}]});
    ec2::replace_route(#{route_table_id: params.table, destination_cidr_block: \"0.0.0.0/0\", gateway_id: gateway});
    pool
}
const PARAMS = #{table: #{type: \"string\", required: true, help: \"a table of somebody else's\"}};
";

#[test]
fn what_was_deleted_by_hand_is_skipped() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let table = named(&test, "route_table", "MyVPC private segment AZ1");
    let subnet = named(&test, "subnet", "MyVPC private segment AZ1");
    stranger(&test, "delete_subnet", &json!({"SubnetId": subnet}));
    stranger(&test, "delete_route_table", &json!({"RouteTableId": table}));
    let planned = test.runbook(&["undo", "last", "--plan"]).code(0);
    let gone = planned.stdout.split("already gone").nth(1).unwrap();
    assert!(
        gone.contains(&subnet) && gone.contains(&table),
        "{}",
        planned.stdout
    );
    undo(&test).code(0);
    assert!(remaining(&test).is_empty());
}

#[test]
fn what_was_renamed_is_still_the_runs() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let subnet = named(&test, "subnet", "MyVPC private segment AZ1");
    let tags = json!({"Resources": [subnet], "Tags": [{"Key": "Name", "Value": "mine now"}]});
    stranger(&test, "create_tags", &tags);
    undo(&test).code(0);
    assert!(remaining(&test).is_empty());
}

#[test]
fn what_lost_the_mark_stays_and_so_does_what_it_is_in() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let before = remaining(&test).len();
    let subnet = named(&test, "subnet", "MyVPC private segment AZ1");
    let tag = json!({"Resources": [subnet], "Tags": [{"Key": "runbook:run"}]});
    stranger(&test, "delete_tags", &tag);
    let ended = undo(&test).code(1);
    assert!(ended.stderr.contains(&subnet), "{}", ended.stderr);
    assert_eq!(remaining(&test).len(), before);
}

#[test]
fn what_others_own_gets_only_the_tags_back() {
    let test = Test::new().aws().file("case.rhai", GATEWAY);
    let vpc = stranger(&test, "create_vpc", &json!({"CidrBlock": "10.9.0.0/16"}));
    let tables = stranger(&test, "describe_route_tables", &json!({}));
    let tables = tables["RouteTables"].as_array().unwrap();
    let own = tables
        .iter()
        .find(|one| one["VpcId"] == vpc["Vpc"]["VpcId"]);
    let table = own.unwrap()["RouteTableId"].as_str().unwrap().to_owned();
    let gateway = stranger(&test, "create_internet_gateway", &json!({}));
    let gateway = &gateway["InternetGateway"]["InternetGatewayId"];
    let route =
        json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway});
    stranger(&test, "create_route", &route);
    let before = remaining(&test);
    test.runbook(&["run", "case.rhai", "--set", &format!("table={table}")])
        .code(0);
    let ended = undo(&test).code(0);
    assert!(
        ended.stdout.contains("cannot be undone"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("ec2.replace_route"),
        "{}",
        ended.stdout
    );
    let after = remaining(&test);
    assert_eq!(after.len(), before.len());
    assert!(!format!("{after:?}").contains("carrier"), "{after:?}");
}

/// Subscribing to what is subscribed already succeeds, and nothing marks the subscription as this run's.
#[test]
fn what_may_have_been_there_before_stays() {
    let test = Test::new().aws().file("subscribe.rhai", SUBSCRIBED);
    for _ in ["somebody else's", "ours"] {
        test.runbook(&["run", "subscribe.rhai"]).code(0);
    }
    let before = remaining(&test);
    let ended = undo(&test).code(1);
    let why = "it may have existed before the run";
    assert!(ended.stdout.contains(why), "{}", ended.stdout);
    let topic = ":shared: it cannot be undone: the earlier value is not recorded";
    assert!(ended.stdout.contains(topic), "{}", ended.stdout);
    assert_eq!(remaining(&test), before);
}

const SUBSCRIBED: &str = r#"
import "aws/sns" as sns;
fn main(params) {
    let topic = sns::create_topic(#{name: "shared"}).topic_arn;
    sns::subscribe(#{topic_arn: topic, protocol: "https", endpoint: "https://example.com/"}).subscription_arn
}
"#;
