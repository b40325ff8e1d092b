//! `runbook undo`: what a run made is taken down, in the right order, and nothing else is touched.

mod changed;
mod cut_off;
mod ec2;
mod foreign;
mod interrupted;
mod partial;
mod refusals;
mod replies;
mod slow;
mod terminal;
mod whole;
mod wide;

use serde_json::Value;

use crate::build::python;
use crate::harness::{Ended, Test, entries};

const UNDO: [&str; 5] = ["undo", "last", "--yes", "--timeout", "3s"];
const GONE: [&str; 2] = ["deleted", "terminated"];
const STRANGER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/effects/stranger.py");

/// Undoes the latest run without asking.
fn undo(test: &Test) -> Ended {
    test.runbook(&UNDO)
}

/// Returns what the account has, save for what AWS still shows for an hour.
pub(crate) fn remaining(test: &Test) -> Vec<Value> {
    let census = test.census();
    let is_there =
        |one: &&Value| !GONE.contains(&one["attributes"]["state"].as_str().unwrap_or("there"));
    let there = census.as_array().unwrap().iter().filter(is_there);
    there.cloned().collect()
}

/// Does something in EC2 that is not the run's doing.
fn stranger(test: &Test, operation: &str, input: &Value) -> Value {
    let said = python::run(test, &[STRANGER, operation, &input.to_string()]);
    serde_json::from_str(&said).unwrap()
}

/// Returns the id of the only thing of this kind with this name.
fn named(test: &Test, kind: &str, name: &str) -> String {
    let there = remaining(test);
    let is_meant = |one: &&Value| one["type"] == kind && one["attributes"]["tags"]["Name"] == name;
    let found: Vec<&Value> = there.iter().filter(is_meant).collect();
    assert_eq!(found.len(), 1, "{kind} {name} in {there:?}");
    found[0]["id"].as_str().unwrap().to_owned()
}

/// Returns the run's journal.
fn journal(test: &Test) -> Vec<Value> {
    entries(&test.runs()[0])
}

/// Returns the lines of a command's JSON output that have this event.
fn events(ended: &Ended, event: &str) -> Vec<Value> {
    let lines = ended.stdout.lines();
    let objects = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    objects.filter(|one| one["event"] == event).collect()
}
