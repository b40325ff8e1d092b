//! Keys as paths: which step a thing belongs to, and what to call it there.

/// Returns whether `key` is within `scope`; item keys may hold slashes, so keys are compared, not split.
#[must_use]
pub(crate) fn is_below(key: &str, scope: &str) -> bool {
    key.strip_prefix(scope)
        .is_some_and(|rest| rest.starts_with('/'))
}

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

#[cfg(test)]
mod tests {
    use super::{branch, innermost, is_below, label};

    #[test]
    fn an_occurrence_or_item_is_not_a_child() {
        assert!(is_below("a/b", "a"));
        assert!(!is_below("a#2", "a"));
        assert!(!is_below("a[10.0.0.0/16]", "a"));
        assert!(is_below("a[10.0.0.0/16]/b", "a[10.0.0.0/16]"));
    }

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
    }
}
