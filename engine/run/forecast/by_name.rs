//! The comparison of names, for where AWS cannot be asked and the scripts cannot be followed.

use std::collections::{HashMap, HashSet};

use super::dry::kind_of;
use super::recorded::{Recorded, label, scopes};
use super::{Again, Because, Forecast, Kind, Orphan, Row};
use journal::state::{Effect, EffectState, Progress, Slot, Step, Wait};
use script::names::Names;

/// Fills the forecast with what the names alone tell.
pub(super) fn sort(recorded: &Recorded, names: &Names, forecast: &mut Forecast) {
    let (mut whole, mut orphans) = (HashSet::new(), HashMap::<&str, usize>::new());
    for (key, slot) in recorded.iter() {
        if scopes(key).any(|scope| whole.contains(scope)) {
            continue;
        }
        let made = recorded.made(key).to_vec();
        if let Some(place) = scopes(key).find_map(|scope| orphans.get(scope)) {
            forecast.orphaned[*place].made.extend(made);
            continue;
        }
        let (key_owned, kind) = (key.to_owned(), kind_of(slot));
        match unfinished(slot) {
            _ if !names.has(label(key)) => {
                orphans.insert(key, forecast.orphaned.len());
                forecast.orphaned.push(Orphan {
                    key: key_owned,
                    kind,
                    made,
                });
            }
            Some(because) => forecast.tried_again.push(Again {
                key: key_owned,
                kind,
                because,
            }),
            None => {
                whole.insert(key);
                forecast.reused.push(Row {
                    key: key_owned,
                    kind,
                });
            }
        }
    }
    let known = |name: &String| recorded.iter().any(|(key, _)| label(key) == name);
    let asked = names.asked.iter().filter(|(name, _)| !known(name));
    forecast.new.extend(asked.map(|(name, wait)| Row {
        key: name.clone(),
        kind: if *wait { Kind::Wait } else { Kind::Step },
    }));
}

fn unfinished(slot: &Slot) -> Option<Because> {
    match slot {
        Slot::Step(Step { state, .. }) | Slot::Wait(Wait { state, .. }) => match state {
            Progress::Finished { .. } => None,
            Progress::Failed { .. } => Some(Because::Failed),
            Progress::Started => Some(Because::CutOff),
        },
        Slot::Effect(Effect { state, .. }) => match state {
            EffectState::Finished(_) => None,
            EffectState::Failed { .. } | EffectState::GivenUp { .. } => Some(Because::Failed),
            EffectState::Intended => Some(Because::InDoubt),
        },
        Slot::Note { .. } | Slot::Run(_) | Slot::Forgotten { .. } => None,
    }
}
