//! `run --dry-run`: everything up to the first effect, and nothing of it stays.

use insta::assert_snapshot;

use super::{COUNT, SECOND};
use crate::harness::Test;

#[test]
fn the_first_effect_is_said_and_not_made() {
    let script = r#"
import "aws/ec2" as ec2;

fn main(params) {
    let seen = run::step("look", || ec2::describe_vpcs(#{}).vpcs.len());
    log::info(`${seen} VPC`);
    try {
        run::step("build", || ec2::create_vpc(#{cidr_block: "10.9.0.0/16"}));
    } catch {
        log::error("caught");
    }
    ec2::create_vpc(#{cidr_block: "10.8.0.0/16"});
}
"#;
    let test = Test::new().aws().file("build.rhai", script);
    let ended = test.runbook(&["run", "build.rhai", "--dry-run"]).code(0);
    assert_eq!(ended.stdout, "");
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    <time> 1 VPC
    <time> would call ec2.create_vpc #{"cidr_block": "10.9.0.0/16"}
    "#);
    assert!(!test.state_dir().exists());
    assert!(!test.requests().to_string().contains("CreateVpc"));
    let json = test
        .runbook(&["--output", "json", "run", "build.rhai", "--dry-run"])
        .code(0);
    let last = json.stdout.lines().last().unwrap().to_owned();
    assert_snapshot!(test.stable(&last), @r#"{"event":"would","at":"<time>","operation":"ec2.create_vpc","input":{"cidr_block":"10.9.0.0/16"}}"#);
}

#[test]
fn a_tick_is_tried_with_its_memory_and_leaves_that_alone() {
    let test = Test::new().aws().file("second.rhai", SECOND);
    test.runbook(&["run", "second.rhai"]).code(0);
    let before = super::files(&test.state_dir());
    let ended = test.runbook(&["run", "second.rhai", "--dry-run"]).code(0);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    <time> tick 2
    <time> now
    <time> would call ec2.create_vpc #{"cidr_block": "10.9.0.0/16"}
    "#);
    assert_eq!(super::files(&test.state_dir()), before);
}

#[test]
fn it_needs_no_lock_and_says_when_nothing_would_change() {
    let test = Test::new().file("count.rhai", COUNT);
    let mut resident = test.live(&["every", "1s", "count.rhai"], "tick 1");
    resident.until("tick 2");
    let ended = test.runbook(&["run", "count.rhai", "--dry-run"]).code(0);
    assert!(
        ended.stderr.contains("would change nothing"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("tick 1"), "{}", ended.stderr);
}

#[test]
fn a_beat_is_said_and_the_tick_goes_on() {
    let script = r#"
import "aws/ec2" as ec2;

const TICK = true;

fn main(params) {
    let sent = ec2::create_tags(#{resources: ["vpc-1"], tags: [#{key: "a", value: "b"}]}, #{beat: true});
    log::info(`sent ${sent == ()}`);
}
"#;
    let test = Test::new().aws().file("beat.rhai", script);
    let ended = test.runbook(&["run", "beat.rhai", "--dry-run"]).code(0);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    <time> would call ec2.create_tags #{"resources": ["vpc-1"], "tags": [#{"key": "a", "value": "b"}]}
    <time> sent true
    <time> would change nothing
    "#);
    assert!(!test.requests().to_string().contains("CreateTags"));
    assert!(!test.state_dir().exists());
}

#[test]
fn what_is_wrong_is_wrong_in_a_dry_run_too() {
    let test = Test::new().file("bad.rhai", "fn main(params) { throw \"no\"; }");
    let ended = test.runbook(&["run", "bad.rhai", "--dry-run"]).code(1);
    assert!(!ended.stderr.contains("resume"), "{}", ended.stderr);
    assert!(!test.state_dir().exists());
}
