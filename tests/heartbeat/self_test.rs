//! A route that cannot be served is not taken.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use super::world::World;
use crate::harness::Test;

#[track_caller]
fn not_taken(world: &World, env: &[(&str, &str)], why: &str) {
    world.stop(&world.nat_c);
    let first = world.tick_with(env).code(0);
    assert_eq!(first.json()["decision"], "sick", "{}", first.stderr);
    assert!(first.stderr.contains(why), "{}", first.stderr);
    assert!(
        first.stderr.contains("error: the default route"),
        "{}",
        first.stderr
    );
    let second = world.tick_with(env).code(0);
    assert!(
        !second.stderr.contains("error: the default route"),
        "said twice: {}",
        second.stderr
    );
    world.assert_routes(&world.nat_a, &world.nat_c);
    assert_eq!(world.replaced().0, 0);
    let status = world.status(&world.nat_a).unwrap();
    assert!(status.starts_with("sick "), "{status}");
    assert!(status.contains(&format!("why={why}")), "{status}");
}

#[test]
fn not_while_forwarding_is_off() {
    not_taken(
        &World::new(),
        &[("RUNBOOK_HOST_IP_FORWARD", "false")],
        "ip_forward is off",
    );
}

#[test]
fn not_without_masquerading() {
    let why = "no masquerade for 10.0.0.0/16";
    not_taken(&World::new(), &[("RUNBOOK_HOST_MASQUERADE", "none")], why);
    not_taken(
        &World::new(),
        &[("RUNBOOK_HOST_MASQUERADE", "10.0.0.0/24")],
        why,
    );
}

/// Runs the self test's part on forwarding on a host whose `nft` lists this rule.
fn forwarding(statement: &str) -> Value {
    let script = r#"
        import "heartbeat/self_test" as self_test;
        fn main(params) { self_test::of_forwarding(#{vpc_cidr: "10.0.0.0/16"}, #{own: #{checks_source: false}}) }
    "#;
    let rules = format!(
        r#"{{"nftables": [
            {{"chain": {{"family": "ip", "table": "t", "name": "c", "type": "nat", "hook": "postrouting"}}}},
            {{"rule": {{"family": "ip", "table": "t", "chain": "c", "expr": [{statement}{{"masquerade": null}}]}}}}]}}"#
    );
    let nft = format!("#!/bin/sh\ncat <<'END'\n{rules}\nEND\n");
    let test = Test::new()
        .aws()
        .file("book.rhai", script)
        .file("bin/nft", &nft)
        .env("RUNBOOK_HOST_IP_FORWARD", "true")
        .env("RUNBOOK_HOST_DEFAULT_INTERFACE", "eth0");
    let executable = Permissions::from_mode(0o755);
    set_permissions(test.path("bin/nft"), executable).unwrap();
    let path = format!("{}:/usr/bin:/bin", test.path("bin").display());
    test.env("PATH", &path)
        .runbook(&["run", "book.rhai"])
        .code(0)
        .json()
}

#[test]
fn what_is_masqueraded_elsewhere_does_not_count() {
    let leaving = |interface: &str| {
        format!(
            r#"{{"match": {{"op": "==", "left": {{"meta": {{"key": "oifname"}}}}, "right": "{interface}"}}}}, "#
        )
    };
    let none = json!([]);
    assert_eq!(forwarding(""), none);
    assert_eq!(forwarding(&leaving("eth0")), none);
    let refusal = json!(["no masquerade for 10.0.0.0/16"]);
    assert_eq!(forwarding(&leaving("docker0")), refusal);
}

#[test]
fn not_while_ec2_drops_what_is_not_its_own() {
    let world = World::new();
    let nat = &world.nat_a;
    world.ec2(&format!(
        "ModifyInstanceAttribute&InstanceId={nat}&SourceDestCheck.Value=true"
    ));
    not_taken(&world, &[], "source/destination check is on");
    world.ec2(&format!(
        "ModifyInstanceAttribute&InstanceId={nat}&SourceDestCheck.Value=false"
    ));
    let ended = world.decides("take");
    assert!(
        ended.stderr.contains("self test passed again"),
        "{}",
        ended.stderr
    );
}

#[test]
fn not_without_the_right_to_and_that_is_tried_again() {
    let world = World::new();
    world.refuse("ReplaceRoute", "UnauthorizedOperation", 1000);
    not_taken(&world, &[], "not allowed: ec2:ReplaceRoute");
    world.refuse("ReplaceRoute", "UnauthorizedOperation", 0);
    world.decides("sick");
    world.pass(61.0);
    world.decides("take");
}

#[test]
fn cut_off_itself_a_nat_changes_nothing() {
    let world = World::new();
    world.stop(&world.nat_c);
    world.check.close();
    world.path.close();
    let ended = world.decides("isolated");
    assert!(
        ended.stderr.contains("own path down: 1 of 1 targets"),
        "{}",
        ended.stderr
    );
    assert!(
        world
            .status(&world.nat_a)
            .unwrap()
            .contains("why=own path down")
    );
    world.assert_routes(&world.nat_a, &world.nat_c);
    world.path.reopen();
    world.decides("take");
}

#[test]
fn both_sick_nobody_takes_anything() {
    let world = World::new();
    world.say("sick next=304 within=4 why=ip_forward is off");
    world.check.close();
    let ended = world
        .tick_with(&[("RUNBOOK_HOST_IP_FORWARD", "false")])
        .code(0);
    assert_eq!(ended.json()["decision"], "sick", "{}", ended.stderr);
    assert!(!ended.stderr.contains("round 2"), "{}", ended.stderr);
    world.assert_routes(&world.nat_a, &world.nat_c);
    assert_eq!(world.replaced(), (0, 0));
}
