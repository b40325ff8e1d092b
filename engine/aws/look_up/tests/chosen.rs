//! What a person says a call made counts only if it is there and ours.

use serde_json::json;

use super::super::replay::Replay;
use super::{done, look_for, xml};
use crate::look_up::doubt::Found;

const VPCS: &str =
    "<vpcSet><item><vpcId>vpc-1</vpcId></item><item><vpcId>vpc-2</vpcId></item></vpcSet>";

#[test]
fn one_of_several_with_our_mark_is_taken() {
    let choose = |id| {
        let replay = Replay::default().ok(xml("DescribeVpcs", VPCS));
        look_for(id, &replay, ("ec2", "create_vpc"), &json!({}))
    };
    let Ok(Found::Done(answer)) = choose("vpc-2") else {
        panic!("not found")
    };
    assert_eq!(answer["vpc"]["vpc_id"], "vpc-2");
    // It exists perhaps, but the look-up asks for our marks.
    assert_eq!(choose("vpc-3"), Ok(Found::Absent));
    assert_eq!(choose(""), Ok(Found::Absent));
}

#[test]
fn what_is_left_of_several_instances_may_be_chosen() {
    let instances = "<reservationSet><item><instancesSet>\
                     <item><instanceId>i-1</instanceId><instanceState><name>running</name></instanceState></item>\
                     <item><instanceId>i-2</instanceId><instanceState><name>terminated</name></instanceState></item>\
                     </instancesSet></item></reservationSet>";
    let choose = |ids| {
        let body = || xml("DescribeInstances", instances);
        let replay = Replay::default().ok(body()).ok(body());
        look_for(
            ids,
            &replay,
            ("ec2", "run_instances"),
            &json!({"max_count": 2}),
        )
    };
    let Ok(Found::Done(answer)) = choose("i-1") else {
        panic!("not found")
    };
    assert_eq!(
        knowledge::texts_at(&answer, "instances[].instance_id"),
        ["i-1"]
    );
    assert_eq!(choose("i-2"), Ok(Found::Absent));
    assert!(matches!(choose("i-1, i-2"), Ok(Found::Several(_))));
}

#[test]
fn what_has_another_key_is_not_taken() {
    let layers = json!({"Layers": [{"LayerId": "l-1", "Shortname": "nat"}, {"LayerId": "l-2", "Shortname": "web"}]});
    let choose = |id| {
        let replay = Replay::default().ok(layers.to_string());
        let input = json!({"stack_id": "s-1", "shortname": "nat"});
        look_for(id, &replay, ("opsworks", "create_layer"), &input)
    };
    assert_eq!(choose("l-1"), done(json!({"layer_id": "l-1"})));
    assert_eq!(choose("l-2"), Ok(Found::Absent));
}

#[test]
fn a_call_that_makes_nothing_is_chosen_by_what_it_names() {
    let attached = "<internetGatewaySet><item><internetGatewayId>igw-1</internetGatewayId><attachmentSet><item>\
                    <vpcId>vpc-1</vpcId></item></attachmentSet></item></internetGatewaySet>";
    let choose = |id, body: &str| {
        let replay = Replay::default().ok(xml("DescribeInternetGateways", body));
        let input = json!({"internet_gateway_id": "igw-1", "vpc_id": "vpc-1"});
        look_for(id, &replay, ("ec2", "attach_internet_gateway"), &input)
    };
    assert_eq!(choose("igw-1", attached), done(json!({})));
    assert_eq!(choose("igw-2", attached), Ok(Found::Absent));
    assert_eq!(choose(" , ", attached), Ok(Found::Absent));
    assert_eq!(choose("igw-1", "<internetGatewaySet/>"), Ok(Found::Absent));
}

#[test]
fn what_cannot_be_looked_up_cannot_be_checked() {
    for call in [
        ("sns", "publish"),
        ("ec2", "replace_route"),
        ("iam", "create_user"),
    ] {
        let found = look_for("x", &Replay::default(), call, &json!({}));
        assert!(matches!(found, Ok(Found::Unknowable(_))), "{call:?}");
    }
}
