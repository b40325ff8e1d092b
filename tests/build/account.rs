//! What the account's request log says about effects.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::Test;

/// What changes nothing in AWS.
const READS: [&str; 3] = ["Describe", "Get", "List"];

/// Returns the requests that would change something, whether they did or not.
pub(crate) fn changes(test: &Test) -> Vec<Value> {
    let requests = test.requests();
    let all = requests.as_array().unwrap().iter();
    all.filter(|request| !is_read(request)).cloned().collect()
}

/// Returns how often each effect of our runs changed something, by effect key and operation.
pub(crate) fn done(test: &Test) -> BTreeMap<(String, String), usize> {
    let mut done = BTreeMap::new();
    for request in changes(test)
        .iter()
        .filter(|request| request["status"] == 200)
    {
        *done
            .entry((effect(request), operation(request)))
            .or_default() += 1;
    }
    done
}

/// Returns the effect that the request's user agent names.
pub(crate) fn effect(request: &Value) -> String {
    let agent = request["user_agent"].as_str().unwrap();
    let (_, key) = agent
        .split_once(" effect/")
        .unwrap_or_else(|| panic!("no effect in {agent}"));
    key.to_owned()
}

fn operation(request: &Value) -> String {
    request["operation"].as_str().unwrap().to_owned()
}

fn is_read(request: &Value) -> bool {
    let operation = request["operation"].as_str().unwrap();
    READS.iter().any(|verb| operation.starts_with(verb))
}
