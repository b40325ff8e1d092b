//! `runbook plan --policy`: enough for every call that a run makes, and no more than its scripts name.

mod enough;
mod input;
pub(crate) mod life;
mod narrow;
mod tools;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::Test;

/// Returns the policy for a runbook and settings, as `run` takes them.
#[track_caller]
pub(crate) fn policy(test: &Test, arguments: &[&str]) -> Value {
    test.runbook(&[&["plan", "--policy"], arguments].concat())
        .code(0)
        .json()
}

/// Returns the actions of all statements.
pub(crate) fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().unwrap().iter();
    let actions = statements.flat_map(|it| it["Action"].as_array().unwrap());
    actions.map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// Returns the actions that our runs asked for in the test's account.
pub(crate) fn asked(test: &Test) -> BTreeSet<String> {
    asked_by(test, |agent| {
        agent.starts_with("runbook/") || agent.starts_with("aws-sdk-rust/")
    })
}

/// Returns the actions that those whose user agent is meant asked for; to ask who calls needs no right.
fn asked_by(test: &Test, is_meant: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let requests = test.requests();
    let requests = requests.as_array().unwrap().iter();
    let requests = requests.filter(|one| is_meant(one["user_agent"].as_str().unwrap()));
    let actions = requests.map(|request| {
        let part = |name: &str| request[name].as_str().unwrap().to_owned();
        format!("{}:{}", part("service"), part("operation"))
    });
    actions.filter(|it| it != "sts:GetCallerIdentity").collect()
}

/// Fails with the calls that the policy does not allow.
#[track_caller]
pub(crate) fn assert_covers(policy: &Value, test: &Test) {
    let (allowed, asked) = (actions(policy), asked(test));
    assert!(!asked.is_empty());
    let missing: Vec<_> = asked.difference(&allowed).collect();
    assert!(missing.is_empty(), "not allowed: {missing:?}");
}
