//! What a run left in the cloud, and how that differs from what an undisturbed one leaves.

use serde_json::Value;

use super::census::Census;
use super::effects::Effects;
use crate::matrix::finding::{Finding, Kind};
use base::level::Level;
use journal::entry::{Entry, Record};
use run::duplicates::WARNING;

/// Resources, and requests that changed something.
#[derive(Clone, Debug, Default)]
pub struct Left {
    pub census: Census,
    pub effects: Effects,
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
