//! The whole life of a network: built, drilled, a NAT killed and replaced, reported on, taken down.

use serde_json::Value;

use super::living::{Living, succeeded};
use super::scene::{BACK, LIMIT, NAT1, NAT2, NAT3, TAKEN};
use crate::undo::remaining;

const RUNBOOKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/");
const ZONE: &str = "zone=ap-northeast-1a";

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_network_lives_and_leaves_nothing() {
    let mut living = Living::start();
    let run = |living: &Living, runbook: &str, more: &[&str]| {
        living.operate(&format!("{RUNBOOKS}{runbook}"), more)
    };
    assert_eq!(wrong(&living, 0), 0);

    let drill = run(
        &living,
        "failover-drill.rhai",
        &["--set", ZONE, "--set", "ask=false", "--set", "look=50ms"],
    );
    succeeded(drill);
    living.scene.one.until_via(NAT1, LIMIT);
    living.scene.assert_changes(&[TAKEN, BACK]);

    living.scene.die("nat1");
    living.scene.one.until_via(NAT2, LIMIT);
    assert!(wrong(&living, 1) > 0);

    let replacing = run(
        &living,
        "replace-nat.rhai",
        &["--set", ZONE, "--set", "ask=false"],
    );
    let (_nat3, resident) = living.boot("nat3");
    succeeded(replacing);
    living.scene.one.until_via(NAT3, LIMIT);
    assert_eq!(wrong(&living, 0), 0);
    living.scene.assert_untouched(&living.scene.two);

    // A heartbeat ends with its instance.
    drop(resident);
    living.scene.stop("nat2");
    let runs = living.test.runbook(&["list", "--output", "json"]).code(0);
    let mut ids = runs.stdout.lines().map(id_of);
    let built = ids.next().unwrap();
    // What a run made stands on what those before it made. The build was done at another address of the same AWS.
    for id in ids.rev() {
        succeeded(living.command(&["undo", &id, "--yes"]));
    }
    living.test.runbook(&["undo", &built, "--yes"]).code(0);
    assert!(
        remaining(&living.test).is_empty(),
        "{:?}",
        remaining(&living.test)
    );
}

/// Returns how many things the report finds wrong.
#[track_caller]
fn wrong(living: &Living, code: i32) -> usize {
    let status = living.operate(&format!("{RUNBOOKS}status.rhai"), &["--output", "json"]);
    let ended: crate::harness::Ended = status.wait_with_output().unwrap().into();
    let ended = ended.code(code);
    let mut lines = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let report = lines
        .find(|line| line["event"] == "output")
        .expect("a report");
    report["data"]["wrong"].as_array().unwrap().len()
}

fn id_of(line: &str) -> String {
    let run: Value = serde_json::from_str(line).unwrap();
    run["id"].as_str().unwrap().to_owned()
}
