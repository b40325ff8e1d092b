//! Failures that the script has caught and gone past.
//!
//! What it did instead is recorded and will not be done again, so on a resume such a failure has to stay one: trying
//! again might succeed this time and leave both behind.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::journal::entry::{Entry, Fault, Record};
use crate::journal::key::{is_below, is_branches, scope};

/// The failures of earlier processes, each good for one replay: who comes to it again then is a retry.
#[derive(Default)]
pub(super) struct Past(Mutex<HashMap<String, Fault>>);

impl Past {
    pub(super) fn of(entries: &[Entry]) -> Self {
        Self(Mutex::new(Reading::of(entries).passed))
    }

    /// Returns the failure under this key if the script went past it.
    pub(super) fn take(&self, key: &str) -> Option<Fault> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key)
    }
}

/// Returns the key of the failure that the script caught, went past and failed with: a resume would do the same.
pub(super) fn thrown_on(error: &Fault, entries: &[Entry]) -> Option<String> {
    let Reading { failed, passed, .. } = Reading::of(entries);
    let is_told =
        |fault: &Fault| !fault.message.is_empty() && error.message.contains(&fault.message);
    // What is not gone past is tried again. A step around the failure is too, and comes to it again.
    let is_tried_again = |key: &str| {
        failed
            .iter()
            .any(|(other, fault)| is_told(fault) && !is_below(key, other))
    };
    let replayed = passed
        .iter()
        .filter(|(key, fault)| is_told(fault) && !is_tried_again(key));
    replayed.map(|(key, _)| key).min().cloned()
}

#[derive(Default)]
struct Reading {
    seen: HashSet<String>,
    /// Of this attempt of the run, not gone past so far.
    failed: HashMap<String, Fault>,
    passed: HashMap<String, Fault>,
}

impl Reading {
    fn of(entries: &[Entry]) -> Self {
        let mut reading = Self::default();
        for entry in entries {
            reading.read(&entry.record);
        }
        reading
    }

    fn read(&mut self, record: &Record) {
        let key = record.key();
        match record {
            Record::RunResumed(_) => self.failed.clear(),
            Record::Forgotten { .. } => self.forget(key),
            Record::EffectFailed { error, .. }
            | Record::StepFailed { error, .. }
            | Record::WaitFailed { error, .. } => {
                drop(self.failed.insert(key.to_owned(), error.clone()));
            }
            // They began before, each with a record of its own.
            Record::StepStarted { .. } if is_branches(key) => {}
            Record::EffectIntended(_)
            | Record::StepStarted { .. }
            | Record::WaitStarted(_)
            | Record::Noted { .. } => {
                self.begin(key);
            }
            _ => {}
        }
    }

    fn forget(&mut self, key: &str) {
        self.seen.remove(key);
        self.failed.remove(key);
        self.passed.remove(key);
    }

    /// Something new in the scope of a failure, or in one around or inside that, comes after it.
    fn begin(&mut self, key: &str) {
        self.failed.remove(key);
        self.passed.remove(key);
        if self.seen.insert(key.to_owned()) {
            let past = self
                .failed
                .extract_if(|failed, _| related(scope(failed), scope(key)));
            self.passed.extend(past);
        }
    }
}

/// Whether one scope is the other or is around it: side by side are branches only.
fn related(one: &str, other: &str) -> bool {
    let around =
        |outer: &str, inner: &str| outer.is_empty() || inner == outer || is_below(inner, outer);
    around(one, other) || around(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_side_by_side_are_not_related() {
        assert!(
            related("", "a/b") && related("a/b", "") && related("a", "a") && related("a", "a/b")
        );
        assert!(!related("a", "b") && !related("a", "ab") && !related("x/a/s", "x/b"));
    }
}
