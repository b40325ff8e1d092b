//! What a dry replay has come to so far.

use std::collections::HashMap;

use serde_json::Value;

use super::{After, Because, Kind, Why};
use base::fault::Fault;

/// What the replay found at a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Reused,
    New,
    Changed {
        recorded: Value,
        asked: Value,
    },
    Again(Because),
    /// Its input depends on something that has no value yet.
    Depends(After),
}

/// A scope whose rest could not be looked at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Halt {
    /// More than one where an error went through them.
    pub(super) scopes: Vec<String>,
    pub(super) after: Option<After>,
    pub(super) error: Fault,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// In the order they were come to.
    pub(super) found: Vec<(String, Kind, Verdict)>,
    places: HashMap<String, usize>,
    pub(super) halts: Vec<Halt>,
    /// The last thing in this branch that was given `()` for its value.
    pub(super) unknown: Option<After>,
}

impl Seen {
    pub(super) fn note(&mut self, key: &str, kind: Kind, verdict: Verdict) {
        // What is tried again is looked into: what it returns may well be known. An effect cannot be.
        match (&verdict, kind) {
            (Verdict::New, Kind::Step | Kind::Effect | Kind::Wait) => self.not_known(key, Why::New),
            (Verdict::Again(_), Kind::Effect) => self.not_known(key, Why::TriedAgain),
            _ => {}
        }
        self.places.insert(key.to_owned(), self.found.len());
        self.found.push((key.to_owned(), kind, verdict));
    }

    /// From here on the script goes on with `()` for the value of this key.
    pub(super) fn not_known(&mut self, key: &str, why: Why) {
        let key = key.to_owned();
        self.unknown = Some(After { key, why });
    }

    pub(super) fn at(&self, key: &str) -> Option<&Verdict> {
        self.places.get(key).map(|place| &self.found[*place].2)
    }

    /// Notes that a scope could not be looked at to its end, for want of what is unknown or for an error; one on its
    /// way out is one halt, and its place is known at the end of that way.
    pub(super) fn halt(&mut self, scope: &str, after: Option<After>, error: Fault) {
        let goes_on = |halt: &&mut Halt| {
            let same = halt.error.described() == error.described();
            same && halt.after.is_none() && after.is_none()
        };
        if let Some(halt) = self.halts.iter_mut().rev().find(goes_on) {
            halt.scopes.push(scope.to_owned());
            halt.error = error;
            return;
        }
        self.halts.push(Halt {
            scopes: vec![scope.to_owned()],
            after,
            error,
        });
    }
}
