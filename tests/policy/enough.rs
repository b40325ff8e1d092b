//! What a run calls is allowed.

use super::{actions, asked, assert_covers, policy};
use crate::build::{RUNBOOK, SITE};
use crate::harness::{Test, tell};

const FAST: [&str; 4] = ["--set", "interval_poll=1ms", "--set", "interval_routes=1ms"];

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
