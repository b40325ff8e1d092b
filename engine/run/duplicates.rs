//! Effects that were made again since AWS had shown nothing of them: was that true?
//!
//! Where its reads lag for longer than the settle window, a thing is made twice, and nobody can know at that time.
//! It can be seen later, so the run looks once more before it ends.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::cloud::{Doubt, Found};
use super::conductor::Conductor;
use super::operation;
use super::patience::window_after;
use super::recorder::broken;
use base::level::Level;
use base::texts::texts;
use journal::Durability;
use journal::entry::{Entry, Intent, Outcome, Record, Settled};
use knowledge::{Class, Effect, Identity};
use script::host::StopReason;

/// What such a warning begins with.
pub const WARNING: &str = "possible duplicate";

/// An effect that was made again while in doubt.
struct Repeated {
    intent: Intent,
    outcome: Option<Outcome>,
}

impl Conductor {
    /// Warns, once each, of effects that may have been done twice.
    pub(super) fn warn_of_duplicates(&self) -> Result<(), StopReason> {
        if self.outbound.cloud.is_none() {
            return Ok(());
        }
        let entries = self.recorder.journal.entries().map_err(broken)?;
        let repeated = repeated(&entries);
        if repeated.is_empty() {
            return Ok(());
        }
        let named = named(&entries);
        for repeated in repeated {
            if self.control.cancel.is_set() {
                return Ok(());
            }
            if let Some(message) = self.duplicate(&repeated, &named) {
                self.recorder
                    .log(String::new(), Level::Warn, message, Durability::Synced)?;
            }
        }
        Ok(())
    }

    /// Returns what there is to say of an effect; nothing where AWS shows what it made, and that alone.
    fn duplicate(&self, repeated: &Repeated, named: &Named) -> Option<String> {
        let (intent, outcome) = (&repeated.intent, repeated.outcome.as_ref()?);
        if outcome.settled != Settled::Called {
            return None;
        }
        let effect = operation::effect(&intent.service, &intent.operation).ok()?;
        let ours = knowledge::resource_ids(&effect, &outcome.output);
        if !matches!(effect.class, Class::Tagged | Class::Keyed) || is_gone(&effect, &ours, named) {
            return None;
        }
        let identity = Identity {
            run: self.recorder.id().into(),
            key: intent.key.clone(),
            epoch: intent.epoch,
        };
        let doubt = Doubt {
            effect: &effect,
            input: &intent.input,
            identity: &identity,
            context: intent.context.as_ref(),
            chosen: None,
        };
        let look = || self.outbound.cloud(&intent.service)?.look_up(&doubt);
        let mut patience = self.outbound.patience();
        patience.window = window_after(intent.written.as_ref(), patience.window);
        let found = patience.poll(look).ok()?;
        let shown = shown(&effect, &ours, found)?;
        let key = &intent.key;
        let noun = effect.noun();
        Some(format!(
            "{WARNING}: `{key}` was called again because AWS did not show the first call; {shown}; look for a duplicate ({noun})"
        ))
    }
}

/// Returns what AWS shows, unless that is just what the run knows of.
fn shown(effect: &Effect, ours: &[String], found: Found) -> Option<String> {
    let used = ours.join(", ");
    match found {
        Found::Several(ids) => Some(format!(
            "AWS now shows {} with the mark of this call, and the run uses {used}",
            ids.join(", ")
        )),
        Found::Done(output) => {
            let seen = knowledge::resource_ids(effect, &output);
            let is_ours = BTreeSet::from_iter(&seen) == BTreeSet::from_iter(ours);
            (!is_ours)
                .then(|| format!("AWS now shows {}, and the run uses {used}", seen.join(", ")))
        }
        Found::Absent => Some(format!("AWS does not show {used} yet, which the run uses")),
        Found::CallAgain | Found::Unknowable(_) => None,
    }
}

/// Returns the effects that went out again while in doubt, those left out that were warned of before.
fn repeated(entries: &[Entry]) -> Vec<Repeated> {
    let mut open: HashMap<&str, &Intent> = HashMap::new();
    let mut found: BTreeMap<&str, Repeated> = BTreeMap::new();
    for entry in entries {
        match &entry.record {
            Record::EffectIntended(intent) => {
                let again = open.insert(&intent.key, intent);
                if again.is_some_and(|before| before.epoch == intent.epoch) {
                    let repeated = Repeated {
                        intent: intent.clone(),
                        outcome: None,
                    };
                    found.insert(&intent.key, repeated);
                }
            }
            Record::EffectFinished(outcome) => {
                open.remove(outcome.key.as_str());
                if let Some(repeated) = found.get_mut(outcome.key.as_str()) {
                    repeated.outcome = Some(outcome.clone());
                }
            }
            Record::Forgotten { key } => drop(found.remove(key.as_str())),
            Record::Logged { message, .. } if message.starts_with(WARNING) => {
                found.retain(|key, _| !message.starts_with(&format!("{WARNING}: `{key}` ")));
            }
            other => drop(open.remove(other.key())),
        }
    }
    found.into_values().collect()
}

/// Whether the run itself has taken it away since.
fn is_gone(effect: &Effect, ours: &[String], named: &Named) -> bool {
    let mut ours = ours.iter().map(String::as_str);
    effect
        .inverse()
        .is_some_and(|inverse| ours.any(|id| named.contains(&(inverse, id))))
}

/// The texts in the inputs of a run's effects, each with the operation.
type Named<'a> = HashSet<(&'a str, &'a str)>;

fn named(entries: &[Entry]) -> Named<'_> {
    let intents = entries.iter().filter_map(|entry| match &entry.record {
        Record::EffectIntended(intent) => Some(intent),
        _ => None,
    });
    intents
        .flat_map(|intent| texts(&intent.input).map(|text| (intent.operation.as_str(), text)))
        .collect()
}
