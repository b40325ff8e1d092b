use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{Calls, Names, Place, PolicyError, document, types};
use knowledge::ROWS;

fn place() -> Place {
    Place {
        region: Some("eu-west-1".into()),
        account: None,
        names: Names::default(),
    }
}

/// The policy of a runbook that returns these `resources`.
fn named(resources: &Value, calls: &[(&str, &str)]) -> Result<Value, PolicyError> {
    let place = Place {
        names: Names::read(resources).unwrap(),
        ..place()
    };
    granted(&place, calls, &["iam_instance_profile"], false)
}

fn policy(calls: &[(&str, &str)], members: &[&str], undo: bool) -> Value {
    granted(&place(), calls, members, undo).unwrap()
}

fn granted(
    place: &Place,
    calls: &[(&str, &str)],
    members: &[&str],
    undo: bool,
) -> Result<Value, PolicyError> {
    let calls: Vec<(String, String)> = calls
        .iter()
        .map(|(service, name)| ((*service).into(), (*name).into()))
        .collect();
    let calls = Calls {
        operations: &calls.into_iter().collect(),
        members: &members.iter().map(|name| (*name).to_owned()).collect(),
    };
    document(calls, place, undo)
}

fn lines(policy: &Value) -> String {
    let statements = policy["Statement"].as_array().unwrap().iter();
    let lines = statements.map(|it| {
        let condition = it.get("Condition").map(|it| format!(" if {it}"));
        format!(
            "{} on {}{}",
            it["Action"],
            it["Resource"],
            condition.unwrap_or_default()
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_call_brings_its_tags_and_its_look_up() {
    let policy = policy(
        &[("ec2", "create_vpc"), ("sts", "get_caller_identity")],
        &[],
        false,
    );
    assert_snapshot!(lines(&policy), @r#"
    ["ec2:DescribeVpcs"] on "*" if {"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}
    ["ec2:CreateVpc"] on "arn:aws:ec2:eu-west-1:*:vpc/*"
    ["ec2:CreateTags"] on "arn:aws:ec2:eu-west-1:*:vpc/*" if {"Null":{"aws:RequestTag/runbook:run":"false"},"StringEquals":{"ec2:CreateAction":["CreateVpc"]}}
    "#);
}

#[test]
fn an_undo_needs_the_inverse_and_looks_round() {
    let policy = policy(&[("iam", "create_role"), ("sns", "publish")], &[], true);
    assert_snapshot!(lines(&policy), @r#"
    ["iam:CreateRole","iam:DeleteRole","iam:GetRole","iam:TagRole"] on "arn:aws:iam::*:role/*"
    ["sns:Publish"] on "arn:aws:sns:eu-west-1:*:*"
    "#);
}

#[test]
fn a_waiter_reads() {
    let policy = policy(&[("ec2", "wait_instance_running")], &[], false);
    assert_snapshot!(lines(&policy), @r#"["ec2:DescribeInstances"] on "*" if {"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}"#);
}

#[test]
fn roles_are_passed_only_where_one_is_given() {
    let has = |members: &[&str]| {
        lines(&policy(&[("ec2", "run_instances")], members, false)).contains("iam:PassRole")
    };
    assert!(has(&["iam_instance_profile"]));
    assert!(!has(&["instance_type"]));
}

const GROWING: [(&str, &str); 3] = [
    ("iam", "create_role"),
    ("iam", "put_role_policy"),
    ("ec2", "run_instances"),
];

#[test]
fn a_runbook_that_makes_roles_names_them() {
    assert_eq!(named(&Value::Null, &GROWING), Err(PolicyError::AnyRole));
    let policy = named(&json!({"iam:role": ["nat"]}), &GROWING).unwrap();
    assert!(!policy.to_string().contains("role/*"), "{policy:#}");
    assert!(named(&Value::Null, &GROWING[1..]).is_ok());
}

#[test]
fn a_boundary_is_a_condition_of_what_makes_a_role_grow() {
    let boundary = "arn:aws:iam::123456789012:policy/bound";
    let resources = json!({"iam:role": ["nat"], "iam:permissions-boundary": [boundary]});
    let policy = named(&resources, &GROWING[..2]).unwrap();
    assert_snapshot!(lines(&policy), @r#"
    ["iam:GetRole","iam:TagRole"] on "arn:aws:iam::*:role/nat"
    ["iam:CreateRole","iam:PutRolePolicy"] on "arn:aws:iam::*:role/nat" if {"StringEquals":{"iam:PermissionsBoundary":["arn:aws:iam::123456789012:policy/bound"]}}
    "#);
}

#[test]
fn what_is_named_is_all_that_is_allowed() {
    let topic = "arn:aws:sns:us-east-1:123456789012:nat";
    let calls = [("sns", "publish"), ("ec2", "import_key_pair")];
    let resources = json!({"sns:topic": [topic], "ec2:key-pair": ["a", "b"]});
    assert_snapshot!(lines(&named(&resources, &calls).unwrap()), @r#"
    ["ec2:DescribeKeyPairs"] on "*" if {"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}
    ["ec2:ImportKeyPair"] on ["arn:aws:ec2:eu-west-1:*:key-pair/a","arn:aws:ec2:eu-west-1:*:key-pair/b"]
    ["sns:Publish"] on "arn:aws:sns:us-east-1:123456789012:nat"
    ["ec2:CreateTags"] on ["arn:aws:ec2:eu-west-1:*:key-pair/a","arn:aws:ec2:eu-west-1:*:key-pair/b"] if {"Null":{"aws:RequestTag/runbook:run":"false"},"StringEquals":{"ec2:CreateAction":["ImportKeyPair"]}}
    "#);
    let none = named(&json!({"sns:topic": [], "ec2:key-pair": []}), &calls).unwrap();
    assert!(!none.to_string().contains("sns:Publish"), "{none:#}");
}

#[test]
fn tags_are_written_by_their_keys() {
    let resources =
        json!({"tags": {"ec2:instance": ["beat"], "ec2:route-table": ["Name", "carrier"]}});
    let calls = [("ec2", "create_tags"), ("ec2", "create_vpc")];
    assert_snapshot!(lines(&named(&resources, &calls).unwrap()), @r#"
    ["ec2:DescribeVpcs"] on "*" if {"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}
    ["ec2:CreateTags"] on "arn:aws:ec2:eu-west-1:*:instance/*" if {"ForAllValues:StringEquals":{"aws:TagKeys":["beat"]},"Null":{"aws:TagKeys":"false"}}
    ["ec2:CreateTags"] on "arn:aws:ec2:eu-west-1:*:route-table/*" if {"ForAllValues:StringEquals":{"aws:TagKeys":["Name","carrier"]},"Null":{"aws:TagKeys":"false"}}
    ["ec2:CreateVpc"] on "arn:aws:ec2:eu-west-1:*:vpc/*"
    ["ec2:CreateTags"] on "arn:aws:ec2:eu-west-1:*:vpc/*" if {"Null":{"aws:RequestTag/runbook:run":"false"},"StringEquals":{"ec2:CreateAction":["CreateVpc"]}}
    "#);
}

#[test]
fn the_partition_follows_the_region() {
    let arn = |region: &str| {
        let place = Place {
            region: Some(region.into()),
            account: Some("123456789012".into()),
            names: Names::default(),
        };
        place.arns("ec2", "vpc")
    };
    assert_eq!(
        arn("cn-north-1"),
        ["arn:aws-cn:ec2:cn-north-1:123456789012:vpc/*"]
    );
    assert_eq!(
        arn("us-gov-west-1"),
        ["arn:aws-us-gov:ec2:us-gov-west-1:123456789012:vpc/*"]
    );
}

#[test]
fn it_is_said_of_every_row_what_it_acts_on() {
    let known: BTreeSet<(&str, &str)> = types::TABLE
        .iter()
        .flat_map(|(service, groups)| {
            let names = groups.iter().flat_map(|(names, _)| *names);
            names.map(|name| (*service, *name))
        })
        .collect();
    let rows = ROWS.iter().map(|row| (row.service, row.operation));
    let missing: Vec<_> = rows.filter(|row| !known.contains(row)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_operation_of_the_table_is_in_its_model() {
    for (service, groups) in types::TABLE {
        let model = models::service(service).unwrap();
        for name in groups.iter().flat_map(|(names, _)| *names) {
            assert!(model.operation(name).is_ok(), "{service}::{name}");
        }
    }
}

/// What is made in a VPC or a subnet needs the right for that too.
#[test]
fn a_call_acts_on_what_its_input_says_it_is_in() {
    let model = models::service("ec2").unwrap();
    let (_, groups) = types::TABLE[0];
    let mut missing = Vec::new();
    for (names, kinds) in groups {
        for name in *names {
            let fields = model.input_fields(model.operation(name).unwrap());
            for (member, kind) in [("vpc_id", "vpc"), ("subnet_id", "subnet")] {
                let is_named = fields.iter().any(|field| field.snake == member);
                if is_named && !kinds.contains(&kind) {
                    missing.push(format!("{name}: {kind}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}
