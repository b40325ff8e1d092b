//! What the entries of a log come to.

use std::collections::BTreeMap;
use std::path::Path;

use crate::entry::{Entry, Record, RunStarted};
use crate::error::{JournalError, Result};
use crate::illegal::Illegal;
use crate::state::{RUN, Slot};
use crate::transition;
use base::source::Source;

/// What the log says of each key.
#[derive(Debug, Default)]
pub(crate) struct States(BTreeMap<String, Slot>);

impl States {
    /// Replays the entries of the log `path`; an illegal one was not written by these rules.
    pub(crate) fn of(path: &Path, entries: &[Entry]) -> Result<Self> {
        let mut states = Self::default();
        for entry in entries {
            states
                .admit(entry)
                .map_err(|illegal| broken(path, entry.seq, illegal.to_string()))?;
        }
        Ok(states)
    }

    /// Takes one more entry over, if it may follow.
    pub(crate) fn admit(&mut self, entry: &Entry) -> Result<(), Illegal> {
        let key = entry.record.key();
        let slot = transition::advance(self.get(RUN), self.get(key), &entry.record)?;
        self.0.insert(key.to_owned(), slot);
        Ok(())
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = (&String, &Slot)> {
        self.0.iter()
    }

    /// Returns how many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Slot> {
        self.0.get(key)
    }
}

/// Returns the start of the run, and the sources that it uses since its latest attempt.
pub(crate) fn pinned(path: &Path, entries: &[Entry]) -> Result<(RunStarted, Vec<Source>)> {
    let started = begin(path, entries.first().map(|entry| &entry.record))?.clone();
    let accepted = entries.iter().rev().find_map(|entry| match &entry.record {
        Record::RunResumed(resumed) => resumed.sources.clone(),
        _ => None,
    });
    let sources = accepted.unwrap_or_else(|| started.sources.clone());
    Ok((started, sources))
}

/// Returns the start of the run, which the first record of each log is.
pub(crate) fn begin<'a>(path: &Path, first: Option<&'a Record>) -> Result<&'a RunStarted> {
    match first {
        Some(Record::RunStarted(started)) => Ok(started),
        _ => Err(broken(
            path,
            1,
            "the first entry is not the start of a run".to_owned(),
        )),
    }
}

fn broken(path: &Path, line: u64, problem: String) -> JournalError {
    JournalError::Broken {
        file: path.to_owned(),
        line,
        problem,
    }
}
