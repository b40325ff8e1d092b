//! Run ids: `20261121-091203-build-` and 12 random characters.

use std::fmt;
use std::path::Path;

use jiff::Timestamp;

use base::clock;

const LONGEST: usize = 64;
/// Leaves room for the time, the random characters and three dashes.
const LONGEST_NAME: usize = 32;
const RANDOM: usize = 12;
const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A run's name on disk and on the command line: 1 to 64 of a-z, 0-9 and `-`, so never a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

impl RunId {
    /// Returns a new id for a run of `runbook`.
    #[must_use]
    pub fn new(runbook: &Path) -> Self {
        Self::compose(clock::now(), runbook, uuid::Uuid::new_v4().as_u128())
    }

    /// Returns `text` as an id, if it has the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let is_id = (1..=LONGEST).contains(&text.len()) && text.bytes().all(allowed);
        is_id.then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn compose(at: Timestamp, runbook: &Path, mut random: u128) -> Self {
        let mut id = format!("{}-{}-", at.strftime("%Y%m%d-%H%M%S"), name_of(runbook));
        for _ in 0..RANDOM {
            // The remainder is below 36.
            id.push(char::from(ALPHABET[(random % 36) as usize]));
            random /= 36;
        }
        Self(id)
    }
}

/// Returns the file's stem in the characters an id may have.
pub(crate) fn name_of(runbook: &Path) -> String {
    let stem = runbook
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    let words: Vec<&str> = stem
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut name = words.join("-");
    name.truncate(LONGEST_NAME);
    if name.is_empty() {
        "run".to_owned()
    } else {
        name
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(runbook: &str, random: u128) -> String {
        let at = "2026-11-21T09:12:03.9Z".parse().unwrap();
        RunId::compose(at, Path::new(runbook), random).0
    }

    #[test]
    fn has_time_name_and_twelve_characters() {
        assert_eq!(
            id("runbooks/build.rhai", 35),
            "20261121-091203-build-z00000000000"
        );
    }

    #[test]
    fn every_file_name_gives_an_id() {
        for name in [
            "Build NAT_v2.rhai",
            "x",
            "…",
            "a".repeat(200).as_str(),
            "..",
            "/",
            "-a-.rhai",
            "İ.rhai",
        ] {
            let id = id(name, u128::MAX);
            assert!(RunId::parse(&id).is_some(), "{id}");
        }
        assert_eq!(name_of(Path::new("Build NAT_v2.rhai")), "build-nat-v2");
        assert_eq!(name_of(Path::new("…")), "run");
    }

    #[test]
    fn two_ids_differ() {
        assert_ne!(
            RunId::new(Path::new("a.rhai")),
            RunId::new(Path::new("a.rhai"))
        );
    }

    #[test]
    fn refuses_what_is_not_an_id() {
        for text in ["", "..", "a/b", "A", "a b", "é", "a\n", &"a".repeat(65)] {
            assert_eq!(RunId::parse(text), None, "{text}");
        }
    }
}
