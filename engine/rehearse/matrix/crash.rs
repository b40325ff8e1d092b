//! A run is killed at each entry of its journal, resumed to its end, and killed a second time on the way.

use std::fmt;
use std::str::FromStr;

use super::error::MatrixError;
use super::left::{unfounded, warned};
use super::place::Place;
use super::pool::{Pool, Worker};
use super::report::Verdict;
use super::seed;
use super::seed::Share;
use super::trial::CRASH;
use super::undisturbed::{Undisturbed, open};
use crate::matrix::kill::{Kill, When};
use journal::entry::{Entry, Record, Settled};

/// One kill after the other, each of the process that resumes after the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point(pub Vec<Kill>);

/// The trials that are to be made.
#[derive(Debug)]
pub struct Plan {
    pub points: Vec<Point>,
    /// Points at which the run is as it was at the point before.
    pub merged: usize,
    /// What each chance decides by.
    pub seed: u64,
    /// Whether each is followed by a trial with a second kill.
    pub twice: bool,
}

impl Plan {
    /// Returns the share's points: before and after each entry, without those at which nothing can have changed since the
    /// kill after the entry before.
    #[must_use]
    pub fn everywhere(undisturbed: &[Undisturbed; 2], seed: u64, share: Share) -> Self {
        let journal = &undisturbed[0].journal;
        let kills = journal.iter().flat_map(|entry| {
            [When::Before, When::After].map(|when| Kill {
                when,
                seq: entry.seq,
            })
        });
        let ours = kills.filter(|kill| share.has(seed, &kill.to_string()));
        let (merged, kept): (Vec<Kill>, Vec<Kill>) =
            ours.partition(|kill| is_as_the_one_before(*kill, undisturbed));
        Self {
            points: kept.into_iter().map(|kill| Point(vec![kill])).collect(),
            merged: merged.len(),
            seed,
            twice: true,
        }
    }

    /// Returns one point alone.
    #[must_use]
    pub fn only(point: Point, seed: u64) -> Self {
        Self {
            points: vec![point],
            merged: 0,
            seed,
            twice: false,
        }
    }

    /// Makes the trials; hands over each verdict as it comes, with `again` for how to repeat it.
    pub fn try_all(
        &self,
        pool: &Pool,
        undisturbed: &Undisturbed,
        mut done: impl FnMut(Vec<Verdict>),
    ) -> Result<(), MatrixError> {
        let work = |worker: Worker<'_>, point: Point| self.try_point(worker, undisturbed, point);
        pool.each(self.points.clone(), work, &mut done)
    }

    fn try_point(
        &self,
        worker: Worker<'_>,
        undisturbed: &Undisturbed,
        point: Point,
    ) -> Result<Vec<Verdict>, MatrixError> {
        let (verdict, resumed) = attempt(worker, undisturbed, &point)?;
        let mut verdicts = vec![verdict];
        if let Some(second) = self.twice.then(|| self.second(&point, &resumed)).flatten() {
            let mut point = point;
            point.0.push(second);
            verdicts.push(attempt(worker, undisturbed, &point)?.0);
        }
        Ok(verdicts)
    }

    /// Chooses an entry that the resume wrote.
    fn second(&self, point: &Point, resumed: &[u64]) -> Option<Kill> {
        let number = seed::number(self.seed, &format!("{point} again"));
        let turn =
            usize::try_from((number >> 1) % u64::try_from(resumed.len()).ok()?.max(1)).ok()?;
        let when = if number.is_multiple_of(2) {
            When::Before
        } else {
            When::After
        };
        Some(Kill {
            when,
            seq: *resumed.get(turn)?,
        })
    }
}

/// Makes one trial; returns its verdict and the numbers of the entries that were written after the last kill.
fn attempt(
    worker: Worker<'_>,
    undisturbed: &Undisturbed,
    point: &Point,
) -> Result<(Verdict, Vec<u64>), MatrixError> {
    let trial = worker.trial()?;
    let (mut killed, mut doubts, mut written) = (0, 0, 0);
    for kill in &point.0 {
        let ended = trial.go_on(&[(CRASH, &kill.to_string())])?;
        if !ended.killed() {
            break;
        }
        let journal = trial.journal()?;
        (killed, written) = (killed + 1, journal.len());
        doubts += open(&journal).len();
    }
    let ending = trial.finish()?;
    let journal = trial.journal()?;
    let mut findings = trial.left()?.compare(&undisturbed.left);
    // The emulator's reads do not lag: nothing can have been made twice unseen.
    findings.extend(unfounded(warned(&journal)));
    let verdict = Verdict {
        kind: point.kind(&undisturbed.journal),
        what: point.described(&undisturbed.journal),
        point: point.to_string(),
        ending,
        findings,
        doubts,
        adopted: adopted(&journal),
        possible_duplicates: 0,
        reached: killed == point.0.len(),
    };
    let resumed = journal.iter().skip(written).map(|entry| entry.seq);
    Ok((verdict, resumed.collect()))
}

fn adopted(journal: &[Entry]) -> usize {
    let adopted = |entry: &&Entry| matches!(&entry.record, Record::EffectFinished(outcome) if outcome.settled == Settled::Adopted);
    journal.iter().filter(adopted).count()
}

impl Point {
    fn kind(&self, journal: &[Entry]) -> String {
        match &self.0[..] {
            [kill] => Place::of(journal, *kill).kind.into(),
            _ => "and again on the way".into(),
        }
    }

    fn described(&self, journal: &[Entry]) -> String {
        let kills = self.0.iter().enumerate().map(|(turn, kill)| match turn {
            0 => {
                let place = Place::of(journal, *kill);
                format!("killed {kill}, {}: {}", place.kind, place.key)
            }
            _ => format!("then {kill}"),
        });
        kills.collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kills: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        formatter.write_str(&kills.join(","))
    }
}

/// Killed before an entry, a run is as it was after the entry before, unless a call lies in between. Before an intent
/// none may: it is tried all the same.
fn is_as_the_one_before(kill: Kill, undisturbed: &[Undisturbed; 2]) -> bool {
    let place = Place::of(&undisturbed[0].journal, kill);
    kill.when == When::Before
        && !place.is_before_an_intent()
        && undisturbed.iter().all(|run| run.is_quiet_before(kill.seq))
}

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}
