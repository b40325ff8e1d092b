//! Scripts that together make every effect that the emulator knows, and what an uninterrupted run of each leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use knowledge::{Class, ROWS, Row};
use serde_json::Value;

use crate::build::account;
use crate::build::census::{beyond, canonical};
use crate::build::interruption::Tally;
use crate::harness::Test;
use crate::policy::policy;

macro_rules! scripts {
    ($($name:literal),*) => { [$(($name, include_str!($name))),*] };
}

const SCRIPTS: [(&str, &str); 8] = scripts![
    "network.rhai",
    "access.rhai",
    "machines.rhai",
    "interfaces.rhai",
    "stack.rhai",
    "addresses.rhai",
    "topics.rhai",
    "roles.rhai"
];

/// One script's run that nothing came between.
pub(super) struct Undisturbed {
    pub(super) name: &'static str,
    text: &'static str,
    census: Vec<String>,
    done: BTreeMap<(String, String), usize>,
    journal: Vec<Value>,
    policy: Value,
}

/// One effect of a script, by its place in the journal.
pub(super) struct Point {
    pub(super) script: &'static Undisturbed,
    pub(super) row: &'static Row,
    pub(super) key: String,
    pub(super) intended: u64,
    pub(super) finished: u64,
}

/// Returns the uninterrupted runs, made by the first who asks.
pub(super) fn undisturbed() -> &'static [Undisturbed] {
    static RUNS: OnceLock<Vec<Undisturbed>> = OnceLock::new();
    RUNS.get_or_init(|| {
        SCRIPTS
            .iter()
            .map(|(name, text)| Undisturbed::of(name, text))
            .collect()
    })
}

/// Returns the first effect of each operation in all scripts.
pub(super) fn points() -> Vec<Point> {
    let mut known = BTreeSet::new();
    let all = undisturbed().iter().flat_map(Undisturbed::points);
    all.filter(|point| known.insert((point.row.service, point.row.operation)))
        .collect()
}

impl Undisturbed {
    fn of(name: &'static str, text: &'static str) -> Self {
        let test = Test::new().aws().file(name, text);
        test.runbook(&["run", name]).code(0);
        Self {
            name,
            text,
            census: canonical(&test),
            done: account::done(&test),
            journal: test.journal(),
            policy: policy(&test, &[name]),
        }
    }

    /// Returns the policy that is said to be enough for it.
    pub(super) fn policy(&self) -> &Value {
        &self.policy
    }

    fn points(&'static self) -> impl Iterator<Item = Point> {
        let intents = self.entries("effect_intended");
        intents.into_iter().map(move |(intended, intent)| {
            let key = intent["key"].as_str().unwrap();
            let finished = self.entries("effect_finished");
            let (finished, _) = finished
                .iter()
                .find(|(_, outcome)| outcome["key"] == key)
                .unwrap();
            Point {
                script: self,
                row: row(intent),
                key: key.into(),
                intended,
                finished: *finished,
            }
        })
    }

    fn entries(&self, kind: &str) -> Vec<(u64, &Value)> {
        self.journal
            .iter()
            .filter_map(|entry| Some((entry["seq"].as_u64()?, entry["record"].get(kind)?)))
            .collect()
    }

    /// Returns a test that can run the script.
    pub(super) fn test(&self) -> Test {
        Test::new().aws().file(self.name, self.text)
    }

    /// Adds what a resumed run's account has too much or too little, requests that did something included.
    pub(super) fn compare(&self, test: &Test, context: &str, tally: &mut Tally) {
        let (found, expected) = (told(test), self.lines());
        let named = |lines: Vec<String>| {
            let lines = lines.into_iter();
            lines
                .map(|line| format!("{context}: {line}"))
                .collect::<Vec<_>>()
        };
        tally.doubled.extend(named(beyond(&found, &expected)));
        tally.missing.extend(named(beyond(&expected, &found)));
    }

    fn lines(&self) -> Vec<String> {
        [self.census.clone(), lines(&self.done)].concat()
    }
}

fn told(test: &Test) -> Vec<String> {
    [canonical(test), lines(&account::done(test))].concat()
}

/// An idempotent call counts once, however often it was made.
fn lines(done: &BTreeMap<(String, String), usize>) -> Vec<String> {
    let times = |(key, operation): &(String, String), times: usize| {
        let once = is_idempotent(key);
        vec![format!("{operation} for {key}"); if once { 1 } else { times }]
    };
    done.iter()
        .flat_map(|(effect, count)| times(effect, *count))
        .collect()
}

/// An effect's key ends with the operation, and with its number if there are several.
fn is_idempotent(key: &str) -> bool {
    let call = key.rsplit('/').next().unwrap();
    let call = call.split('#').next().unwrap();
    ROWS.iter().any(|row| {
        row.class == Class::Idempotent && call == format!("{}.{}", row.service, row.operation)
    })
}

fn row(intent: &Value) -> &'static Row {
    let is = |row: &&Row| intent["service"] == row.service && intent["operation"] == row.operation;
    ROWS.iter()
        .find(is)
        .unwrap_or_else(|| panic!("no row for {intent}"))
}
