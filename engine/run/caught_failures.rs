//! Failures that the script has caught and gone past.
//!
//! What it did instead is recorded and will not be done again, so on a resume such a failure has to stay one: trying
//! again might succeed this time and leave both behind.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::body_end::BodyEnd;
use super::failures::Failures;
use base::fault::Fault;
use journal::entry::{Entry, Record};
use journal::key::{is_below, is_branches, scope, scopes};

/// The failures of earlier processes, each good for one replay: who comes to it again then is a retry.
#[derive(Default)]
pub(super) struct CaughtFailures(Mutex<Failures>);

impl CaughtFailures {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut reading = Reading::of(entries);
        reading.keep_of_attempts();
        Self(Mutex::new(reading.passed))
    }

    /// Returns the failure under this key if the script went past it.
    pub(super) fn take(&self, key: &str) -> Option<Fault> {
        self.failures().remove(key)
    }

    /// An attempt of the wait is over.
    pub(super) fn end_attempt(&self, wait: &str) {
        drop(self.failures().take_below(wait));
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the key of the body that failed before its cleanup, and whose failure is the run's: a resume would do the same.
pub(super) fn cleaned_up(error: &Fault, entries: &[Entry]) -> Option<String> {
    let mut found = None;
    for entry in entries {
        match &entry.record {
            Record::Noted { key, value } => match BodyEnd::read(value.clone()) {
                Ok(BodyEnd::Failed { error: body }) if is_rethrown_as(&body, error) => {
                    found = Some(key);
                }
                _ => {}
            },
            Record::Forgotten { key } if found == Some(key) => found = None,
            _ => {}
        }
    }
    let key = found?;
    (!Reading::of(entries).is_tried_again(key, error)).then(|| key.clone())
}

/// Returns the key of the failure that the script caught, went past and failed with: a resume would do the same.
pub(super) fn thrown_on(error: &Fault, entries: &[Entry]) -> Option<String> {
    let reading = Reading::of(entries);
    let replayed = reading
        .passed
        .iter()
        .filter(|(key, fault)| is_rethrown_as(fault, error) && !reading.is_tried_again(key, error));
    replayed.map(|(key, _)| key.to_owned()).min()
}

/// Whether an error has been thrown on as this one, or in words of it.
fn is_rethrown_as(before: &Fault, error: &Fault) -> bool {
    !before.message.is_empty() && error.message.contains(&before.message)
}

#[derive(Default)]
struct Reading {
    seen: BTreeSet<String>,
    /// Waits under way, by key.
    open: BTreeSet<String>,
    /// Of this attempt of the run, not gone past so far.
    failed: Failures,
    passed: Failures,
}

impl Reading {
    fn of(entries: &[Entry]) -> Self {
        let mut reading = Self::default();
        for entry in entries {
            reading.read(&entry.record);
        }
        reading
    }

    /// Whether something has failed in this way that is not gone past. A step around the key does not count: tried again,
    /// it comes to the key again.
    fn is_tried_again(&self, key: &str, error: &Fault) -> bool {
        let mut failed = self.failed.iter();
        failed.any(|(other, fault)| is_rethrown_as(fault, error) && !is_below(key, other))
    }

    fn read(&mut self, record: &Record) {
        let key = record.key();
        match record {
            Record::WaitStarted(_) => drop(self.open.insert(key.to_owned())),
            Record::WaitFinished { .. } | Record::WaitFailed { .. } | Record::Forgotten { .. } => {
                self.open.remove(key);
            }
            _ => {}
        }
        match record {
            Record::RunResumed(_) => {
                self.keep_of_attempts();
                self.failed = Failures::default();
            }
            Record::WaitTried { .. } => self.end_attempt(key),
            Record::Forgotten { .. } => self.forget(key),
            Record::EffectFailed { error, .. }
            | Record::StepFailed { error, .. }
            | Record::WaitFailed { error, .. } => {
                self.failed.insert(key.to_owned(), error.clone());
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

    /// The next attempt does anew what failed in this one.
    fn end_attempt(&mut self, wait: &str) {
        drop(self.failed.take_below(wait));
        drop(self.passed.take_below(wait));
        let below: Vec<String> = self
            .seen
            .range(format!("{wait}/")..)
            .take_while(|key| is_below(key, wait))
            .cloned()
            .collect();
        for key in below {
            self.seen.remove(&key);
        }
    }

    /// An attempt that was cut off ends as it would have: what failed in it is not made once more, as that would be one
    /// attempt too many.
    fn keep_of_attempts(&mut self) {
        let open = &self.open;
        let kept = self
            .failed
            .take_if(|scope| open.contains(scope) || scopes(scope).any(|it| open.contains(it)));
        self.passed.extend(kept);
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
            self.passed.extend(self.failed.take_related(scope(key)));
        }
    }
}
