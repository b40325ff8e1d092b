//! What a run calls is allowed.

use super::{actions, asked, assert_covers, policy};
use crate::build::{RUNBOOK, SITE};
use crate::harness::{Test, tell};
use crate::heartbeat::world::{self as heartbeat, World};

const FAST: [&str; 4] = ["--set", "interval_poll=1ms", "--set", "interval_routes=1ms"];

#[test]
fn for_a_heartbeat_that_takes_over() {
    let world = World::new();
    world.stop(&world.nat_c);
    world.decides("take");
    let called = asked(&world.test);
    assert!(called.contains("ec2:ReplaceRoute"), "{called:?}");
    assert_covers(&policy(&world.test, &[heartbeat::RUNBOOK]), &world.test);
}

#[test]
fn for_a_build() {
    let test = Test::new().aws();
    let script = [&[RUNBOOK, "--site", SITE], &FAST[..]].concat();
    test.runbook(&[&["run"], &script[..]].concat()).code(0);
    let policy = policy(&test, &script);
    assert_covers(&policy, &test);
    tell(&format!(
        "the policy of build.rhai: {} actions in {} statements, {} of them called",
        actions(&policy).len(),
        policy["Statement"].as_array().unwrap().len(),
        asked(&test).len()
    ));
}
