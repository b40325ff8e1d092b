//! A small runbook that makes five things, and what is there of them.

use std::collections::BTreeMap;

use crate::harness::Test;

pub(crate) const RUN: [&str; 2] = ["run", "small.rhai"];
const EFFECTS: usize = 5;

/// An account in which the runbook has been at work.
pub(crate) struct Small {
    /// How often each effect was done.
    pub(crate) sent: BTreeMap<String, usize>,
    made: BTreeMap<String, usize>,
}

/// Returns a test that has an account and the runbook.
pub(crate) fn test() -> Test {
    Test::new()
        .aws()
        .file("small.rhai", include_str!("small.rhai"))
}

impl Small {
    pub(crate) fn of(test: &Test) -> Self {
        let (mut sent, mut made) = (BTreeMap::new(), BTreeMap::new());
        for request in test.requests().as_array().unwrap() {
            let agent = request["user_agent"].as_str().unwrap();
            if let Some((_, key)) = agent.split_once(" effect/") {
                *sent.entry(key.to_owned()).or_default() += usize::from(request["status"] == 200);
            }
        }
        for resource in test.census().as_array().unwrap() {
            let kind = resource["type"].as_str().unwrap();
            *made.entry(kind.to_owned()).or_default() += 1;
        }
        Self { sent, made }
    }

    /// Fails unless everything was made, and made once.
    #[track_caller]
    pub(crate) fn assert_whole(&self) {
        assert_eq!(self.sent.len(), EFFECTS, "{:?}", self.sent);
        assert!(
            self.sent.values().all(|times| *times == 1),
            "{:?}",
            self.sent
        );
        for kind in ["vpc", "subnet", "internet_gateway"] {
            assert_eq!(self.made.get(kind), Some(&1), "{:?}", self.made);
        }
        // The network came with one of its own.
        assert_eq!(self.made.get("route_table"), Some(&2), "{:?}", self.made);
    }
}

/// Returns the keys of the effects that the only run's log knows of.
pub(crate) fn intents(test: &Test) -> Vec<String> {
    if test.runs().is_empty() {
        return Vec::new();
    }
    let journal = test.journal();
    let keys = journal
        .iter()
        .filter_map(|entry| entry["record"]["effect_intended"]["key"].as_str());
    keys.map(str::to_owned).collect()
}
