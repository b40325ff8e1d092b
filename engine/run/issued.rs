//! What went out: whether an earlier call of an effect had no answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use journal::entry::{Entry, Intent, Record};

/// Of the effects that are not done, read once from the log and kept up with each record, so that no effect needs the
/// log again.
#[derive(Default)]
pub(super) struct Issued(Mutex<HashMap<String, Calls>>);

struct Calls {
    /// The last intent has no outcome.
    open: bool,
    /// The epoch in which an intent followed one that had no outcome.
    repeated: Option<u32>,
}

impl Issued {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let issued = Self::default();
        for entry in entries {
            issued.take(&entry.record);
        }
        issued
    }

    pub(super) fn take(&self, record: &Record) {
        let mut calls = self.calls();
        match record {
            Record::EffectIntended(intent) => intend(&mut calls, intent),
            Record::EffectFinished(outcome) => drop(calls.remove(&outcome.key)),
            Record::EffectFailed { .. } | Record::EffectResolved(_) => {
                if let Some(calls) = calls.get_mut(record.key()) {
                    calls.open = false;
                }
            }
            _ => {}
        }
    }

    /// Whether an earlier call under this identity had no answer: then a later one may have met what that one did.
    pub(super) fn is_repeated(&self, key: &str, epoch: u32) -> bool {
        let calls = self.calls();
        calls
            .get(key)
            .is_some_and(|calls| calls.repeated == Some(epoch))
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<String, Calls>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn intend(calls: &mut HashMap<String, Calls>, intent: &Intent) {
    let before = calls.get(&intent.key);
    let is_open = before.is_some_and(|calls| calls.open);
    let repeated = before.and_then(|calls| calls.repeated);
    let now = Calls {
        open: true,
        repeated: if is_open {
            Some(intent.epoch)
        } else {
            repeated
        },
    };
    calls.insert(intent.key.clone(), now);
}
