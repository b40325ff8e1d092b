//! What is recorded of a run, by key.

use std::collections::{HashMap, HashSet};

use super::data::Tally;
use crate::event::Created;
use crate::{created, operation};
use base::texts::texts;
use journal::entry::{Entry, Record};
use journal::state::{RUN, Slot};
use journal::{Journal, JournalError, Kind, key as path};

pub(super) struct Recorded {
    /// In the order of their first entries.
    slots: Vec<(String, Kind, Slot)>,
    made: HashMap<String, Vec<String>>,
}

impl Recorded {
    pub(super) fn of(journal: &Journal, entries: &[Entry]) -> Result<Self, JournalError> {
        let mut recorded = Self {
            slots: Vec::new(),
            made: HashMap::new(),
        };
        let mut seen = HashSet::new();
        let keys = entries.iter().map(|entry| entry.record.key());
        for key in keys.filter(|key| *key != RUN && !path::is_branches(key)) {
            if !seen.insert(key) {
                continue;
            }
            if let Some(slot) = journal.slot(key)?
                && let Some(kind) = slot.kind()
            {
                recorded.slots.push((key.to_owned(), kind, slot));
            }
        }
        let gone = taken_back(entries);
        let there = created::created(entries);
        for Created { key, id, .. } in there
            .into_iter()
            .filter(|created| !gone.contains(&created.id))
        {
            recorded.made.entry(key).or_default().push(id);
        }
        Ok(recorded)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Kind, &Slot)> {
        let slots = self.slots.iter();
        slots.map(|(key, kind, slot)| (key.as_str(), *kind, slot))
    }

    /// Returns the ids of what the effect under this key made, where the run has not taken it back.
    pub(super) fn created_by(&self, key: &str) -> &[String] {
        self.made.get(key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (_, kind, _) in self.iter() {
            match kind {
                Kind::Step => tally.steps += 1,
                Kind::Effect => tally.effects += 1,
                Kind::Wait => tally.waits += 1,
                Kind::Value => tally.values += 1,
            }
        }
        tally
    }
}

/// Returns the texts in the inputs of finished effects that are another's inverse: what is named there is gone.
fn taken_back(entries: &[Entry]) -> HashSet<String> {
    let mut intents = HashMap::new();
    let mut inverses = HashSet::new();
    let mut gone = HashSet::new();
    for entry in entries {
        match &entry.record {
            Record::EffectIntended(intent) => {
                let effect = operation::effect(&intent.service, &intent.operation).ok();
                let inverse = effect.and_then(|effect| effect.inverse());
                inverses.extend(inverse.map(|inverse| (intent.service.as_str(), inverse)));
                intents.insert(&intent.key, intent);
            }
            Record::EffectFinished(outcome) => {
                let intent = intents.get(&outcome.key).filter(|intent| {
                    inverses.contains(&(intent.service.as_str(), intent.operation.as_str()))
                });
                if let Some(intent) = intent {
                    gone.extend(texts(&intent.input).map(str::to_owned));
                }
            }
            _ => {}
        }
    }
    gone
}

/// Returns the name at the end of a key, without its item and occurrence.
pub(super) fn label(key: &str) -> &str {
    let scope = path::scope(key);
    let name = key[scope.len()..].trim_start_matches('/');
    name.split(['[', '#']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_what_the_script_calls_it() {
        assert_eq!(label("ec2.create_vpc#2"), "ec2.create_vpc");
        assert_eq!(label("az1/make [10.0.0.0/16]"), "make ");
        assert_eq!(label("az1/make[10.0.0.0/16]/x"), "x");
    }
}
