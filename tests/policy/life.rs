//! Every call in a network's life, by the runbook that made it.

use std::collections::BTreeSet;

use super::{actions, asked_by, policy};
use crate::harness::tell;
use crate::replace::Network;

const RUNBOOKS: [&str; 4] = ["build", "failover-drill", "replace-nat", "status"];

/// Fails with the calls of a run, or of its undoing, that its runbook's policy does not allow.
#[track_caller]
pub(crate) fn assert_every_call_is_allowed(network: &Network, of_build: &[&str]) {
    let mut all = BTreeSet::new();
    for name in RUNBOOKS {
        let allowed = allowed(network, name, of_build);
        let asked = asked_by(&network.test, |agent| agent.contains(&format!("-{name}-")));
        assert!(!asked.is_empty(), "{name} called nothing");
        let missing: Vec<_> = asked.difference(&allowed).collect();
        assert!(missing.is_empty(), "{name} is not allowed {missing:?}");
        tell(&format!(
            "{name}: {} actions called of {} allowed",
            asked.len(),
            allowed.len()
        ));
        all.extend(allowed);
    }
    // Look-ups do not say whose they are.
    let looked = asked_by(&network.test, |agent| agent.starts_with("aws-sdk-rust/"));
    let missing: Vec<_> = looked.difference(&all).collect();
    assert!(missing.is_empty(), "no look-up is allowed {missing:?}");
}

fn allowed(network: &Network, name: &str, of_build: &[&str]) -> BTreeSet<String> {
    let script = format!("{}/runbooks/{name}.rhai", env!("CARGO_MANIFEST_DIR"));
    let more: &[&str] = match name {
        "build" => of_build,
        "status" => &[],
        _ => &["--set", "zone=ap-northeast-1a"],
    };
    let arguments = network.arguments(&script, more);
    let arguments = [&arguments[1..], &["--with-undo"]].concat();
    actions(&policy(&network.test, &arguments))
}
