//! What a runbook that is executed again and again keeps between its ticks, held by one process at a time.

mod earlier;
mod file;
#[cfg(test)]
mod tests;
mod values;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};

pub use self::values::Loss;
use self::values::Values;
use crate::durable::{make_dirs, replace};
use crate::error::{JournalError, Result, io_error};
use crate::id::{RunId, name_of};
use crate::lock::{Held, Lock};
use crate::store::StateDir;
use base::clock;
use base::digest::sha256;

/// Says whose memory it is, for people.
const OWNER: &str = "owner.json";
/// Before each key of a script.
const SCRIPT: &str = "/";
/// Before the key of each beat.
const BEAT: &str = "beat/";
/// The id of the run that a tick has become, until that run has ended.
const RUN: &str = "run";
/// The id of the tick that has put something last.
const LATEST: &str = "latest";

/// Whose memory it is: a runbook with its site files, both as absolute paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owner {
    runbook: PathBuf,
    sites: Vec<PathBuf>,
}

impl Owner {
    /// Returns the owner with every link and relative path resolved, so that each way to type it means the same one.
    pub fn of(runbook: &Path, sites: &[PathBuf]) -> Result<Self> {
        let whole = |path: &Path| fs::canonicalize(path).map_err(io_error("find", path));
        Ok(Self {
            runbook: whole(runbook)?,
            sites: sites
                .iter()
                .map(|site| whole(site))
                .collect::<Result<_>>()?,
        })
    }

    /// Returns the name of the memory's directory: `heartbeat-tokyo-1a2b3c4d`.
    #[must_use]
    pub fn name(&self) -> String {
        let paths = || std::iter::once(&self.runbook).chain(&self.sites);
        let all: Vec<_> = paths().map(|path| path.display().to_string()).collect();
        let digest = sha256(all.join("\n").as_bytes());
        let stems: Vec<_> = paths().map(|path| name_of(path)).collect();
        format!("{}-{}", stems.join("-"), digest.get(..8).unwrap_or(&digest))
    }
}

/// Holds the tick's lock for as long as it lives.
pub struct Memory {
    name: String,
    state: Mutex<State>,
    _lock: Option<Lock>,
}

struct State {
    now: Values,
    /// What is durable of it.
    settled: Values,
    /// What a resumed tick sees instead.
    replayed: Option<Values>,
    /// Whose puts these are; absent where they are not to last.
    tick: Option<RunId>,
    /// Where it is written; absent where nothing is to be.
    dir: Option<PathBuf>,
}

impl Memory {
    /// Takes the memory of `name`; a damaged one begins anew, and what is left of it is moved aside.
    pub fn take(
        state_dir: &StateDir,
        name: &str,
        owner: Option<&Owner>,
    ) -> Result<(Self, Option<Loss>)> {
        let dir = state_dir.ticks_dir().join(name);
        make_dirs(&dir).map_err(io_error("make", &dir))?;
        let lock = Lock::take_unsigned(&dir)?.map_err(|Held { pid }| JournalError::TickLive {
            name: name.to_owned(),
            pid,
        })?;
        if let Some(owner) = owner {
            introduce(&dir, owner)?;
        }
        let (values, loss) = file::take(&dir)?;
        let memory = Self {
            name: name.to_owned(),
            state: Mutex::new(State::new(values, Some(dir))),
            _lock: Some(lock),
        };
        Ok((memory, loss))
    }

    /// Reads a memory that another process may hold; what is put into this one is forgotten with it. A second value says
    /// why it could not be read.
    #[must_use]
    pub fn look(state_dir: &StateDir, name: &str) -> (Self, Option<String>) {
        let (values, problem) = match file::read(&state_dir.ticks_dir().join(name)) {
            Ok(values) => (values, None),
            Err(problem) => (Values::new(), Some(problem.to_string())),
        };
        let memory = Self {
            name: name.to_owned(),
            state: Mutex::new(State::new(values, None)),
            _lock: None,
        };
        (memory, problem)
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn get(&self, key: &str) -> Option<Value> {
        let key = format!("{SCRIPT}{key}");
        let state = self.state();
        state
            .replayed
            .as_ref()
            .unwrap_or(&state.now)
            .get(&key)
            .cloned()
    }

    /// Begins a tick, and returns all that scripts have put so far as one object.
    #[must_use]
    pub fn begin(&self, tick: &RunId) -> Value {
        let mut state = self.state();
        state.tick = Some(tick.clone());
        let own = |(key, value): (&String, &Value)| {
            let key = key.strip_prefix(SCRIPT)?;
            Some((key.to_owned(), value.clone()))
        };
        Value::Object(state.now.iter().filter_map(own).collect())
    }

    /// Goes on with a tick that began with `held`: it sees that, and what it puts from now on. Returns whether that will
    /// last, which it does not where another tick has put something since.
    #[must_use]
    pub fn go_on(&self, tick: &RunId, held: &Value) -> bool {
        let fields = held.as_object().into_iter().flatten();
        let values = fields.map(|(key, value)| (format!("{SCRIPT}{key}"), value.clone()));
        let mut state = self.state();
        state.replayed = Some(values.collect());
        let is_latest = state.now.get(LATEST).and_then(Value::as_str) == Some(tick.as_str());
        state.tick = is_latest.then(|| tick.clone());
        is_latest
    }

    /// Holds the value until it is settled; `None` removes the key.
    pub fn put(&self, key: &str, value: Option<&Value>) {
        let mut state = self.state();
        let State {
            now,
            replayed,
            tick,
            ..
        } = &mut *state;
        let key = format!("{SCRIPT}{key}");
        let lasting = tick.is_some().then_some(now);
        for values in lasting.into_iter().chain(replayed) {
            set(values, &key, value);
        }
    }

    /// Returns the run that a tick has become and that nobody knows to have ended.
    #[must_use]
    pub fn run(&self) -> Option<RunId> {
        let state = self.state();
        RunId::parse(state.now.get(RUN)?.as_str()?)
    }

    pub fn set_run(&self, id: Option<&RunId>) {
        let id = id.map(|id| Value::from(id.as_str()));
        set(&mut self.state().now, RUN, id.as_ref());
    }

    /// Notes a call that the next tick makes up for; once this returns, the note and all that was put is durable.
    pub fn beat(&self, key: &str, input: &Value) -> Result<()> {
        let note = json!({"at": clock::now(), "input": input});
        set(&mut self.state().now, &format!("{BEAT}{key}"), Some(&note));
        self.settle()
    }

    /// Makes all that was put durable at once; writes nothing where nothing differs.
    pub fn settle(&self) -> Result<()> {
        let mut state = self.state();
        let State {
            now,
            settled,
            tick,
            dir: Some(dir),
            ..
        } = &mut *state
        else {
            return Ok(());
        };
        if now != settled {
            if let Some(tick) = tick {
                set(now, LATEST, Some(&Value::from(tick.as_str())));
            }
            file::write(dir, now)?;
            settled.clone_from(now);
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(values: Values, dir: Option<PathBuf>) -> Self {
        Self {
            now: values.clone(),
            settled: values,
            replayed: None,
            tick: None,
            dir,
        }
    }
}

fn set(values: &mut Values, key: &str, value: Option<&Value>) {
    match value {
        Some(value) => drop(values.insert(key.to_owned(), value.clone())),
        None => drop(values.remove(key)),
    }
}

fn introduce(dir: &Path, owner: &Owner) -> Result<()> {
    let path = dir.join(OWNER);
    if path.exists() {
        return Ok(());
    }
    let text = serde_json::to_string(owner)?;
    replace(&path, text.as_bytes()).map_err(io_error("write", &path))
}
