//! Keys as paths: which step a thing belongs to, and what to call it there.

use std::collections::HashSet;

pub(crate) use journal::key::is_below;

/// Returns the part of `key` below `scope`.
#[must_use]
pub(crate) fn label<'a>(key: &'a str, scope: Option<&str>) -> &'a str {
    let below = |scope| key.strip_prefix(scope)?.strip_prefix('/');
    scope.and_then(below).unwrap_or(key)
}

/// Returns the scope that a wait or an effect has below its step: all but its name, which holds no slash.
#[must_use]
pub(crate) fn branch(label: &str) -> &str {
    label.rsplit_once('/').map_or("", |(scope, _)| scope)
}

/// Returns the innermost of `scopes` that `key` is, or is within.
#[must_use]
pub(crate) fn innermost<'a>(key: &str, scopes: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    scopes
        .filter(|scope| *scope == key || is_below(key, scope))
        .max_by_key(|scope| scope.len())
}

/// Returns the innermost of `scopes` that `key` is within: as many are looked up as `key` has slashes.
#[must_use]
pub(crate) fn around<'a>(key: &'a str, scopes: &HashSet<&str>) -> Option<&'a str> {
    let mut around = key.rmatch_indices('/').map(|(at, _)| &key[..at]);
    around.find(|scope| scopes.contains(scope))
}

#[cfg(test)]
mod tests {
    use super::{around, branch, innermost, label};

    #[test]
    fn labels_are_relative() {
        assert_eq!(label("a/b/c", Some("a")), "b/c");
        assert_eq!(label("a", None), "a");
        assert_eq!(branch("az1/nat running#2"), "az1");
        assert_eq!(branch("nat running"), "");
        assert_eq!(
            innermost("a/b/c", ["a", "a/b", "x"].into_iter()),
            Some("a/b")
        );
        let scopes = ["a", "a/b", "a/b/c", "x"].into();
        assert_eq!(around("a/b/c", &scopes), Some("a/b"));
        assert_eq!((around("x", &scopes), around("y/z", &scopes)), (None, None));
    }
}
