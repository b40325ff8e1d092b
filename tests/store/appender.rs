//! A process that appends entries as fast as it can: this test binary, run again with one test.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};
use std::{env, thread};

use journal::entry::{Intent, Outcome, Record, RunStarted, Settings, Settled};
use journal::state::Slot;
use journal::transition;
use journal::{Durability, Journal, JournalError, RunId, StateDir};
use serde_json::json;

use crate::harness::tell;

const STATE_DIR: &str = "STORE_STATE_DIR";
const BRANCHES: &str = "STORE_BRANCHES";

/// The process, seen from the one that kills it. It reads one line before each round of appends.
pub(crate) struct Appender {
    child: Child,
    told: BufReader<ChildStderr>,
    go: ChildStdin,
}

/// What it says.
#[derive(Debug, PartialEq)]
pub(crate) enum Told {
    Opening,
    /// Every slot was found to be what the log says, up to this entry.
    Opened(u64),
    /// The entry's append has returned, and so the entry is durable.
    Durable(u64, String),
    /// An append has failed, and so have all that followed.
    Stopped(String),
}

impl Appender {
    /// Starts one that makes the run in `state` if it is not there, and else opens it; `branches` append side by side.
    pub(crate) fn start(state: &Path, branches: u32, shim: &[(&str, String)]) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "store::appender::appends", "--nocapture"])
            .env(STATE_DIR, state)
            .env(BRANCHES, branches.to_string())
            .envs(shim.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            told: BufReader::new(child.stderr.take().unwrap()),
            go: child.stdin.take().unwrap(),
            child,
        }
    }

    /// Lets it append so many effects a branch. A process that is dead does not read, and that is seen elsewhere.
    pub(crate) fn go(&mut self, effects: u32) {
        let _ = writeln!(self.go, "{effects}");
    }

    /// Returns the next thing it says; none once it is dead.
    pub(crate) fn next(&mut self) -> Option<Told> {
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        if let Some(problem) = line.strip_prefix("stopped ") {
            return Some(Told::Stopped(problem.to_owned()));
        }
        let mut words = line.strip_suffix('\n')?.split(' ');
        match (words.next()?, words.next(), words.next()) {
            ("opening", ..) => Some(Told::Opening),
            ("opened", Some(seq), _) => Some(Told::Opened(seq.parse().unwrap())),
            ("durable", Some(seq), Some(key)) => {
                Some(Told::Durable(seq.parse().unwrap(), key.to_owned()))
            }
            _ => {
                let mut rest = String::new();
                self.told.read_to_string(&mut rest).unwrap();
                panic!("the process broke off: {line}{rest}")
            }
        }
    }

    /// Kills it where it is, and returns what it had said by then.
    pub(crate) fn kill(mut self) -> Vec<Told> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::iter::from_fn(|| self.next()).collect()
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        // It may be dead already, and that is no failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does nothing as a test; it is the process of `Appender`.
#[test]
fn appends() {
    let Some(state) = env::var_os(STATE_DIR) else {
        return;
    };
    let branches: u32 = env::var(BRANCHES).unwrap().parse().unwrap();
    let state_dir = StateDir::find(Some(Path::new(&state))).unwrap();
    tell("opening");
    let journal = open(&state_dir);
    let seen = journal.entries().unwrap().len();
    check_slots(&journal);
    tell(&format!("opened {seen}"));
    for (round, line) in io::stdin().lines().enumerate() {
        let effects: u32 = line.unwrap().parse().unwrap();
        thread::scope(|threads| {
            for branch in 0..branches {
                let (journal, scope) = (&journal, format!("{seen}.{round}/{branch}"));
                let all = move || (0..effects).try_for_each(|one| append(journal, &scope, one));
                threads.spawn(move || all().map_err(|error| tell(&format!("stopped {error}"))));
            }
        });
    }
}

fn open(state_dir: &StateDir) -> Journal {
    match state_dir.ids().unwrap().pop() {
        Some(id) => Journal::open(state_dir, &id).unwrap(),
        None => Journal::create(state_dir, started()).unwrap(),
    }
}

/// Looks up every key in the checkpoints: they must say what the log says, and nothing of a key that it has not.
fn check_slots(journal: &Journal) {
    let mut expected: HashMap<String, Slot> = HashMap::new();
    for entry in journal.entries().unwrap() {
        let key = entry.record.key();
        let slot = transition::next(expected.get(key), &entry.record).unwrap();
        expected.insert(key.to_owned(), slot);
    }
    for (key, slot) in &expected {
        assert_eq!(journal.slot(key).unwrap().as_ref(), Some(slot), "{key}");
    }
    assert_eq!(journal.slot("never").unwrap(), None);
}

/// One effect in a step, as the engine records them: what nothing depends on is not synced by itself.
fn append(journal: &Journal, scope: &str, number: u32) -> Result<(), JournalError> {
    let (step, effect) = (format!("{scope}/{number}"), format!("{scope}/{number}/e"));
    let started = Record::StepStarted {
        key: step.clone(),
        attempt: 1,
        place: None,
    };
    let ended = Record::StepFinished {
        key: step,
        attempt: 1,
        value: json!({"id": "vpc-1"}),
    };
    journal.append(started, Durability::Lazy)?;
    for record in [intended(&effect), finished(&effect)] {
        let seq = journal.append(record, Durability::Synced)?;
        tell(&format!("durable {seq} {effect}"));
    }
    journal.append(ended, Durability::Lazy)?;
    Ok(())
}

fn intended(key: &str) -> Record {
    Record::EffectIntended(Intent {
        key: key.into(),
        attempt: 1,
        epoch: 1,
        service: "ec2".into(),
        operation: "create_vpc".into(),
        class: "tagged".into(),
        fingerprint: "f1".into(),
        input: json!({"cidr_block": "10.0.0.0/16"}),
        context: None,
        place: None,
        written: None,
    })
}

fn finished(key: &str) -> Record {
    Record::EffectFinished(Outcome {
        key: key.into(),
        attempt: 1,
        settled: Settled::Called,
        output: json!({"vpc": {"vpc_id": "vpc-1"}}),
        request_id: None,
    })
}

fn started() -> RunStarted {
    RunStarted {
        by: None,
        id: RunId::new(Path::new("store.rhai")).to_string(),
        runbook: "store.rhai".into(),
        directory: "/".into(),
        sources: Vec::new(),
        params: json!({}),
        settings: Settings::default(),
        target: None,
        tick: None,
        engine: "0.1.0".into(),
        pid: 1,
    }
}
