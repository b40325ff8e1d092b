//! A difference between what a run left and what an undisturbed one leaves.

use std::fmt;

use serde::Serialize;

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    /// In words: type, id, name, effect.
    pub what: String,
    /// The effect that it is about, where that is known.
    pub effect: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One more of something that the undisturbed run has.
    Doubled,
    /// Something that the undisturbed run has not.
    Leaked,
    Missing,
    /// It is there, and is not what it is in the undisturbed run.
    Changed,
}

impl Finding {
    pub(super) fn covers(&self, request: &Self) -> bool {
        match (&self.effect, &request.effect) {
            (Some(tag), Some(key)) => self.kind == request.kind && is_tag_of(tag, key),
            _ => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Doubled => "doubled",
            Self::Leaked => "leaked",
            Self::Missing => "missing",
            Self::Changed => "changed",
        })
    }
}

/// A tag takes fewer characters than a key, and a digest makes up for it.
pub(super) fn is_tag_of(tag: &str, key: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars()
            .map(|letter| {
                if letter.is_alphanumeric() {
                    letter
                } else {
                    '_'
                }
            })
            .collect()
    };
    match tag.strip_suffix(" <digest>") {
        Some(start) => plain(key).starts_with(&plain(start)),
        None => tag == key,
    }
}
