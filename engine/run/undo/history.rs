//! What a run's entries say that it has done, or may have done.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cloud::Doubt;
use crate::operation;
use journal::entry::{Entry, Intent, Record, Resolved, Verdict};
use journal::key::is_below;
use journal::state::UNDO;
use knowledge::{Effect, Identity};

/// An effect that was done.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub(super) effect: Effect,
    pub(super) intent: Intent,
    pub(super) identity: Identity,
    pub(super) output: Value,
}

/// An effect that has no outcome.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) intent: Intent,
}

/// A run's effects, the oldest first; those of undoing it apart.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) run: String,
    pub(super) done: Vec<Done>,
    pub(super) open: Vec<Open>,
    /// Done, by operations that are not in today's models.
    pub(super) unknown: Vec<Intent>,
    /// Deletions that were cut off.
    pub(super) cut_off: Vec<Open>,
    /// What AWS took away by itself with what an earlier undo deleted.
    pub(super) parts: Vec<String>,
}

impl History {
    pub(super) fn of(run: &str, entries: &[Entry]) -> Self {
        let mut history = Self {
            run: run.to_owned(),
            ..Self::default()
        };
        let mut intents: BTreeMap<&str, (u64, Open)> = BTreeMap::new();
        for entry in entries {
            match &entry.record {
                Record::EffectIntended(intent) => {
                    let intent = intent.clone();
                    let open = Open { intent };
                    intents.insert(entry.record.key(), (entry.seq, open));
                }
                Record::Noted { key, value } if is_below(key, UNDO) => {
                    history.parts.extend(knowledge::texts(value));
                }
                record => history.settle(record, &mut intents),
            }
        }
        let mut open: Vec<_> = intents.into_values().collect();
        open.sort_by_key(|(seq, _)| *seq);
        for (_, one) in open {
            if is_below(&one.intent.key, UNDO) {
                history.cut_off.push(one);
            } else {
                history.open.push(one);
            }
        }
        history
    }

    fn settle(&mut self, record: &Record, intents: &mut BTreeMap<&str, (u64, Open)>) {
        let output = match record {
            Record::EffectFinished(outcome) => Some(&outcome.output),
            Record::EffectResolved(Resolved {
                verdict: Verdict::Adopted { output },
                ..
            }) => Some(output),
            Record::EffectFailed { .. } | Record::EffectResolved(_) => None,
            _ => return,
        };
        let Some((_, open)) = intents.remove(record.key()) else {
            return;
        };
        let Some(output) = output.filter(|_| !is_below(&open.intent.key, UNDO)) else {
            return;
        };
        match open.done(&self.run, output.clone()) {
            Some(done) => self.done.push(done),
            None => self.unknown.push(open.intent),
        }
    }
}

impl Open {
    /// Returns what it is once it is known to be done; `None` if the operation is not in today's models.
    pub(super) fn done(&self, run: &str, output: Value) -> Option<Done> {
        let Intent {
            service, operation, ..
        } = &self.intent;
        Some(Done {
            effect: operation::effect(service, operation).ok()?,
            identity: of_intent(run, &self.intent),
            intent: self.intent.clone(),
            output,
        })
    }
}

impl Done {
    pub(super) fn doubt<'a>(&'a self, chosen: Option<&'a str>) -> Doubt<'a> {
        Doubt {
            effect: &self.effect,
            input: &self.intent.input,
            identity: &self.identity,
            context: self.intent.context.as_ref(),
            chosen,
        }
    }

    pub(super) fn ids(&self) -> Vec<String> {
        knowledge::resource_ids(&self.effect, &self.output)
    }

    pub(super) fn operation(&self) -> String {
        format!("{}.{}", self.intent.service, self.intent.operation)
    }
}

pub(super) fn of_intent(run: &str, intent: &Intent) -> Identity {
    Identity {
        epoch: intent.epoch,
        ..identity(run, &intent.key)
    }
}

pub(super) fn identity(run: &str, key: &str) -> Identity {
    Identity {
        run: run.to_owned(),
        key: key.to_owned(),
        epoch: 1,
    }
}
