//! Points that a seed chooses: several faults at several requests, some with a kill on top.

use super::plan;
use crate::matrix::kill::{Kill, When};
use crate::matrix::seed;
use crate::proxy::{Fault, Injection, Name};

/// What a mix does to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    pub injections: Vec<Injection>,
    pub kill: Option<Kill>,
}

/// Chance that seed and mix alone decide.
struct Dice {
    seed: u64,
    mix: u32,
    rolls: u32,
}

impl Dice {
    /// Returns a number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.rolls += 1;
        let name = format!("mix {} roll {}", self.mix, self.rolls);
        let sides = u64::try_from(sides).unwrap_or(1).max(1);
        usize::try_from(seed::number(self.seed, &name) % sides).unwrap_or(0)
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.roll(of.len()))
    }
}

/// Returns the mix of that number, for a run with these requests and so many entries.
#[must_use]
pub fn mix(seed: u64, number: u32, requests: &[Name], entries: usize) -> Mix {
    let mut dice = Dice {
        seed,
        mix: number,
        rolls: 0,
    };
    let changes: Vec<Name> = requests
        .iter()
        .filter(|at| !at.is_read())
        .cloned()
        .collect();
    let mut injections: Vec<Injection> = Vec::new();
    for _ in 0..2 + dice.roll(4) {
        let from = if dice.roll(3) == 0 {
            requests
        } else {
            &changes
        };
        let Some(at) = dice.one(from).or(requests.first()) else {
            break;
        };
        for more in trouble(&mut dice, at) {
            if !injections.iter().any(|known| known.at == more.at) {
                injections.push(more);
            }
        }
    }
    let kill = (dice.roll(3) == 0).then(|| kill(&mut dice, entries));
    Mix { injections, kill }
}

/// Returns what happens at a request: one fault, a burst of throttling, or one reply lost after the other.
fn trouble(dice: &mut Dice, at: &Name) -> Vec<Injection> {
    match dice.roll(6) {
        0 => in_a_row(at, &vec![Fault::Throttled; 2 + dice.roll(3)]),
        1 if !at.is_read() => {
            let first = lossy(dice, at);
            let second = lossy(dice, at);
            in_a_row(at, &[first, second])
        }
        _ => {
            let faults = mixable(at);
            let fault = dice.one(&faults).copied();
            in_a_row(at, &[fault.unwrap_or(Fault::Dropped)])
        }
    }
}

pub(super) fn in_a_row(at: &Name, faults: &[Fault]) -> Vec<Injection> {
    let occurrences = at.occurrence..;
    let pairs = occurrences.zip(faults);
    pairs
        .map(|(occurrence, fault)| Injection {
            at: Name {
                occurrence,
                ..at.clone()
            },
            fault: *fault,
        })
        .collect()
}

/// Leaves the caller in the dark.
fn lossy(dice: &mut Dice, at: &Name) -> Fault {
    let mut faults = mixable(at);
    faults.retain(|fault| !matches!(fault, Fault::Throttled | Fault::Stale(_)));
    dice.one(&faults).copied().unwrap_or(Fault::Dropped)
}

/// What nobody can know has trials of its own.
fn mixable(at: &Name) -> Vec<Fault> {
    let mut faults = plan::faults(at);
    faults.retain(|fault| {
        fault
            .stale()
            .is_none_or(|lag| lag < crate::matrix::faults::lag::WINDOW)
    });
    faults
}

fn kill(dice: &mut Dice, entries: usize) -> Kill {
    let when = if dice.roll(2) == 0 {
        When::Before
    } else {
        When::After
    };
    // The first entry makes the run: there is nothing to resume before it.
    let seq = 2 + dice.roll(entries.saturating_sub(2));
    Kill {
        when,
        seq: u64::try_from(seq).unwrap_or(2),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn requests() -> Vec<Name> {
        let operations = [
            "DescribeVpcs",
            "CreateVpc",
            "CreateSubnet",
            "DescribeSubnets",
        ];
        operations
            .map(|operation| Name {
                origin: format!("make/{operation}"),
                service: "ec2".into(),
                operation: operation.into(),
                occurrence: 1,
            })
            .to_vec()
    }

    fn mixes(seed: u64) -> Vec<Mix> {
        (1..=200)
            .map(|number| mix(seed, number, &requests(), 50))
            .collect()
    }

    #[test]
    fn a_seed_gives_the_same_mixes_and_another_gives_others() {
        assert_eq!(mixes(7), mixes(7));
        assert_ne!(mixes(7), mixes(8));
    }

    #[test]
    fn mixes_have_several_faults_bursts_and_kills() {
        let mixes = mixes(7);
        assert!(mixes.iter().all(|mix| !mix.injections.is_empty()));
        let kills = mixes.iter().filter(|mix| mix.kill.is_some()).count();
        assert!((30..110).contains(&kills), "{kills}");
        let in_row = |mix: &&Mix| mix.injections.iter().any(|one| one.at.occurrence > 2);
        assert!(mixes.iter().filter(in_row).count() > 20);
        for mix in &mixes {
            let places: HashSet<_> = mix.injections.iter().map(|one| &one.at).collect();
            assert_eq!(places.len(), mix.injections.len());
            let lags = mix.injections.iter().filter_map(|one| one.fault.stale());
            assert!(
                lags.into_iter()
                    .all(|lag| lag < crate::matrix::faults::lag::WINDOW)
            );
        }
    }
}
