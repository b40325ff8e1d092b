//! What is planned for which request, and what came.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::{Fault, Injection};
use super::name::Name;

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub name: Name,
    /// What was done to it.
    pub fault: Option<Fault>,
}

#[derive(Debug)]
pub(super) struct Ledger(Mutex<Pages>);

#[derive(Debug)]
struct Pages {
    left: Vec<Injection>,
    seen: Vec<Seen>,
    counts: HashMap<Name, u32>,
}

impl Pages {
    /// Returns the name with its occurrence.
    fn counted(&mut self, first: Name) -> Name {
        let count = self.counts.entry(first.clone()).or_default();
        *count += 1;
        Name {
            occurrence: *count,
            ..first
        }
    }
}

impl Ledger {
    pub(super) fn new(plan: Vec<Injection>) -> Self {
        Self(Mutex::new(Pages {
            left: plan,
            seen: Vec::new(),
            counts: HashMap::new(),
        }))
    }

    /// Counts a request, and returns what is to be done to it. It may be planned by its name or by that without ids.
    pub(super) fn note(&self, first: Name) -> Option<Fault> {
        let mut pages = self.pages();
        let without_ids = first.without_ids();
        let has_ids = without_ids != first;
        let name = pages.counted(first);
        let without_ids = has_ids.then(|| pages.counted(without_ids));
        let is_it = |at: &Name| *at == name || Some(at) == without_ids.as_ref();
        let planned = pages.left.iter().position(|planned| is_it(&planned.at));
        let fault = planned.map(|at| pages.left.remove(at).fault);
        pages.seen.push(Seen { name, fault });
        fault
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.pages().seen.clone()
    }

    pub(super) fn left(&self) -> Vec<Injection> {
        self.pages().left.clone()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
