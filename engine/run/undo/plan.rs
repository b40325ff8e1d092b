//! What an undo comes to, before anything of it is done.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::recent::names;
use base::digest;
use journal::entry::Intent;
use knowledge::{Dependent, Kind};

/// Why an effect stays that no table knows.
pub(super) const UNKNOWN: &str = "the engine does not know how to undo it";

/// A call that takes something away.
#[derive(Clone, Debug, PartialEq)]
pub struct Deletion {
    /// The key of the effect that is taken back; none for what came with it.
    pub of: Option<String>,
    pub noun: String,
    pub id: String,
    pub service: &'static str,
    pub operation: &'static str,
    pub input: Value,
    pub turn: u8,
    pub slow: Option<&'static Kind>,
}

impl Deletion {
    /// Returns its key within the undo: by the id of what it takes away, or where there is none by its input.
    #[must_use]
    pub fn label(&self) -> String {
        let id = self.id.replace(['[', ']'], "_");
        let named = names(&self.input, &|text| text == self.id);
        let input = digest::sha256(self.input.to_string().as_bytes());
        let rest = if named { "" } else { &input[..8] };
        let item = format!("{id} {rest}");
        format!("{}.{}[{}]", self.service, self.operation, item.trim())
    }
}

/// Something that needs no call, or gets none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub key: String,
    pub noun: String,
    pub id: Option<String>,
    pub reason: String,
}

impl Told {
    /// Returns it as a line.
    #[must_use]
    pub fn line(&self) -> String {
        let id = self.id.as_ref().map(|id| format!(" {id}"));
        format!("{}{}: {}", self.noun, id.unwrap_or_default(), self.reason)
    }
}

/// How an effect of the run that was in doubt is settled.
#[derive(Clone, Debug)]
pub(super) struct Settlement {
    pub(super) intent: Intent,
    /// What the call would have answered; `None` if it was not done.
    pub(super) output: Option<Value>,
}

/// What an undo would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// In the order in which they are made.
    pub deletions: Vec<Deletion>,
    /// What is not there any more.
    pub gone: Vec<Told>,
    /// What this run made, and what stays.
    pub left: Vec<Told>,
    /// What nothing is left of that could be taken away.
    pub lasting: Vec<Told>,
    /// What is not of this run and depends on what would be deleted.
    pub strangers: Vec<Dependent>,
    /// What is not of this run and has routes to what would be deleted: its traffic is cut off.
    pub led: Vec<Dependent>,
    /// The name of the network that goes, where it is one and its name can be typed.
    pub network: Option<String>,
    /// How many effects need no call of their own, as they are part of something that goes.
    pub parts: usize,
    pub(super) settlements: Vec<Settlement>,
    pub(super) going: BTreeSet<String>,
    /// What AWS takes away by itself.
    pub(super) along: Vec<String>,
    /// Everything that the run is known to have made.
    pub(super) known: BTreeSet<String>,
}

impl Plan {
    /// Whether two plans come to the same.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let labels =
            |plan: &Self| -> Vec<String> { plan.deletions.iter().map(Deletion::label).collect() };
        labels(self) == labels(other) && self.strangers == other.strangers
    }

    /// Takes what is not of the run: once what comes up in several places, and no interface beside its instance, with
    /// which it goes.
    pub(super) fn take_strangers(&mut self, dependents: Vec<Dependent>) {
        let mut told = BTreeSet::new();
        let once = dependents
            .into_iter()
            .filter(|one| told.insert((one.is_led, one.id.clone())));
        (self.led, self.strangers) = once.partition(|one| one.is_led);
        self.strangers.retain(|one| {
            !one.with
                .iter()
                .any(|id| told.contains(&(false, id.clone())))
        });
    }

    /// Counts the things that go: the stop before a deletion is not another.
    #[must_use]
    pub fn count(&self) -> usize {
        let ids: BTreeSet<&str> = self.deletions.iter().map(|one| one.id.as_str()).collect();
        ids.len()
    }
}
