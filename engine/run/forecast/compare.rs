//! Keys that are recorded against names that the scripts have.

use std::collections::{HashMap, HashSet};

use super::data::{Again, Because, Forecast, Orphan, Row};
use super::recorded::{Recorded, label};
use crate::caught_failures::CaughtFailures;
use journal::Kind;
use journal::key::scopes;
use journal::state::{Effect, EffectState, Progress, Slot, Step, Wait};
use script::names::Names;

/// Fills the forecast. `caught` has the failures that the script caught: a resume returns them as they are.
pub(super) fn compare(
    recorded: &Recorded,
    caught: &CaughtFailures,
    names: &Names,
    forecast: &mut Forecast,
) {
    let (mut whole, mut orphans) = (HashSet::new(), HashMap::<&str, usize>::new());
    for (path, kind, slot) in recorded.iter() {
        if scopes(path).any(|scope| whole.contains(scope)) {
            continue;
        }
        let made = recorded.created_by(path).to_vec();
        if let Some(place) = scopes(path).find_map(|scope| orphans.get(scope)) {
            forecast.orphaned[*place].made.extend(made);
            continue;
        }
        let key = path.to_owned();
        if !names.has(label(path)) {
            orphans.insert(path, forecast.orphaned.len());
            forecast.orphaned.push(Orphan { key, kind, made });
        } else if let Some(because) = unfinished(slot).filter(|_| caught.take(path).is_none()) {
            forecast.tried_again.push(Again { key, kind, because });
        } else {
            whole.insert(path);
            forecast.reused.push(Row { key, kind });
        }
    }
}

/// Returns the steps and waits that only the edited scripts name.
pub(super) fn new(recorded: &Recorded, pinned: &Names, edited: &Names) -> Vec<Row> {
    let is_recorded = |name: &String| recorded.iter().any(|(key, ..)| label(key) == name);
    let asked = edited.asked.iter();
    let new = asked.filter(|it| !pinned.asked.contains(it) && !is_recorded(&it.0));
    new.map(|(name, wait)| Row {
        key: name.clone(),
        kind: if *wait { Kind::Wait } else { Kind::Step },
    })
    .collect()
}

fn unfinished(slot: &Slot) -> Option<Because> {
    match slot {
        Slot::Step(Step { state, .. }) | Slot::Wait(Wait { state, .. }) => match state {
            Progress::Finished { .. } => None,
            Progress::Failed { .. } => Some(Because::Failed),
            Progress::Started => Some(Because::CutOff),
        },
        Slot::Effect(Effect { state, .. }) => match state {
            EffectState::Finished(_) | EffectState::GivenUp { .. } => None,
            EffectState::Failed { .. } => Some(Because::Failed),
            EffectState::Intended => Some(Because::InDoubt),
        },
        Slot::Note { .. } | Slot::Run(_) | Slot::Forgotten { .. } => None,
    }
}
