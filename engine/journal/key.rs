//! Keys as paths of names: those of steps, branches and effects have no slash, those of items may.

/// Returns whether `key` is within `scope`.
#[must_use]
pub fn is_below(key: &str, scope: &str) -> bool {
    key.strip_prefix(scope)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The name under which branches that failed together are recorded; no script can make it.
pub const BRANCHES: &str = "[branches]";

/// Returns whether `key` is the record of branches that failed together.
#[must_use]
pub fn is_branches(key: &str) -> bool {
    let scope = scope(key);
    key[scope.len()..]
        .trim_start_matches('/')
        .starts_with(BRANCHES)
}

/// Returns the scope of a key: all but its last name.
#[must_use]
pub fn scope(key: &str) -> &str {
    scopes(key).last().unwrap_or_default()
}

/// Returns the scopes that a key lies in, the outermost first.
pub fn scopes(key: &str) -> impl Iterator<Item = &str> {
    slashes(key).map(|at| &key[..at])
}

/// Returns where the names of a key end, the last one left out.
pub fn slashes(key: &str) -> impl Iterator<Item = usize> {
    let mut depth = 0;
    let between_names = move |(_, byte): &(usize, u8)| {
        depth += i32::from(*byte == b'[') - i32::from(*byte == b']');
        *byte == b'/' && depth == 0
    };
    key.bytes()
        .enumerate()
        .filter(between_names)
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::{is_below, is_branches, scope};

    #[test]
    fn an_occurrence_or_item_is_not_a_child() {
        assert!(is_below("a/b", "a"));
        assert!(!is_below("a#2", "a"));
        assert!(!is_below("a[10.0.0.0/16]", "a"));
        assert!(is_below("a[10.0.0.0/16]/b", "a[10.0.0.0/16]"));
    }

    #[test]
    fn branches_that_failed_have_a_name_of_their_own() {
        assert!(is_branches("[branches]") && is_branches("a/b[10.0.0.0/16]/[branches]#2"));
        assert!(!is_branches("a") && !is_branches("[branches]/a") && !is_branches("a[branches]"));
    }

    #[test]
    fn a_scope_is_all_but_the_last_name() {
        assert_eq!(scope("ec2.create_vpc"), "");
        assert_eq!(
            scope("a/b[10.0.0.0/16]/ec2.create_vpc#2"),
            "a/b[10.0.0.0/16]"
        );
        assert_eq!(scope("a/b[10.0.0.0/16]"), "a");
    }
}
