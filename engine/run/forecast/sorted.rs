//! Where each thing that is recorded ends up.

use std::collections::HashMap;

use super::dry::kind_of;
use super::recorded::{Recorded, inside, label, scopes};
use super::seen::{Halt, Seen, Verdict};
use super::{After, Again, Changed, Forecast, Kind, Orphan, Row, Untold};
use journal::state::Slot;
use script::names::Names;

/// Fills the forecast with what a dry replay has come to, and what it has not.
pub(super) fn sort(recorded: &Recorded, seen: &Seen, names: &Names, forecast: &mut Forecast) {
    let mut sorting = Sorting {
        recorded,
        forecast,
        left: HashMap::new(),
    };
    for (key, kind, verdict) in &seen.found {
        sorting.found(key, *kind, verdict);
    }
    let halts: Vec<(&Halt, usize)> = seen
        .halts
        .iter()
        .map(|halt| (halt, sorting.halted(halt)))
        .collect();
    for (key, slot) in recorded.iter() {
        if seen.at(key).is_none() && !is_covered(key, seen) {
            sorting.missed(key, slot, names, &halts);
        }
    }
}

/// Whether it is in something whose record is returned whole.
fn is_covered(key: &str, seen: &Seen) -> bool {
    let whole = |verdict: &Verdict| matches!(verdict, Verdict::Reused | Verdict::Changed { .. });
    scopes(key).any(|scope| seen.at(scope).is_some_and(whole))
}

struct Sorting<'a> {
    recorded: &'a Recorded,
    forecast: &'a mut Forecast,
    /// What was not come to, and its place among the orphans if it is one: what is in it goes with it.
    left: HashMap<&'a str, Option<usize>>,
}

impl<'a> Sorting<'a> {
    fn found(&mut self, key: &str, kind: Kind, verdict: &Verdict) {
        let row = Row {
            key: key.to_owned(),
            kind,
        };
        let Row { key, .. } = row.clone();
        match verdict {
            Verdict::Reused => self.forecast.reused.push(row),
            Verdict::New => self.forecast.new.push(row),
            Verdict::Again(because) => self.forecast.tried_again.push(Again {
                key,
                kind,
                because: *because,
            }),
            Verdict::Depends(after) => {
                let place = self.untold(Some(after), None);
                self.forecast.untold[place].recorded.push(row);
            }
            Verdict::Changed { recorded, asked } => self.forecast.changed_input.push(Changed {
                made: self.recorded.made(&key).to_vec(),
                key,
                recorded: recorded.clone(),
                asked: asked.clone(),
            }),
        }
    }

    /// Returns the place of what is said of a halt.
    fn halted(&mut self, halt: &Halt) -> usize {
        if halt.after.is_some() {
            return self.untold(halt.after.as_ref(), None);
        }
        let place = halt.error.place.iter().map(|place| format!(" ({place})"));
        let error = format!("{}{}", halt.error.described(), place.collect::<String>());
        self.untold(None, Some(&error))
    }

    fn untold(&mut self, after: Option<&After>, error: Option<&String>) -> usize {
        let untold = &mut self.forecast.untold;
        let same = |known: &Untold| known.after.as_ref() == after && known.error.as_ref() == error;
        untold.iter().position(same).unwrap_or_else(|| {
            untold.push(Untold {
                after: after.cloned(),
                error: error.cloned(),
                recorded: Vec::new(),
            });
            untold.len() - 1
        })
    }

    /// Sorts what the replay has not come to.
    fn missed(&mut self, key: &'a str, slot: &Slot, names: &Names, halts: &[(&Halt, usize)]) {
        let made = self.recorded.made(key).to_vec();
        if let Some(orphan) = scopes(key).find_map(|scope| self.left.get(scope)) {
            if let Some(place) = orphan {
                self.forecast.orphaned[*place].made.extend(made);
            }
            return;
        }
        let kind = kind_of(slot);
        let halt = halt_around(key, halts).filter(|_| names.has(label(key)));
        let orphan = halt.is_none().then_some(self.forecast.orphaned.len());
        self.left.insert(key, orphan);
        let key = key.to_owned();
        if let Some(place) = halt {
            self.forecast.untold[place].recorded.push(Row { key, kind });
        } else {
            self.forecast.orphaned.push(Orphan { key, kind, made });
        }
    }
}

/// Returns what is said of the innermost scope around a key that was not looked at to its end.
fn halt_around(key: &str, halts: &[(&Halt, usize)]) -> Option<usize> {
    let depth = |halt: &Halt| {
        let around = halt.scopes.iter().filter(|scope| inside(scope, key));
        around.map(|scope| scope.len() + 1).max()
    };
    let around = halts
        .iter()
        .filter_map(|(halt, place)| Some((depth(halt)?, *place)));
    around
        .max_by_key(|(depth, _)| *depth)
        .map(|(_, place)| place)
}
