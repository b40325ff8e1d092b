//! The run that all others are compared with.

use serde_json::Value;

use super::error::MatrixError;
use super::left::Left;
use super::pool::{Pool, Worker};
use journal::entry::{Entry, Record};

/// A run that came to its end without being disturbed.
#[derive(Clone, Debug)]
pub struct Undisturbed {
    pub journal: Vec<Entry>,
    /// The emulator's log, in order.
    pub requests: Value,
    pub left: Left,
}

impl Undisturbed {
    /// Rehearses the script twice. What is not the same twice cannot be compared with anything.
    pub fn rehearse(pool: &Pool) -> Result<[Self; 2], MatrixError> {
        let mut both = Vec::new();
        pool.each(
            vec![(), ()],
            |worker, ()| Self::once(worker),
            |one| both.push(one),
        )?;
        let [first, second] = <[Self; 2]>::try_from(both).map_err(|_| MatrixError::Interrupted)?;
        let findings = second.left.compare(&first.left);
        if findings.is_empty() {
            Ok([first, second])
        } else {
            Err(MatrixError::NotRepeatable(findings))
        }
    }

    fn once(worker: Worker<'_>) -> Result<Self, MatrixError> {
        let trial = worker.trial()?;
        let ended = trial.go_on(&[])?;
        if ended.code != Some(0) {
            return Err(MatrixError::Undisturbed(ended));
        }
        Ok(Self {
            journal: trial.journal()?,
            requests: trial.requests()?,
            left: trial.left()?,
        })
    }

    /// Returns whether nothing can have been changed between the entry before this one and it: no effect was under way,
    /// and no request that changes something was received.
    pub(super) fn is_quiet_before(&self, seq: u64) -> bool {
        let before = self.journal.iter().take_while(|entry| entry.seq < seq);
        let span = before
            .clone()
            .last()
            .zip(self.journal.iter().find(|entry| entry.seq == seq));
        let Some((from, to)) = span else {
            return false;
        };
        let (from, to) = (from.at.as_microsecond(), to.at.as_microsecond());
        let changes = self
            .requests
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| super::effects::is_change(one));
        open(before).is_empty()
            && changes
                .map(|one| one["at"].as_i64())
                .all(|at| at.is_some_and(|at| at < from || at > to))
    }
}

/// Returns the effects that are intended and have no outcome.
pub(super) fn open<'a>(journal: impl IntoIterator<Item = &'a Entry>) -> Vec<&'a str> {
    let mut open: Vec<&str> = Vec::new();
    for entry in journal {
        match &entry.record {
            Record::EffectIntended(intent) => open.push(&intent.key),
            Record::EffectFinished(outcome) => open.retain(|key| *key != outcome.key),
            Record::EffectFailed { key: failed, .. } => open.retain(|key| key != failed),
            _ => {}
        }
    }
    open.sort_unstable();
    open.dedup();
    open
}
