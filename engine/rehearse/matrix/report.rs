//! What all trials of a matrix came to.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::matrix::ended::Ending;
use crate::matrix::finding::{Finding, Kind};

/// What one trial came to.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The kind of disturbance, under which it is counted.
    pub kind: String,
    /// How the run was disturbed, in words.
    pub what: String,
    /// What `--point` takes to make the same trial again.
    pub point: String,
    pub ending: Ending,
    pub findings: Vec<Finding>,
    /// Effects whose outcome was not known when the run was resumed.
    pub doubts: usize,
    /// Those of them that were found in the cloud.
    pub adopted: usize,
    /// What was made twice where nobody could know, and the run said so.
    pub possible_duplicates: usize,
    /// The disturbance came to pass; a run may end before it does.
    pub reached: bool,
}

/// A trial that went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// How the run was disturbed, in words.
    pub what: String,
    /// What `--point` takes to make the same trial again.
    pub point: String,
    pub ending: Ending,
    pub findings: Vec<Finding>,
}

/// The sums over all trials.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Trials that were made.
    pub trials: usize,
    /// How many of them of each kind.
    pub kinds: BTreeMap<String, usize>,
    /// Points that others stand for.
    pub merged: usize,
    /// Trials whose run ended before it was disturbed.
    pub not_reached: usize,
    pub doubled: usize,
    pub leaked: usize,
    pub missing: usize,
    pub changed: usize,
    /// Runs that could not be resumed to their end.
    pub stuck: usize,
    /// Runs that stopped in doubt and said so.
    pub stopped: usize,
    pub doubts: usize,
    pub adopted: usize,
    pub possible_duplicates: usize,
    pub elapsed: Duration,
    pub failures: Vec<Failure>,
    pub interrupted: bool,
}

impl Report {
    /// Adds a trial. A run that stopped in doubt is not at its end: what it still lacks is no finding.
    pub fn add(&mut self, mut verdict: Verdict) {
        if matches!(verdict.ending, Ending::InDoubt { .. }) {
            self.stopped += 1;
            verdict
                .findings
                .retain(|finding| matches!(finding.kind, Kind::Doubled | Kind::Leaked));
        }
        self.trials += 1;
        *self.kinds.entry(verdict.kind).or_default() += 1;
        self.not_reached += usize::from(!verdict.reached);
        self.doubts += verdict.doubts;
        self.adopted += verdict.adopted;
        self.possible_duplicates += verdict.possible_duplicates;
        let stuck = matches!(verdict.ending, Ending::Stuck { .. });
        self.stuck += usize::from(stuck);
        for finding in &verdict.findings {
            *self.count(finding.kind) += 1;
        }
        if stuck || !verdict.findings.is_empty() {
            self.failures.push(Failure {
                what: verdict.what,
                point: verdict.point,
                ending: verdict.ending,
                findings: verdict.findings,
            });
        }
    }

    /// Returns whether nothing went wrong in the trials that were made.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.failures.is_empty()
    }

    /// Returns what must be 0, by name.
    #[must_use]
    pub fn figures(&self) -> [(&'static str, usize); 6] {
        [
            ("doubled", self.doubled),
            ("leaked", self.leaked),
            ("missing", self.missing),
            ("changed", self.changed),
            ("not finished", self.stuck),
            ("possible duplicates", self.possible_duplicates),
        ]
    }

    fn count(&mut self, kind: Kind) -> &mut usize {
        match kind {
            Kind::Doubled => &mut self.doubled,
            Kind::Leaked => &mut self.leaked,
            Kind::Missing => &mut self.missing,
            Kind::Changed => &mut self.changed,
        }
    }
}
