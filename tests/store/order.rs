//! The order in which a run writes, syncs and sends, as the system sees it.

use std::collections::{BTreeMap, BTreeSet};

use super::shim::shim;
use super::small;

/// What a run asked of the system.
#[derive(Debug, PartialEq)]
enum Call {
    Intended(String),
    Settled(String),
    Written,
    Syncing,
    Synced,
    /// The request of an effect; nothing here reads.
    Sent(String),
}

impl Call {
    fn parse(line: &str) -> Option<Self> {
        let (word, text) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "write" => Some(Self::written(text)),
            "syncing" => Some(Self::Syncing),
            "synced" => Some(Self::Synced),
            "send" => Some(Self::Sent(text.split_once(" effect/")?.1.to_owned())),
            _ => None,
        }
    }

    fn written(text: &str) -> Self {
        let entry: serde_json::Value = serde_json::from_str(text).unwrap();
        let key = |kind: &str| entry["record"][kind]["key"].as_str().map(str::to_owned);
        if let Some(key) = key("effect_intended") {
            return Self::Intended(key);
        }
        let settled = key("effect_finished").or_else(|| key("effect_failed"));
        settled.map_or(Self::Written, Self::Settled)
    }
}

/// How far an entry has come.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Progress {
    Written,
    Syncing,
    Durable,
}

/// The log as the disk knows it.
#[derive(Default)]
struct Disk {
    intents: BTreeMap<String, Progress>,
    outcomes: BTreeMap<String, Progress>,
}

impl Disk {
    fn note(&mut self, call: &Call) {
        match call {
            Call::Intended(key) => drop(self.intents.insert(key.clone(), Progress::Written)),
            Call::Settled(key) => drop(self.outcomes.insert(key.clone(), Progress::Written)),
            Call::Syncing => self.step(Progress::Written, Progress::Syncing),
            Call::Synced => self.step(Progress::Syncing, Progress::Durable),
            Call::Written | Call::Sent(_) => {}
        }
    }

    fn step(&mut self, from: Progress, to: Progress) {
        let all = self.intents.values_mut().chain(self.outcomes.values_mut());
        all.filter(|progress| **progress == from)
            .for_each(|progress| *progress = to);
    }
}

/// Runs the real binary, and returns what it asked of the system.
fn calls(main: &str) -> Vec<Call> {
    let test = small::test();
    let trace = test.path("trace");
    let output = test
        .command(&["run", "small.rhai", "--set", &format!("how={main}")])
        .envs(shim("STORE_TRACE", trace.display().to_string()))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let trace = std::fs::read_to_string(trace).unwrap();
    trace.lines().filter_map(Call::parse).collect()
}

fn effects(calls: &[Call]) -> BTreeSet<&String> {
    let intended = calls.iter().filter_map(|call| match call {
        Call::Intended(key) => Some(key),
        _ => None,
    });
    intended.collect()
}

#[test]
fn an_intent_is_durable_before_its_request_is_sent() {
    for how in ["one_by_one", "side_by_side"] {
        let calls = calls(how);
        let effects = effects(&calls);
        let mut disk = Disk::default();
        let mut sent = 0;
        for call in &calls {
            disk.note(call);
            if let Call::Sent(key) = call {
                assert_eq!(
                    disk.intents.get(key),
                    Some(&Progress::Durable),
                    "{how}: {key}"
                );
                sent += 1;
            }
        }
        assert_eq!((sent, effects.len()), (5, 5), "{how}");
    }
}

#[test]
fn an_outcome_is_durable_before_the_next_request_that_changes_something() {
    let calls = calls("one_by_one");
    for pair in calls.windows(2) {
        let settled = matches!(pair[0], Call::Settled(_));
        assert!(!settled || pair[1] == Call::Syncing, "{pair:?}");
    }
    let mut disk = Disk::default();
    let mut before: Option<&String> = None;
    for call in &calls {
        disk.note(call);
        if let Call::Sent(key) = call {
            let outcome = before.map(|before| disk.outcomes.get(before));
            assert!(
                outcome.is_none_or(|outcome| outcome == Some(&Progress::Durable)),
                "{key}"
            );
            before = Some(key);
        }
    }
    assert_eq!(disk.outcomes.len(), 5);
}

#[test]
fn what_another_process_wrote_is_written_again_and_synced_before_it_counts() {
    let test = small::test();
    let mut run = test.command(&small::RUN);
    run.env("RUNBOOK_CRASH", "after:3").output().unwrap();
    let log = std::fs::read_to_string(test.runs()[0].join("journal.jsonl")).unwrap();
    let trace = test.path("trace");
    let mut resume = test.command(&["resume", "last"]);
    resume.envs(shim("STORE_TRACE", trace.display().to_string()));
    assert!(resume.output().unwrap().status.success());
    let trace = std::fs::read_to_string(trace).unwrap();
    let counts = |line: &&str| !line.starts_with("file ");
    let calls: Vec<&str> = trace.lines().filter(counts).collect();
    let lines = log.lines().count();
    assert_eq!(
        calls[..lines].join("\n"),
        format!("again {}", log.trim_end())
    );
    // The last line's newline, and then the line's own.
    assert_eq!(calls[lines..lines + 3], ["", "syncing", "synced"]);
}
