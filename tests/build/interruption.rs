//! Runs that are cut off, compared with one that was not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::thread;

use serde_json::Value;

use super::account;
use super::census::{beyond, canonical};
use crate::harness::Test;

/// How many runs go side by side.
const WORKERS: usize = 4;

/// How many differences a failure shows; one defect makes many.
const SHOWN: usize = 12;

/// What may be called again without doing anything twice.
const IDEMPOTENT: [&str; 4] = [
    "CreateTags",
    "ModifyInstanceAttribute",
    "UpdateStack",
    "SetPermission",
];

/// A run that came to its end at the first attempt.
pub(crate) struct Uninterrupted {
    census: Vec<String>,
    done: BTreeMap<(String, String), usize>,
    pub(crate) journal: Vec<Value>,
}

/// What the resumed runs got wrong, and how much they had to settle.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) kills: usize,
    pub(crate) in_doubt: usize,
    pub(crate) adopted: usize,
    pub(crate) doubled: Vec<String>,
    pub(crate) missing: Vec<String>,
}

impl Uninterrupted {
    pub(crate) fn of(test: &Test) -> Self {
        Self {
            census: canonical(test),
            done: account::done(test),
            journal: test.journal(),
        }
    }

    /// Returns the entries of one kind: their numbers and what they say.
    pub(crate) fn entries(&self, kind: &str) -> Vec<(u64, &Value)> {
        let numbered = |entry| -> Option<(u64, &Value)> { numbered(entry, kind) };
        self.journal.iter().filter_map(numbered).collect()
    }

    /// Adds what a resumed run's account has too much or too little, requests that did something included.
    pub(crate) fn compare(&self, test: &Test, context: &str, tally: &mut Tally) {
        let told = |lines: Vec<String>| {
            lines
                .into_iter()
                .map(|line| format!("{context}: {line}"))
                .collect::<Vec<_>>()
        };
        let found = canonical(test);
        tally.doubled.extend(told(beyond(&found, &self.census)));
        tally.missing.extend(told(beyond(&self.census, &found)));
        let (done, expected) = (lines(&account::done(test)), lines(&self.done));
        tally.doubled.extend(told(beyond(&done, &expected)));
        tally.missing.extend(told(beyond(&expected, &done)));
    }
}

/// An idempotent call counts once, however often it was made.
fn lines(done: &BTreeMap<(String, String), usize>) -> Vec<String> {
    let times = |operation: &str, times: usize| {
        if IDEMPOTENT.contains(&operation) {
            1
        } else {
            times
        }
    };
    done.iter()
        .flat_map(|((effect, operation), count)| {
            vec![format!("{operation} for {effect}"); times(operation, *count)]
        })
        .collect()
}

fn numbered<'a>(entry: &'a Value, kind: &str) -> Option<(u64, &'a Value)> {
    Some((entry["seq"].as_u64()?, entry["record"].get(kind)?))
}

/// Returns the keys of the effects whose intent has no outcome.
pub(crate) fn in_doubt(journal: &[Value]) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    for entry in journal {
        let record = &entry["record"];
        if let Some(key) = record["effect_intended"]["key"].as_str() {
            open.insert(key.to_owned());
        }
        for ending in ["effect_finished", "effect_failed"] {
            if let Some(key) = record[ending]["key"].as_str() {
                open.remove(key);
            }
        }
    }
    open
}

/// Returns the outcome of each effect.
pub(crate) fn outcomes(journal: &[Value]) -> BTreeMap<String, Value> {
    let finished = journal
        .iter()
        .filter_map(|entry| entry["record"].get("effect_finished"));
    finished
        .map(|outcome| (outcome["key"].as_str().unwrap().to_owned(), outcome.clone()))
        .collect()
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.in_doubt += other.in_doubt;
        self.adopted += other.adopted;
        self.doubled.extend(other.doubled);
        self.missing.extend(other.missing);
    }

    pub(crate) fn figures(&self) -> String {
        format!(
            "{} kills, {} effects in doubt, {} adopted, {} doubled, {} missing",
            self.kills,
            self.in_doubt,
            self.adopted,
            self.doubled.len(),
            self.missing.len()
        )
    }

    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        let wrong = self.doubled.iter().map(|line| format!("doubled: {line}"));
        let wrong: Vec<String> = wrong
            .chain(self.missing.iter().map(|line| format!("missing: {line}")))
            .collect();
        assert!(
            wrong.is_empty(),
            "{}\n{}",
            self.figures(),
            wrong[..wrong.len().min(SHOWN)].join("\n")
        );
    }
}

/// Does the work for each item, some side by side, and adds up what they found.
pub(crate) fn side_by_side<T: Send>(items: Vec<T>, work: impl Fn(T) -> Tally + Sync) -> Tally {
    let left = Mutex::new(items);
    let total = Mutex::new(Tally::default());
    thread::scope(|threads| {
        for _ in 0..WORKERS {
            threads.spawn(|| {
                loop {
                    let Some(item) = left.lock().unwrap().pop() else {
                        break;
                    };
                    let found = work(item);
                    total.lock().unwrap().add(found);
                }
            });
        }
    });
    total.into_inner().unwrap()
}
