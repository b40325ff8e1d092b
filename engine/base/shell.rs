//! Words for a command line that can be pasted.

use std::path::Path;

/// Returns the word as a shell takes it.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/@:+,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Returns the path as a shell takes it.
#[must_use]
pub fn path(path: &Path) -> String {
    quoted(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn only_what_a_shell_would_read_otherwise_is_quoted() {
        assert_eq!(quoted("az1/ec2.create_vpc"), "az1/ec2.create_vpc");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("make the VPC"), "'make the VPC'");
        assert_eq!(quoted("it's#2"), r"'it'\''s#2'");
    }

    #[test]
    fn whatever_a_shell_acts_on_is_quoted() {
        for c in "$`\\\"!*?[]{}()<>|&;~#%^ \t\n".chars() {
            let word = format!("a{c}b");
            assert_eq!(quoted(&word), format!("'{word}'"));
        }
    }
}
