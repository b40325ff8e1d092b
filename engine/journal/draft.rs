//! What is recorded of a tick that has not changed anything so far, and of which nothing is on disk; and what is on disk
//! of a run that is only looked at.

use std::path::Path;

use crate::entry::{Entry, Record, RunStarted, VERSION};
use crate::error::{JournalError, Result};
use crate::replay::States;
use crate::state::Slot;
use base::clock;

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

    /// Holds what is on disk of a run, to be looked at.
    pub(crate) fn of(path: &Path, entries: Vec<Entry>) -> Result<Self> {
        Ok(Self {
            states: States::of(path, &entries)?,
            entries,
            failed: None,
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Ending, Record};
    use crate::fixture::{Site, intended, logged, run_ended, started, step_finished, step_started};
    use crate::{Durability, Journal};

    fn draft(site: &Site) -> Journal {
        Journal::draft(&site.state_dir, started("r")).unwrap()
    }

    fn append(journal: &Journal, record: Record) -> u64 {
        journal.append(record, Durability::Synced).unwrap()
    }

    #[test]
    fn without_an_effect_nothing_is_on_disk() {
        let site = Site::new();
        let journal = draft(&site);
        assert_eq!(append(&journal, step_started("s", 1)), 2);
        assert_eq!(append(&journal, step_finished("s", 1)), 3);
        assert_eq!(append(&journal, logged()), 4);
        assert!(matches!(journal.slot("s").unwrap(), Some(Slot::Step(_))));
        assert_eq!(journal.keys().unwrap(), ["s"]);
        assert_eq!(append(&journal, run_ended(1, Ending::Interrupted)), 5);
        assert!(journal.is_draft());
        assert!(!site.state_dir.path().exists());
    }

    #[test]
    fn the_first_effect_makes_the_run_of_what_was_held_with_its_times() {
        let site = Site::new();
        let journal = draft(&site);
        append(&journal, step_started("s", 1));
        append(&journal, logged());
        let held = journal.entries().unwrap();
        assert_eq!(append(&journal, intended("s/e", 1)), 4);
        assert!(!journal.is_draft());
        let written = journal.entries().unwrap();
        let plain = |entries: &[Entry]| -> Vec<_> {
            let parts = |entry: &Entry| (entry.seq, entry.at, entry.record.clone());
            entries.iter().map(parts).collect()
        };
        assert_eq!(plain(&written[..3]), plain(&held));
        assert!(matches!(journal.slot("s").unwrap(), Some(Slot::Step(_))));
        assert_eq!(append(&journal, step_finished("s", 1)), 5);
        drop(journal);
        assert_eq!(site.open("r").unwrap().entries().unwrap().len(), 5);
    }

    #[test]
    fn a_draft_takes_no_record_that_a_log_would_not() {
        let site = Site::new();
        let journal = draft(&site);
        for record in [step_finished("s", 1), step_started("s", 2)] {
            let error = journal.append(record, Durability::Lazy).unwrap_err();
            assert!(matches!(error, JournalError::Illegal(_)), "{error}");
        }
        assert_eq!(journal.entries().unwrap().len(), 1);
    }

    #[test]
    fn where_no_run_can_be_made_no_effect_is_recorded_now_or_later() {
        let site = Site::new();
        std::fs::write(site.state_dir.path(), "").unwrap();
        let journal = draft(&site);
        for _ in 0..2 {
            let refused = journal.append(intended("e", 1), Durability::Synced);
            assert!(refused.is_err());
            assert_eq!(journal.slot("e").unwrap(), None);
            std::fs::remove_file(site.state_dir.path()).ok();
        }
        assert!(journal.is_draft());
    }

    #[test]
    fn branches_that_come_to_their_first_effects_together_make_one_run() {
        for _ in 0..20 {
            let site = Site::new();
            let journal = draft(&site);
            std::thread::scope(|threads| {
                for branch in ["a", "b", "c", "d"] {
                    let journal = &journal;
                    threads.spawn(move || {
                        append(journal, step_started(branch, 1));
                        append(journal, intended(&format!("{branch}/e"), 1));
                        assert!(journal.slot(branch).unwrap().is_some());
                    });
                }
            });
            assert_eq!(journal.entries().unwrap().len(), 9);
            assert_eq!(site.state_dir.ids().unwrap().len(), 1);
        }
    }
}
