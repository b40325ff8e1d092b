//! Where in a run's life an entry of its journal is.

use crate::matrix::kill::{Kill, When};
use journal::entry::{Entry, Record};

/// A kill's place in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The places that matter have a name each.
    pub kind: &'static str,
    /// The key of what it is about.
    pub key: String,
}

/// Every kind of place, in the order in which they are told.
pub const KINDS: [&str; 6] = [
    "before an intent",
    "after an intent, before the call",
    "after a call, before its outcome",
    "after an outcome",
    "in the middle of a wait",
    "elsewhere",
];

impl Place {
    /// Returns where a process that is killed there is in the run's life, by the journal of an undisturbed run.
    #[must_use]
    pub fn of(journal: &[Entry], kill: Kill) -> Self {
        let entry = journal.iter().find(|entry| entry.seq == kill.seq);
        let record = entry.map(|entry| &entry.record);
        Self {
            kind: KINDS[record.map_or(KINDS.len() - 1, |record| kind(record, kill.when))],
            key: record.map(key).unwrap_or_default(),
        }
    }

    pub(super) fn is_before_an_intent(&self) -> bool {
        self.kind == KINDS[0]
    }
}

fn kind(record: &Record, when: When) -> usize {
    match (record, when) {
        (Record::EffectIntended(_), When::Before) => 0,
        (Record::EffectIntended(_), When::After) => 1,
        (Record::EffectFinished(_) | Record::EffectFailed { .. }, When::Before) => 2,
        (Record::EffectFinished(_) | Record::EffectFailed { .. }, When::After) => 3,
        (Record::WaitStarted(_), When::After)
        | (Record::WaitTried { .. }, _)
        | (Record::WaitFinished { .. } | Record::WaitFailed { .. }, When::Before) => 4,
        _ => 5,
    }
}

fn key(record: &Record) -> String {
    match record {
        Record::RunStarted(_) => "the start of the run".into(),
        Record::RunResumed(_) => "the start of a resume".into(),
        Record::RunEnded(_) => "the end of the run".into(),
        Record::Logged { message, .. } => format!("the message \"{message}\""),
        _ => format!("\"{}\"", record.key()),
    }
}
