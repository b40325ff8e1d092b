//! kill -9 of a replacement, then resume: a share of all points, each of them with the network that the last one left.

use std::path::PathBuf;

use serde_json::Value;

use super::Network;
use super::network::{A, C, EVERYWHERE};
use crate::build::killed;
use crate::harness::{entries, tell};

/// One point in so many is tried; the whole: `RUNBOOK_REPLACE_STRIDE=1`.
const STRIDE: usize = 19;
const ARGUMENTS: [&str; 2] = ["--set", "zone=ap-northeast-1a"];
/// These may be called again without doing anything twice.
const IDEMPOTENT: [&str; 5] = [
    "AssociateAddress",
    "CreateTags",
    "ModifyInstanceAttribute",
    "ReplaceRoute",
    "UpdateStack",
];

fn stride() -> usize {
    let given = std::env::var("RUNBOOK_REPLACE_STRIDE").ok();
    given.map_or(STRIDE, |stride| stride.parse().unwrap())
}

/// Returns the instance that has zone a's traffic.
fn carrier(network: &Network) -> String {
    let target = network.target(&network.private_table(A), EVERYWHERE);
    target.expect("zone a has a default route")
}

fn last_run(network: &Network) -> PathBuf {
    network.test.runs().pop().unwrap()
}

/// Returns what the last run did to the account, each operation as often as it was done; once where it may be repeated.
fn done(network: &Network) -> Vec<String> {
    let run = last_run(network);
    let id = run.file_name().unwrap().to_str().unwrap();
    let mut operations: Vec<String> = network
        .changes()
        .iter()
        .filter(|one| one["user_agent"].as_str().unwrap().contains(id))
        .map(|one| one["operation"].as_str().unwrap().to_owned())
        .collect();
    operations.sort();
    operations.dedup_by(|one, other| one == other && IDEMPOTENT.contains(&one.as_str()));
    operations
}

/// Fails unless the new NAT has the old one's traffic, check and address, and the old one is gone.
#[track_caller]
fn assert_replaced(network: &Network, old: &str, context: &str) {
    let run = entries(&last_run(network));
    let end = run.last().unwrap();
    let new = end.pointer("/record/run_ended/ending/succeeded/value/nat/ec2_id");
    let new = new.and_then(Value::as_str);
    let new = new.unwrap_or_else(|| panic!("{context}: {end}"));
    assert_ne!(new, old, "{context}");
    let other = Some(network.nat(C));
    let new_one = Some(new.to_owned());
    let expected = [new_one.clone(), other.clone(), new_one, other];
    assert_eq!(network.routes(), expected, "{context}");
    let running =
        network.ec2("DescribeInstances&Filter.1.Name=instance-state-name&Filter.1.Value.1=running");
    assert_eq!(running.matches("<instanceState>").count(), 2, "{context}");
    let addresses = network.ec2("DescribeAddresses");
    if addresses.contains("<publicIp>") {
        assert!(
            addresses.contains(&format!("<instanceId>{new}<")),
            "{context}: {addresses}"
        );
    }
}

fn cut_off_everywhere(network: &Network, what: &str, break_down: impl Fn(&str)) {
    let old = carrier(network);
    break_down(&old);
    network.replace(&ARGUMENTS).code(0);
    assert_replaced(network, &old, what);
    let expected = done(network);
    let length = entries(&last_run(network)).len();
    let mut points = 0;
    for point in (2..length).step_by(stride()) {
        for when in ["before", "after"] {
            let context = format!("{what}, {when}:{point}");
            let old = carrier(network);
            break_down(&old);
            killed(
                &network.test,
                &format!("{when}:{point}"),
                &network.replacing(&ARGUMENTS),
            );
            let ended = network.test.runbook(&["resume", "last"]);
            assert_eq!(ended.code, Some(0), "{context}: {}", ended.stderr);
            assert_replaced(network, &old, &context);
            assert_eq!(done(network), expected, "{context}");
            points += 1;
        }
    }
    tell(&format!(
        "{what}: kill -9 at {points} points of {}, then resume: nothing doubled, nothing missing",
        2 * length
    ));
}

#[test]
fn cut_off_anywhere_a_replacement_ends_the_same() {
    let network = Network::with_addresses();
    let stop = |old: &str| drop(network.ec2(&format!("StopInstances&InstanceId.1={old}")));
    cut_off_everywhere(&network, "replace-nat.rhai on EC2", stop);
}

#[test]
fn cut_off_anywhere_a_replacement_on_opsworks_ends_the_same() {
    let network = Network::on_opsworks();
    let take_over = |_: &str| network.lead(A, &network.nat(C));
    cut_off_everywhere(&network, "replace-nat.rhai on OpsWorks", take_over);
}
