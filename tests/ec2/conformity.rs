//! The built instances are those that were asked for, with least rights, as another client reads them.

use serde_json::{Value, json};

use super::{build, read_back};
use crate::build::{EC2_SITE, SITE, account};
use crate::harness::{Test, tell};

const ROLE: &str = "MyVPC-nat-ap-northeast-1";

#[test]
fn another_client_reads_back_what_was_asked_for() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let mut found = read_back(&test, "MyVPC");
    for number in 1..=2 {
        let machine = &mut found["machines"][format!("MyVPC NAT AZ{number}")];
        let data = machine["user_data"].take();
        assert!(data.as_str().unwrap().contains("runbook-nat: "), "{data}");
        assert_eq!(*machine, nat(number));
    }
    assert_eq!(found["machines"].as_object().unwrap().len(), 2);
    assert_eq!(found["groups"], groups());
    assert_eq!(found["profiles"], json!([ROLE]));
    assert_eq!(found["roles"], json!({ROLE: role(test.account())}));
    assert_eq!(found["addresses"], json!({}));
}

fn nat(number: u32) -> Value {
    let name = format!("MyVPC NAT AZ{number}");
    let tags = json!({"Name": name, "runbook:role": "nat"});
    json!({
        "state": "running",
        "type": "t4g.nano",
        "image": "al2023-ami-2023.8.20250721.2-kernel-6.1-arm64",
        "subnet": format!("MyVPC public segment AZ{number}"),
        "groups": ["MyVPC NAT"],
        "public": true,
        "source_dest_check": false,
        "key": null,
        "profile": ROLE,
        "metadata": ["required", 1, "enabled"],
        "volume": {"device": "/dev/xvda", "encrypted": true, "kind": "gp3", "tags": tags},
        "tags": tags,
        "user_data": null,
    })
}

/// Nothing from the Internet: neither `0.0.0.0/0` nor `::/0` is there.
fn groups() -> Value {
    json!({
        "MyVPC NAT": [
            "-1 from 10.0.128.0/24",
            "-1 from 10.0.129.0/24",
            "-1 from MyVPC NAT",
            "tcp 22-22 from MyVPC admin",
        ],
        "MyVPC admin": [],
        "default": [],
    })
}

fn role(account: &str) -> Value {
    let tables: Vec<String> = ["private", "public"]
        .iter()
        .flat_map(|kind| (1..=2).map(move |number| format!("MyVPC {kind} segment AZ{number}")))
        .map(|name| format!("ec2: {name}"))
        .collect();
    let only = |key: &str| json!({"aws:TagKeys": [key]});
    json!({
        "trust": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
        },
        "attached": [],
        "marks": ["runbook:effect", "runbook:role", "runbook:run"],
        "policies": {"heartbeat": {
            "See": {"Sid": "See", "Effect": "Allow", "Action": ["ec2:DescribeInstances", "ec2:DescribeRouteTables"], "Resource": "*"},
            "Route": {"Sid": "Route", "Effect": "Allow", "Action": "ec2:ReplaceRoute", "Resource": tables},
            "SayHowItIs": {
                "Sid": "SayHowItIs", "Effect": "Allow", "Action": "ec2:CreateTags",
                "Resource": format!("arn:aws:ec2:ap-northeast-1:{account}:instance/*"),
                "Condition": {
                    "ForAllValues:StringEquals": only("runbook:heartbeat"),
                    "StringEquals": {"ec2:ResourceTag/runbook:role": "nat"},
                },
            },
            "NoteTheCarrier": {
                "Sid": "NoteTheCarrier", "Effect": "Allow", "Action": "ec2:CreateTags", "Resource": tables[..2],
                "Condition": {"ForAllValues:StringEquals": only("runbook:carrier")},
            },
        }},
    })
}

#[test]
fn what_is_asked_for_beside_the_presets_is_there() {
    let test = Test::new().aws().file(
        "more.toml",
        r#"
        nat_elastic_ips = true
        start_admin = true
        admin_ssh_cidr = "203.0.113.0/24"
        ssh_key_name = "operators"
        instance_type_nat = "t3.small"
        runbook_url = "s3://programs/linux/runbook"
        notify = [{ sns_topic = "arn:aws:sns:ap-northeast-1:123456789012:nat" }]
        "#,
    );
    crate::build::python::change(&test, &["key", "operators"]);
    build(&test, &["--site", "more.toml"]).code(0);
    let found = read_back(&test, "MyVPC");
    let machine = &found["machines"]["MyVPC NAT AZ1"];
    assert_eq!(machine["type"], "t3.small");
    assert_eq!(machine["key"], "operators");
    assert_eq!(
        machine["image"],
        "al2023-ami-2023.8.20250721.2-kernel-6.1-x86_64"
    );
    let holders = json!({"MyVPC NAT AZ1": "MyVPC NAT AZ1", "MyVPC NAT AZ2": "MyVPC NAT AZ2"});
    assert_eq!(found["addresses"], holders);
    let rules = json!(["tcp 22-22 from 203.0.113.0/24"]);
    assert_eq!(found["groups"]["MyVPC admin"], rules);
    let admin = &found["machines"]["MyVPC admin"];
    assert_eq!(admin["groups"], json!(["MyVPC admin"]));
    assert_eq!(admin["metadata"], json!(["required", 1, "enabled"]));
    assert_eq!(
        (&admin["profile"], &admin["user_data"]),
        (&json!(""), &json!(""))
    );
    let rights = &found["roles"][ROLE]["policies"]["heartbeat"];
    assert_eq!(
        rights["FetchTheProgram"]["Resource"],
        "arn:aws:s3:::programs/linux/runbook"
    );
    let topics = json!(["arn:aws:sns:ap-northeast-1:123456789012:nat"]);
    assert_eq!(rights["TellTheNews"]["Resource"], topics);
}

#[test]
fn nothing_is_made_twice_and_every_request_is_counted() {
    for (compute, site) in [("EC2", EC2_SITE), ("OpsWorks", SITE)] {
        let test = Test::new().aws();
        build(&test, &["--site", site]).code(0);
        let requests = test.requests().as_array().unwrap().len();
        let changes = account::changes(&test).len();
        tell(&format!(
            "build.rhai on {compute}: {requests} requests, {changes} of them changes"
        ));
        let done = account::done(&test);
        let twice: Vec<_> = done.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{compute}: {twice:?}");
    }
}
