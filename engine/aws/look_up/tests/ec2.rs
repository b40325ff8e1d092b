//! Look-ups in EC2.

use serde_json::json;

use super::super::replay::Replay;
use super::{again, done, ec2, ec2_again, look, xml};
use crate::look_up::doubt::{Found, LookUpError};
use knowledge::texts_at;

#[test]
fn a_tagged_thing_is_found_on_any_page() {
    let first = "<vpcSet/><nextToken>more</nextToken>";
    let second = "<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>";
    let replay = Replay::default()
        .ok(xml("DescribeVpcs", first))
        .ok(xml("DescribeVpcs", second));
    let Ok(Found::Done(answer)) = look(&replay, "ec2", "create_vpc", &json!({})) else {
        panic!("not found")
    };
    assert_eq!(answer["vpc"]["vpc_id"], "vpc-1");
    let [asked, again] = &replay.asked()[..] else {
        panic!("two pages")
    };
    assert!(asked.contains(
        "Filter.1.Name=tag%3Arunbook%3Arun&Filter.1.Value.1=20261121-091203-build-abcdefghijkl"
    ));
    assert!(asked.contains("Filter.2.Name=tag%3Arunbook%3Aeffect&Filter.2.Value.1=network%2Fcall"));
    assert!(again.contains("NextToken=more"));
}

#[test]
fn a_tagged_thing_that_is_not_seen_is_absent() {
    assert_eq!(
        ec2(
            "create_subnet",
            &json!({}),
            "DescribeSubnets",
            "<subnetSet/>"
        ),
        Ok(Found::Absent)
    );
}

#[test]
fn two_things_with_one_mark_are_not_guessed_between() {
    let body =
        "<vpcSet><item><vpcId>vpc-1</vpcId></item><item><vpcId>vpc-2</vpcId></item></vpcSet>";
    assert_eq!(
        ec2("create_vpc", &json!({}), "DescribeVpcs", body),
        Ok(Found::Several(vec!["vpc-1".into(), "vpc-2".into()]))
    );
}

fn reservation(states: &[&str]) -> String {
    let items = states.iter().enumerate().fold(String::new(), |items, (index, state)| {
        format!("{items}<item><instanceId>i-{index}</instanceId><instanceState><name>{state}</name></instanceState></item>")
    });
    format!("<reservationSet><item><instancesSet>{items}</instancesSet></item></reservationSet>")
}

/// Looks for the instances of one call.
fn instances(states: &[&str], count: u32) -> Result<Found, LookUpError> {
    let replay = Replay::default().ok(xml("DescribeInstances", &reservation(states)));
    look(
        &replay,
        "ec2",
        "run_instances",
        &json!({"max_count": count}),
    )
}

#[test]
fn instances_are_adopted_if_all_are_there_and_live() {
    let Ok(Found::Done(answer)) = instances(&["running", "pending"], 2) else {
        panic!("not found")
    };
    assert_eq!(texts_at(&answer, "instances[].instance_id"), ["i-0", "i-1"]);
    for states in [&["running"][..], &["terminated"], &[]] {
        assert_eq!(instances(states, 2), Ok(Found::CallAgain), "{states:?}");
    }
}

#[test]
fn what_is_left_of_several_instances_is_not_taken_for_all() {
    let rest = Ok(Found::Several(vec!["i-1".into()]));
    assert_eq!(instances(&["terminated", "running"], 2), rest);
    assert_eq!(instances(&["shutting-down", "running"], 2), rest);
}

#[test]
fn a_spent_token_tells_whether_anything_of_the_call_is_left() {
    let again = |states: &[&str]| {
        let body = xml("DescribeInstances", &reservation(states));
        let replay = (0..2).fold(Replay::default(), |replay, _| replay.ok(body.clone()));
        again(&replay, "ec2", "run_instances", &json!({"max_count": 2}))
    };
    assert_eq!(again(&["terminated", "terminated"]), Ok(Found::Absent));
    assert_eq!(again(&[]), Ok(Found::Absent));
    let rest = Ok(Found::Several(vec!["i-0".into()]));
    assert_eq!(again(&["stopped", "terminated"]), rest);
    assert_eq!(again(&["stopped"]), rest);
}

