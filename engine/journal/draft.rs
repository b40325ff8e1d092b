//! What is recorded of a tick that has not changed anything so far: nothing of it is on disk.

use crate::clock;
use crate::journal::Result;
use crate::journal::entry::{Entry, Record, RunStarted, VERSION};
use crate::journal::error::JournalError;
use crate::journal::replay::States;
use crate::journal::state::Slot;

/// The records so far, each held to the same rules as one that is written.
#[derive(Debug)]
pub(crate) struct Draft {
    states: States,
    /// Without the chain, which only the log has.
    entries: Vec<Entry>,
    /// Why no run could be made of it.
    pub(crate) failed: Option<JournalError>,
}

impl Draft {
    pub(crate) fn new(started: RunStarted) -> Result<Self> {
        let mut draft = Self {
            states: States::default(),
            entries: Vec::new(),
            failed: None,
        };
        draft.add(Record::RunStarted(started))?;
        Ok(draft)
    }

    /// Holds the record and returns the seq that it will have.
    pub(crate) fn add(&mut self, record: Record) -> Result<u64> {
        let entry = Entry {
            v: VERSION,
            seq: self.entries.len() as u64 + 1,
            at: clock::now(),
            prev: String::new(),
            record,
            hash: String::new(),
        };
        self.states.admit(&entry)?;
        let seq = entry.seq;
        self.entries.push(entry);
        Ok(seq)
    }

    pub(crate) fn slot(&self, key: &str) -> Option<Slot> {
        self.states.get(key).cloned()
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
