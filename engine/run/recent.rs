//! What this run created, and what of it moments ago: AWS may not show that to every reader yet.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use base::clock::Stopwatch;
use base::texts::texts;
use knowledge::Identity;

pub(super) struct Recent {
    created: Mutex<HashMap<String, Creation>>,
    /// For so long a "not found" for something just made means "not yet".
    pub(super) span: Duration,
}

struct Creation {
    /// When it became known here, and how old it was then.
    watch: Stopwatch,
    age: Duration,
    by: Identity,
}

impl Recent {
    pub(super) fn new(span: Duration) -> Self {
        Self {
            created: Mutex::default(),
            span,
        }
    }

    pub(super) fn add(&self, id: String, age: Duration, by: Identity) {
        let watch = Stopwatch::start();
        self.all().insert(id, Creation { watch, age, by });
    }

    /// Returns the effect that made the thing with this id.
    pub(super) fn creator(&self, id: &str) -> Option<Identity> {
        self.all().get(id).map(|made| made.by.clone())
    }

    /// Whether the input names something that was made less than the span ago.
    pub(super) fn named_in(&self, input: &Value) -> bool {
        let made = self.all();
        names(input, &|text| {
            made.get(text)
                .is_some_and(|made| made.age + made.watch.elapsed() < self.span)
        })
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Creation>> {
        self.created.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a text anywhere in the value is known.
pub(super) fn names(value: &Value, known: &dyn Fn(&str) -> bool) -> bool {
    texts(value).any(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_id_is_fresh_for_a_while_wherever_it_is_named() {
        let recent = Recent::new(Duration::from_mins(1));
        let add = |id: &str, age| recent.add(id.to_owned(), age, Identity::default());
        add("vpc-1", Duration::ZERO);
        add("vpc-2", Duration::from_secs(61));
        assert!(recent.named_in(&json!({"filters": [{"values": ["vpc-1"]}]})));
        assert!(!recent.named_in(&json!({"vpc_id": "vpc-2"})));
        assert!(!recent.named_in(&json!({"vpc_id": "vpc-3", "n": 1})));
    }
}
