//! What a run has created, as its entries say.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use super::event::Created;
use super::operation;
use super::patience::SENDING;
use super::recent::Recent;
use base::clock::{self, Moment};
use journal::entry::{Entry, Intent, Record, Resolved, Verdict};
use knowledge::Identity;

/// Returns what the run has created and when, for AWS's reads lag behind.
pub(super) fn recent(entries: &[Entry], span: Duration) -> Recent {
    let recent = Recent::new(span);
    let Some(Record::RunStarted(started)) = entries.first().map(|entry| &entry.record) else {
        return recent;
    };
    each_created(entries, &mut |entry, intent, id| {
        let by = Identity {
            run: started.id.clone(),
            key: intent.key.clone(),
            epoch: intent.epoch,
        };
        recent.add(id, age(entry, intent), by);
    });
    recent
}

/// Returns how long ago it was made at least. What is younger than it is taken for is only looked for once more.
fn age(entry: &Entry, intent: &Intent) -> Duration {
    let wall = || Duration::try_from(clock::now().duration_since(entry.at)).unwrap_or_default();
    let written = intent.written.as_ref().and_then(Moment::elapsed);
    written.map_or_else(wall, |passed| passed.saturating_sub(SENDING))
}

/// Returns what the run has created, in order.
#[must_use]
pub fn created(entries: &[Entry]) -> Vec<Created> {
    let mut all = Vec::new();
    each_created(entries, &mut |_, intent, id| {
        all.push(Created {
            key: intent.key.clone(),
            operation: format!("{}.{}", intent.service, intent.operation),
            id,
        });
    });
    all
}

/// Visits each id that an effect has created, with the effect's intent and the entry that says so.
fn each_created(entries: &[Entry], visit: &mut dyn FnMut(&Entry, &Intent, String)) {
    let mut intents = HashMap::new();
    for entry in entries {
        if let Record::EffectIntended(intent) = &entry.record {
            intents.insert(&intent.key, intent);
        }
        let Some((key, output)) = done(&entry.record) else {
            continue;
        };
        let Some(intent) = intents.get(key) else {
            continue;
        };
        let Ok(effect) = operation::effect(&intent.service, &intent.operation) else {
            continue;
        };
        for id in knowledge::resource_ids(&effect, output) {
            visit(entry, intent, id);
        }
    }
}

/// Returns the effect that a record says was done, and what it answered.
fn done(record: &Record) -> Option<(&String, &Value)> {
    match record {
        Record::EffectFinished(outcome) => Some((&outcome.key, &outcome.output)),
        Record::EffectResolved(Resolved {
            key,
            verdict: Verdict::Adopted { output },
            ..
        }) => Some((key, output)),
        _ => None,
    }
}

/// Returns the id of what a call created, from service, operation and output.
#[must_use]
pub fn resource(service: &str, operation: &str, output: &Value) -> Option<String> {
    knowledge::resource_id(&operation::effect(service, operation).ok()?, output)
}
