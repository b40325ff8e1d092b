//! What is written to the log and not in the checkpoints yet.

use std::collections::{BTreeMap, HashMap};

use crate::state::Slot;

/// Slots by the entry that brought them; a key is looked up without a look at the others.
#[derive(Default)]
pub(crate) struct Pending {
    slots: BTreeMap<u64, (String, Slot)>,
    /// The latest entry of each key.
    latest: HashMap<String, u64>,
}

impl Pending {
    pub(crate) fn insert(&mut self, seq: u64, key: &str, slot: Slot) {
        self.slots.insert(seq, (key.to_owned(), slot));
        self.latest.insert(key.to_owned(), seq);
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Slot> {
        let seq = self.latest.get(key)?;
        self.slots.get(seq).map(|(_, slot)| slot)
    }

    /// Removes and returns the slots of entry `seq` and of all before it, the oldest first.
    pub(crate) fn take_until(&mut self, seq: u64) -> Vec<(String, Slot)> {
        let later = self.slots.split_off(&(seq + 1));
        let taken = std::mem::replace(&mut self.slots, later);
        for (key, _) in taken.values() {
            if self.latest.get(key).is_some_and(|last| *last <= seq) {
                self.latest.remove(key);
            }
        }
        taken.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn note(value: u64) -> Slot {
        Slot::Note {
            value: json!(value),
        }
    }

    #[test]
    fn the_latest_slot_of_a_key_is_found_until_it_is_taken() {
        let mut pending = Pending::default();
        for (seq, key) in [(1, "a"), (2, "b"), (3, "a"), (4, "c")] {
            pending.insert(seq, key, note(seq));
        }
        assert_eq!(pending.get("a"), Some(&note(3)));
        assert_eq!(
            pending.take_until(2),
            [("a".into(), note(1)), ("b".into(), note(2))]
        );
        assert_eq!((pending.get("a"), pending.get("b")), (Some(&note(3)), None));
        assert_eq!(
            pending.take_until(4),
            [("a".into(), note(3)), ("c".into(), note(4))]
        );
        assert_eq!((pending.get("a"), pending.get("c")), (None, None));
        assert!(pending.latest.is_empty());
    }
}
