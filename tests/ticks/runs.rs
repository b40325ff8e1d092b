//! When a tick is a run, and when it is none.

use insta::assert_snapshot;

use super::SECOND;
use crate::harness::Test;

#[test]
fn a_tick_is_a_run_from_its_first_effect_on_with_all_that_came_before() {
    let test = Test::new().aws().file("second.rhai", SECOND);
    let first = test.runbook(&["run", "second.rhai"]).code(0);
    assert_snapshot!(test.stable(&first.stderr), @"<time> tick 1");
    assert!(test.runs().is_empty());
    let second = test.runbook(&["run", "second.rhai"]).code(0);
    assert_snapshot!(test.stable(&second.stderr), @"
    <time> tick 2
    <time> now
    <time> run <run:second>: second.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    <time> ec2.create_vpc: done, <vpc>
    <time> made it

    made
      <vpc>  ec2.create_vpc  ec2.create_vpc
    ✓ <run:second> succeeded in <duration>
    ");
    let kinds: Vec<String> = test
        .journal()
        .iter()
        .map(|entry| {
            entry["record"]
                .as_object()
                .unwrap()
                .keys()
                .next()
                .unwrap()
                .clone()
        })
        .collect();
    assert_snapshot!(kinds.join(" "), @"run_started logged step_started step_finished logged effect_intended effect_finished logged run_ended");
    let third = test.runbook(&["run", "second.rhai"]).code(0);
    assert_snapshot!(test.stable(&third.stderr), @"<time> tick 3");
    assert_eq!(test.runs().len(), 1);
    assert!(test.memory().join("db").is_dir());
}

const BEATING: &str = r#"
import "aws/ec2" as ec2;

const TICK = true;

fn main(params) {
    let vpc = ec2::describe_vpcs(#{}).vpcs[0].vpc_id;
    let tags = [#{key: "beat", value: "here"}];
    ec2::create_tags(#{resources: [vpc], tags: tags}, #{beat: true});
    log::info("sent");
    try {
        ec2::create_vpc(#{cidr_block: "10.9.0.0/16"}, #{beat: true});
    } catch (error) {
        log::info(`${error.code}: ${error.message}`);
    }
    try {
        ec2::create_tags(#{resources: ["vpc-00000000000000000"], tags: tags}, #{beat: true});
    } catch (error) {
        log::info(error.code);
    }
}
"#;

#[test]
fn a_beat_is_sent_and_makes_no_run() {
    let test = Test::new().aws().file("beating.rhai", BEATING);
    let ended = test.runbook(&["run", "beating.rhai"]).code(0);
    assert_snapshot!(test.stable(&ended.stderr), @"
    <time> sent
    <time> InvalidInput: `ec2.create_vpc` cannot be a beat: its class is tagged, and only an idempotent call may be lost or made twice
    <time> InvalidVpcID.NotFound
    ");
    assert!(test.runs().is_empty());
    let sent = test.requests().to_string();
    assert!(sent.contains("CreateTags"), "{sent}");
    assert!(!sent.contains("CreateVpc"), "{sent}");
}