#[test]
fn rules_are_found_once_all_of_them_are_seen() {
    let input = json!({"group_id": "sg-1", "ip_permissions": [
        {"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "ip_ranges": [{"cidr_ip": "10.0.0.0/8"}, {"cidr_ip": "192.0.2.0/24"}]},
    ]});
    let look = |count: u32| {
        let rule = |number| {
            format!("<item><securityGroupRuleId>sgr-{number}</securityGroupRuleId></item>")
        };
        let rules: String = (0..count).map(rule).collect();
        let body = format!("<securityGroupRuleSet>{rules}</securityGroupRuleSet>");
        ec2(
            "authorize_security_group_ingress",
            &input,
            "DescribeSecurityGroupRules",
            &body,
        )
    };
    assert_eq!(look(0), Ok(Found::Absent));
    assert_eq!(look(1), Ok(Found::Absent));
    assert!(
        matches!(look(2), Ok(Found::Done(answer)) if texts_at(&answer, "security_group_rules[].security_group_rule_id") == ["sgr-0", "sgr-1"])
    );
}

#[test]
fn a_failed_nat_gateway_is_not_adopted() {
    let body = "<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><state>failed</state></item></natGatewaySet>";
    assert_eq!(
        ec2(
            "create_nat_gateway",
            &json!({}),
            "DescribeNatGateways",
            body
        ),
        Ok(Found::CallAgain)
    );
}

#[test]
fn a_gateway_is_attached_to_that_vpc_or_not() {
    let input = json!({"internet_gateway_id": "igw-1", "vpc_id": "vpc-1"});
    let body = |vpc: &str| {
        format!(
            "<internetGatewaySet><item><internetGatewayId>igw-1</internetGatewayId><attachmentSet><item>\
             <vpcId>{vpc}</vpcId><state>available</state></item></attachmentSet></item></internetGatewaySet>"
        )
    };
    let look =
        |operation, vpc| ec2_again(operation, &input, "DescribeInternetGateways", &body(vpc));
    assert_eq!(look("attach_internet_gateway", "vpc-1"), done(json!({})));
    assert_eq!(look("attach_internet_gateway", "vpc-2"), Ok(Found::Absent));
    assert_eq!(look("detach_internet_gateway", "vpc-1"), Ok(Found::Absent));
    assert_eq!(look("detach_internet_gateway", "vpc-2"), done(json!({})));
}

fn table(associations: &str, routes: &str) -> String {
    format!(
        "<routeTableSet><item><routeTableId>rtb-1</routeTableId><associationSet>{associations}</associationSet>\
         <routeSet>{routes}</routeSet></item></routeTableSet>"
    )
}

#[test]
fn a_route_is_the_same_only_with_the_same_target() {
    let route = "<item><destinationCidrBlock>10.1.0.0/16</destinationCidrBlock><instanceId>i-1</instanceId>\
                 <networkInterfaceId>eni-1</networkInterfaceId><origin>CreateRoute</origin></item>";
    let look = |operation, destination: &str, member: &str, target: &str| {
        let input = json!({"route_table_id": "rtb-1", "destination_cidr_block": destination, member: target});
        ec2_again(operation, &input, "DescribeRouteTables", &table("", route))
    };
    let made = done(json!({"return": true}));
    assert_eq!(
        look("create_route", "10.1.0.0/16", "instance_id", "i-1"),
        made
    );
    assert_eq!(
        look(
            "create_route",
            "10.1.2.3/16",
            "network_interface_id",
            "eni-1"
        ),
        made
    );
    assert_eq!(
        look("create_route", "10.1.0.0/16", "instance_id", "i-2"),
        Ok(Found::Absent)
    );
    assert_eq!(
        look("create_route", "10.1.0.0/16", "gateway_id", "igw-1"),
        Ok(Found::Absent)
    );
    assert_eq!(
        look("create_route", "10.2.0.0/16", "instance_id", "i-1"),
        Ok(Found::Absent)
    );
    assert_eq!(
        look("delete_route", "10.1.0.0/16", "x", ""),
        Ok(Found::Absent)
    );
    assert_eq!(
        look("delete_route", "10.2.0.0/16", "x", ""),
        done(json!({}))
    );
}

#[test]
fn a_deleted_thing_is_gone() {
    let input = json!({"group_id": "sg-1"});
    let reply = json!({"return": true, "group_id": "sg-1"});
    let there = "<securityGroupInfo><item><groupId>sg-1</groupId></item></securityGroupInfo>";
    let look = |body| {
        ec2_again(
            "delete_security_group",
            &input,
            "DescribeSecurityGroups",
            body,
        )
    };
    assert_eq!(look("<securityGroupInfo/>"), done(reply));
    assert_eq!(look(there), Ok(Found::Absent));
}

#[test]
fn revoked_rules_are_gone_in_their_direction() {
    let rule = "<securityGroupRuleSet><item><securityGroupRuleId>sgr-1</securityGroupRuleId><isEgress>false</isEgress>\
                <ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><cidrIpv4>10.0.0.0/8</cidrIpv4>\
                </item></securityGroupRuleSet>";
    let input = |ports: u16| {
        json!({"group_id": "sg-1", "ip_permissions": [
            {"ip_protocol": "tcp", "from_port": ports, "to_port": ports, "ip_ranges": [{"cidr_ip": "10.0.0.0/8"}]},
        ]})
    };
    let look =
        |operation, ports| ec2_again(operation, &input(ports), "DescribeSecurityGroupRules", rule);
    assert_eq!(look("revoke_security_group_ingress", 22), Ok(Found::Absent));
    assert!(matches!(
        look("revoke_security_group_ingress", 23),
        Ok(Found::Done(_))
    ));
    assert!(matches!(
        look("revoke_security_group_egress", 22),
        Ok(Found::Done(_))
    ));
}

#[test]
fn instances_are_gone_once_all_of_them_are() {
    let input = json!({"instance_ids": ["i-0", "i-1"]});
    let look = |states: &[&str]| {
        ec2_again(
            "terminate_instances",
            &input,
            "DescribeInstances",
            &reservation(states),
        )
    };
    assert!(matches!(
        look(&["terminated", "shutting-down"]),
        Ok(Found::Done(_))
    ));
    assert!(matches!(look(&[]), Ok(Found::Done(_))));
    assert_eq!(look(&["terminated", "running"]), Ok(Found::Absent));
}
