//! `--after`: what a runbook needs is made anew for each of its rehearsals, and is not its own.

use serde_json::Value;

use super::{script, sound};
use crate::build::rehearsal::assert_nothing_left;
use crate::harness::{Ended, Test};

/// Its only effect has the key of the other's.
const NETWORK: &str = r#"
import "aws/ec2" as ec2;
const PARAMS = #{cidr: #{type: "cidr"}};
fn main(params) { ec2::create_vpc(#{cidr_block: params.cidr}); }
"#;

/// The keys of its steps have ids of what was there before, which differ from account to account.
const MORE: &str = r#"
import "aws/ec2" as ec2;
const PARAMS = #{cidr: #{type: "cidr"}, zone: #{type: "string"}};
fn main(params) {
    let found = run::step("find the networks", || ec2::describe_vpcs(#{filters: [#{name: "cidr", values: [params.cidr]}]}).vpcs);
    for vpc in found {
        let id = vpc.vpc_id;
        run::step("divide", id, || ec2::create_subnet(#{vpc_id: id, cidr_block: params.cidr, availability_zone: params.zone}));
        run::step("name", id, || ec2::create_tags(#{resources: [id], tags: [#{key: "Name", value: "divided"}]}));
    }
    ec2::create_vpc(#{cidr_block: "10.9.0.0/16"});
    found.len()
}
"#;

const SETTINGS: [&str; 6] = [
    "--after",
    "network.rhai",
    "--set",
    "cidr=10.8.0.0/24",
    "--set",
    "zone=eu-west-1a",
];

fn prepared() -> Test {
    script(MORE).file("network.rhai", NETWORK)
}

fn rehearse(test: &Test, more: &[&str]) -> Ended {
    test.runbook(&[&["rehearse", "script.rhai"], more].concat())
}

fn in_json(test: &Test, more: &[&str]) -> Ended {
    rehearse(test, &[&["--output", "json"], more].concat())
}

#[test]
fn a_runbook_finds_what_was_made_before_it() {
    let test = prepared();
    let ended = in_json(&test, &[&SETTINGS[..], &["--pace", "0"]].concat()).code(0);
    assert!(ended.stdout.contains("10.9.0.0/16"), "{}", ended.stdout);
    assert!(ended.stdout.contains("\"divided\""), "{}", ended.stdout);
    // Each that is named is run once more.
    let twice = [&SETTINGS[..], &["--after", "network.rhai", "--pace", "0"]].concat();
    let ended = in_json(&test, &twice).code(0);
    let named = ended.stdout.matches("\"divided\"").count();
    assert_eq!(named, 2, "{}", ended.stdout);
    assert_nothing_left(&test);
}

#[track_caller]
fn assert_sound(disturbed: &[&str]) -> Value {
    let test = prepared();
    let ended = in_json(&test, &[disturbed, &SETTINGS].concat());
    let summary = sound(&ended);
    assert_eq!(summary["not_reached"], 0, "{}", ended.stdout);
    summary
}

#[test]
fn it_alone_is_killed() {
    let summary = assert_sound(&["--crash-everywhere"]);
    assert!(summary["adopted"].as_u64().unwrap() > 0, "{summary}");
}

#[test]
fn its_requests_alone_go_wrong() {
    let summary = assert_sound(&["--faults", "--mixes", "6", "--share", "1/3"]);
    assert!(summary["adopted"].as_u64().unwrap() > 0, "{summary}");
}

/// In every account the id is another one.
#[test]
fn a_request_about_what_was_there_before_goes_wrong() {
    let point = "dropped@1:ec2.CreateSubnet:divide[<id>]/ec2.create_subnet";
    let summary = assert_sound(&["--faults", "--point", point]);
    assert_eq!(summary["adopted"], 1, "{summary}");
}

#[test]
fn what_is_wrong_is_found_and_told_with_how_to_repeat_it() {
    let test = prepared();
    // Outside a step it sees what the run itself has made, and calls the step otherwise.
    let seen =
        r#"ec2::describe_vpcs(#{filters: [#{name: "cidr", values: ["10.9.0.0/16"]}]}).vpcs.len()"#;
    let made = "ec2::create_vpc(#{cidr_block: \"10.9.0.0/16\"});";
    let again = format!("let turn = {seen}; run::step(\"make\", turn, || {{ {made} }});");
    let unsound = MORE.replace(made, &again);
    test.write("script.rhai", &unsound);
    let all = [&["--crash-everywhere"], &SETTINGS[..]].concat();
    let ended = rehearse(&test, &all);
    assert_eq!(ended.code, Some(1), "{}\n{}", ended.stdout, ended.stderr);
    assert!(
        ended.stdout.contains("script.rhai --after network.rhai"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_runbook_that_fails_before_it_ends_it() {
    let fails = r#"fn main(params) { throw "no network today"; }"#;
    let test = script("fn main(params) { }").file("network.rhai", fails);
    let after = ["--after", "network.rhai"];
    for (more, told) in [
        (
            &[][..],
            "`network.rhai`, given with `--after`, did not succeed",
        ),
        (
            &["--crash-everywhere"],
            "`network.rhai`, which comes before it, fails",
        ),
    ] {
        let ended = rehearse(&test, &[&after, more].concat()).code(1);
        for said in [told, "no network today"] {
            assert!(ended.stderr.contains(said), "{}", ended.stderr);
        }
        assert_nothing_left(&test);
    }
    test.write("network.rhai", "fn main(params) { let }");
    let ended = rehearse(&test, &after).code(2);
    assert!(ended.stderr.contains("network.rhai:1"), "{}", ended.stderr);
    let ended = rehearse(&test, &["--after", "nowhere.rhai"]).code(2);
    assert!(ended.stderr.contains("nowhere.rhai"), "{}", ended.stderr);
}
