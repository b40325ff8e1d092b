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

impl Ledger {
    pub(super) fn new(plan: Vec<Injection>) -> Self {
        Self(Mutex::new(Pages {
            left: plan,
            seen: Vec::new(),
            counts: HashMap::new(),
        }))
    }

    /// Counts a request, and returns what is to be done to it.
    pub(super) fn note(&self, first: Name) -> Option<Fault> {
        let mut pages = self.pages();
        let count = pages.counts.entry(first.clone()).or_default();
        *count += 1;
        let name = Name {
            occurrence: *count,
            ..first
        };
        let planned = pages.left.iter().position(|planned| planned.at == name);
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
