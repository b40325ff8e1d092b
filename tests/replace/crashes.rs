//! kill -9 of a replacement, then resume: a share of all points, and the same end.

use serde_json::Value;

use super::Network;
use super::network::A;
use crate::build::census::{assert_same, canonical};
use crate::build::killed;
use crate::harness::tell;

/// One point in so many is tried; the whole: `RUNBOOK_REPLACE_STRIDE=1`.
const STRIDE: usize = 9;
const ARGUMENTS: [&str; 2] = ["--set", "zone=ap-northeast-1a"];

/// What is there in the end, and how often our runs did what.
fn outcome(network: &Network) -> (Vec<String>, Vec<String>) {
    let mut operations = network.operations();
    // These may be called again without doing anything twice.
    operations
        .retain(|one| !["CreateTags", "ModifyInstanceAttribute", "ReplaceRoute"].contains(&&**one));
    operations.sort();
    (canonical(&network.test), operations)
}

fn stride() -> usize {
    let given = std::env::var("RUNBOOK_REPLACE_STRIDE").ok();
    given.map_or(STRIDE, |stride| stride.parse().unwrap())
}

#[track_caller]
fn cut_off_everywhere(network: impl Fn() -> Network, what: &str) {
    let whole = network();
    whole.replace(&ARGUMENTS).code(0);
    let (expected, operations) = outcome(&whole);
    let entries = whole.test.journal().len();
    let points: Vec<usize> = (2..entries).step_by(stride()).collect();
    for point in &points {
        for when in ["before", "after"] {
            let context = format!("{what}, {when}:{point}");
            let network = network();
            killed(
                &network.test,
                &format!("{when}:{point}"),
                &network.replacing(&ARGUMENTS),
            );
            let ended = network.test.runbook(&["resume", "last"]);
            assert_eq!(ended.code, Some(0), "{context}: {}", ended.stderr);
            let (found, done) = outcome(&network);
            assert_same(&found, &expected, &context);
            assert_eq!(done, operations, "{context}");
            assert_settled(&network, &context);
        }
    }
    tell(&format!(
        "{what}: kill -9 at {} points of {}, then resume: nothing doubled, nothing missing",
        2 * points.len(),
        2 * entries
    ));
}

/// The traffic is where the run says that it is.
#[track_caller]
fn assert_settled(network: &Network, context: &str) {
    let journal = network.test.journal();
    let end = journal
        .iter()
        .rev()
        .find_map(|entry| entry["record"].get("run_ended"));
    let new = end
        .and_then(|end| end.pointer("/value/nat/ec2_id"))
        .and_then(Value::as_str);
    if let Some(new) = new {
        let routes = network.routes();
        assert_eq!(
            (routes[0].as_deref(), routes[2].as_deref()),
            (Some(new), Some(new)),
            "{context}"
        );
    }
    assert_ne!(
        network.routes()[0].as_deref(),
        Some(&*network.nat(A)),
        "{context}"
    );
}

#[test]
fn cut_off_anywhere_a_replacement_ends_the_same() {
    let network = || {
        let network = Network::with_addresses();
        network.stop(A);
        network
    };
    cut_off_everywhere(network, "replace-nat.rhai on EC2");
}

#[test]
fn cut_off_anywhere_a_replacement_on_opsworks_ends_the_same() {
    let network = || {
        let network = Network::on_opsworks();
        let neighbour = network.nat(super::network::C);
        network.lead(A, &neighbour);
        network
    };
    cut_off_everywhere(network, "replace-nat.rhai on OpsWorks");
}
