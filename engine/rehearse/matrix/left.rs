//! What a run left in the cloud, and how that differs from what an undisturbed one leaves.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::census::Census;
use super::effects::Effects;
use base::level::Level;
use journal::entry::{Entry, Record};
use run::duplicates::WARNING;

/// Resources, and requests that changed something.
#[derive(Clone, Debug, Default)]
pub struct Left {
    pub census: Census,
    pub effects: Effects,
}

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

impl Left {
    #[must_use]
    pub fn of(account: &str, census: &Value, requests: &Value, journal: &[Entry]) -> Self {
        Self {
            census: Census::of(census, account),
            effects: Effects::of(requests, journal),
        }
    }

    /// Returns the differences, each told once: what shows in the resources is not told of the requests again.
    #[must_use]
    pub fn compare(&self, expected: &Self) -> Vec<Finding> {
        let mut findings = self.census.compare(&expected.census);
        let requests = self.effects.compare(&expected.effects).into_iter();
        let more: Vec<Finding> = requests
            .filter(|request| !findings.iter().any(|known| known.covers(request)))
            .collect();
        findings.extend(more);
        // What came along with something else is told after it.
        findings.sort_by_key(|finding| (finding.kind, finding.effect.is_none()));
        findings
    }
}

impl Finding {
    fn covers(&self, request: &Self) -> bool {
        match (&self.effect, &request.effect) {
            (Some(tag), Some(key)) => self.kind == request.kind && is_tag_of(tag, key),
            _ => false,
        }
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

/// Returns what the run said may have been made twice.
pub(super) fn warned(journal: &[Entry]) -> Vec<String> {
    let warnings = journal.iter().filter_map(|entry| match &entry.record {
        Record::Logged {
            level: Level::Warn,
            message,
            ..
        } => Some(message),
        _ => None,
    });
    let warnings = warnings.filter(|message| message.starts_with(WARNING));
    warnings.cloned().collect()
}

/// Returns such warnings as findings, where nothing was made twice.
pub(super) fn unfounded(warnings: Vec<String>) -> impl Iterator<Item = Finding> {
    warnings.into_iter().map(|warning| Finding {
        kind: Kind::Changed,
        what: format!("the run warned of a duplicate, and there is none: {warning}"),
        effect: None,
    })
}
