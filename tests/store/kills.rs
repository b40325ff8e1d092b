//! kill -9 of a process that appends, and of one that opens its run: nothing that was acknowledged is ever lost.

use std::fs;
use std::path::Path;
use std::thread;

use journal::StateDir;

use super::appender::{Appender, Told};
use super::shim::shim;
use crate::harness::tell;

const KILLS: usize = 1000;
/// Runs that are killed side by side.
const WORKERS: u64 = 2;
/// After so many kills a new run is begun: a long log takes long to check.
const KILLS_OF_A_RUN: usize = 20;
/// Opening takes about so many calls that change something.
const CALLS_OF_OPENING: u64 = 24;
const BRANCHES: u32 = 4;

/// Repeatable: the seed is the number of the worker.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What was killed, and what was found.
#[derive(Default)]
struct Tally {
    opening: usize,
    appending: usize,
    torn: usize,
    acknowledged: usize,
}

/// One run, and what is known to be durable of it.
struct Victim {
    folder: tempfile::TempDir,
    /// Hashes of all entries up to the last that was acknowledged.
    known: Vec<String>,
}

impl Victim {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            known: Vec::new(),
        }
    }

    fn state(&self) -> &Path {
        self.folder.path()
    }

    fn state_dir(&self) -> StateDir {
        StateDir::find(Some(self.state())).unwrap()
    }

    /// Checks the log that a killed process has left, and that what it had said was durable is in it.
    fn check(&mut self, told: &[Told], tally: &mut Tally) {
        let state_dir = self.state_dir();
        let Some(id) = state_dir.ids().unwrap().pop() else {
            assert!(self.known.is_empty() && told == [Told::Opening], "{told:?}");
            return;
        };
        let dir = state_dir.run_dir(&id);
        let entries = journal::read(&dir).unwrap();
        let hashes: Vec<String> = entries.iter().map(|entry| entry.hash.clone()).collect();
        assert!(hashes.starts_with(&self.known), "entries were lost");
        let mut durable = self.known.len();
        for one in told {
            let at = match one {
                Told::Opening => continue,
                Told::Opened(seq) => usize::try_from(*seq).unwrap(),
                Told::Durable(seq, key) => {
                    let at = usize::try_from(*seq).unwrap();
                    assert_eq!(entries[at - 1].record.key(), key, "entry {at}");
                    tally.acknowledged += 1;
                    at
                }
                Told::Stopped(problem) => panic!("{problem}"),
            };
            durable = durable.max(at);
        }
        assert!(hashes.len() >= durable, "{} of {durable}", hashes.len());
        self.known = hashes[..durable].to_vec();
        let text = fs::read(dir.join("journal.jsonl")).unwrap();
        tally.torn += usize::from(text.last() != Some(&b'\n'));
    }
}

#[test]
fn a_thousand_kills_lose_nothing_that_was_acknowledged() {
    let total = thread::scope(|threads| {
        let workers: Vec<_> = (1..=WORKERS)
            .map(|seed| threads.spawn(move || kill_many(Random(seed * 7919))))
            .collect();
        let tallies = workers.into_iter().map(|worker| worker.join().unwrap());
        tallies.fold(Tally::default(), |total, tally| total.plus(&tally))
    });
    tell(&format!(
        "kill -9 of a process at its journal: {} while it opened, {} while it appended, {} torn ends, {} acknowledged entries, none lost",
        total.opening, total.appending, total.torn, total.acknowledged
    ));
    assert!(total.opening >= KILLS / 2 && total.appending >= KILLS / 2);
    assert!(total.torn > 0 && total.acknowledged > KILLS);
}

/// Kills until this worker has had its share of both kinds.
fn kill_many(mut random: Random) -> Tally {
    let share = KILLS / 2 / usize::try_from(WORKERS).unwrap();
    let mut tally = Tally::default();
    let mut victim = Victim::new();
    let mut kills = 0;
    while tally.opening < share || tally.appending < share {
        if kills % KILLS_OF_A_RUN == 0 {
            victim = Victim::new();
        }
        kills += 1;
        damage_checkpoints(&victim, &mut random);
        let told = if tally.opening < share {
            killed_at_a_call(&victim, random.below(CALLS_OF_OPENING) + 1)
        } else {
            killed_from_outside(&victim, random.below(40))
        };
        if told.iter().any(|one| matches!(one, Told::Opened(_))) {
            tally.appending += 1;
        } else {
            tally.opening += 1;
        }
        victim.check(&told, &mut tally);
    }
    tally
}

/// Lets the process be killed in the middle of a call that changes its directory: while it opens, or soon after.
fn killed_at_a_call(victim: &Victim, call: u64) -> Vec<Told> {
    let shim = shim("STORE_KILL", call.to_string());
    let mut appender = Appender::start(victim.state(), BRANCHES, &shim);
    appender.go(u32::MAX);
    std::iter::from_fn(|| appender.next()).collect()
}

/// Kills once the process has acknowledged so many entries; it is somewhere else by then.
fn killed_from_outside(victim: &Victim, entries: u64) -> Vec<Told> {
    let mut appender = Appender::start(victim.state(), BRANCHES, &[]);
    appender.go(u32::MAX);
    let mut told = Vec::new();
    while told.len() < usize::try_from(entries).unwrap() + 2 {
        told.extend(appender.next());
    }
    told.extend(appender.kill());
    told
}

/// Now and then takes the checkpoints away, or a part of them, so that they are made anew.
fn damage_checkpoints(victim: &Victim, random: &mut Random) {
    let Some(id) = victim.state_dir().ids().unwrap().pop() else {
        return;
    };
    let dir = victim.state_dir().run_dir(&id).join("checkpoints");
    match random.below(8) {
        0 => drop(fs::remove_dir_all(dir)),
        1 => drop(fs::write(dir.join("db"), "not a database")),
        _ => {}
    }
}

impl Tally {
    fn plus(self, other: &Self) -> Self {
        Self {
            opening: self.opening + other.opening,
            appending: self.appending + other.appending,
            torn: self.torn + other.torn,
            acknowledged: self.acknowledged + other.acknowledged,
        }
    }
}
