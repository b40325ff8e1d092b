//! Failures by key, grouped by scope: what lies below a scope, or around one, is found without reading all of them.

use std::collections::{BTreeMap, HashMap};

use base::fault::Fault;
use journal::key::{is_below, scope, scopes};

/// No group is empty.
#[derive(Default)]
pub(super) struct Failures(BTreeMap<String, HashMap<String, Fault>>);

impl Failures {
    pub(super) fn insert(&mut self, key: String, fault: Fault) {
        let group = self.0.entry(scope(&key).to_owned()).or_default();
        group.insert(key, fault);
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Fault> {
        let group = self.0.get_mut(scope(key))?;
        let fault = group.remove(key);
        if group.is_empty() {
            self.0.remove(scope(key));
        }
        fault
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Fault)> {
        let all = self.0.values().flatten();
        all.map(|(key, fault)| (key.as_str(), fault))
    }

    pub(super) fn extend(&mut self, other: Self) {
        for (scope, group) in other.0 {
            self.0.entry(scope).or_default().extend(group);
        }
    }

    /// Takes out all with a scope of which this holds.
    pub(super) fn take_if(&mut self, mut holds: impl FnMut(&str) -> bool) -> Self {
        Self(self.0.extract_if(.., |scope, _| holds(scope)).collect())
    }

    /// Takes out all that lie below `outer`.
    pub(super) fn take_below(&mut self, outer: &str) -> Self {
        let own = self.0.remove_entry(outer);
        let inside: Vec<String> = self
            .0
            .range(format!("{outer}/")..)
            .map(|(scope, _)| scope)
            .take_while(|scope| is_below(scope, outer))
            .cloned()
            .collect();
        let inside = inside.iter().filter_map(|scope| self.0.remove_entry(scope));
        Self(own.into_iter().chain(inside).collect())
    }

    /// Takes out all whose scope is `scope`, is around it or inside it: side by side are branches only.
    pub(super) fn take_related(&mut self, scope: &str) -> Self {
        if scope.is_empty() {
            return std::mem::take(self);
        }
        let mut taken = self.take_below(scope);
        let around = std::iter::once("").chain(scopes(scope));
        taken
            .0
            .extend(around.filter_map(|scope| self.0.remove_entry(scope)));
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(keys: &[&str]) -> Failures {
        let mut failures = Failures::default();
        for key in keys {
            failures.insert((*key).to_owned(), Fault::default());
        }
        failures
    }

    fn keys(failures: &Failures) -> Vec<&str> {
        let mut keys: Vec<&str> = failures.iter().map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn branches_side_by_side_are_not_related() {
        let all = [
            "s", "a/s", "a/b/s", "a/b/c/s", "a/c/s", "ab/s", "b/s", "a#2/s",
        ];
        let mut left = failures(&all);
        assert_eq!(
            keys(&left.take_related("a/b")),
            ["a/b/c/s", "a/b/s", "a/s", "s"]
        );
        assert_eq!(keys(&left), ["a#2/s", "a/c/s", "ab/s", "b/s"]);
        assert_eq!(keys(&failures(&all).take_related("")).len(), all.len());
    }

    #[test]
    fn what_is_below_has_a_longer_path() {
        let mut left = failures(&["a", "a/b", "a/b/c", "a#2/b", "a[x/y]/b", "ab/c"]);
        assert_eq!(keys(&left.take_below("a")), ["a/b", "a/b/c"]);
        assert_eq!(keys(&left.take_below("a[x/y]")), ["a[x/y]/b"]);
        assert_eq!(keys(&left), ["a", "a#2/b", "ab/c"]);
        assert!(left.remove("a").is_some() && left.remove("a").is_none());
    }
}
