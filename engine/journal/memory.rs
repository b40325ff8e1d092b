//! What a runbook that is executed again and again keeps between its ticks: a small sled database, held by one process.
//!
//! All of it is read when it is opened; from then on the database is only written to. A digest of everything is part of
//! each batch, so that what sled loses without a word is noticed.

#![expect(clippy::disallowed_types, reason = "this is where sled is used")]

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use sled::{Batch, Db};

use crate::clock;
use crate::digest::sha256;
use crate::journal::Result;
use crate::journal::database::{self, Attempt};
use crate::journal::error::{JournalError, io_error};
use crate::journal::id::{RunId, name_of};
use crate::journal::lock::{Held, Lock};
use crate::journal::store::{StateDir, make_dirs, sync_dir};

/// sled fills up a segment whenever it opens a file; a memory is small, so its segments are.
const SEGMENT: usize = 16 * 1024;
/// Where Linux keeps files that never reach a disk.
const IN_MEMORY: &str = "/dev/shm";
const DATABASE: &str = "db";
/// Says whose memory it is, for people.
const OWNER: &str = "owner.json";
/// Is there once the database was written to: an empty one is a lost one then.
const WRITTEN: &str = "written";
/// The digest of all values.
const SUM: &[u8] = b"sum";
/// Before each key of a script.
const SCRIPT: &str = "/";
/// Before the key of each beat.
const BEAT: &str = "beat/";
/// The id of the run that a tick has become, until that run has ended.
const RUN: &str = "run";

type Values = BTreeMap<String, Value>;

/// Whose memory it is: a runbook with its site files, both as absolute paths.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    dir: PathBuf,
    name: String,
    state: Mutex<State>,
    /// Absent where nothing is to be written.
    lock: Option<Lock>,
}

#[derive(Default)]
struct State {
    now: Values,
    /// What is durable of it.
    settled: Values,
    db: Option<Db>,
}

/// What was found damaged when a memory was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    pub problem: String,
    /// Where the damaged database is now.
    pub aside: PathBuf,
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
        let (state, loss) = State::open(&dir)?;
        let memory = Self {
            dir,
            name: name.to_owned(),
            state: Mutex::new(state),
            lock: Some(lock),
        };
        Ok((memory, loss))
    }

    /// Reads a memory that another process may hold; what is put into this one is forgotten with it. A second value says
    /// why it could not be read.
    #[must_use]
    pub fn look(state_dir: &StateDir, name: &str) -> (Self, Option<String>) {
        let dir = state_dir.ticks_dir().join(name);
        let read = State::read(&dir);
        let (values, problem) = match read {
            Ok(values) => (values, None),
            Err(problem) => (Values::new(), Some(problem.to_string())),
        };
        let state = State {
            now: values.clone(),
            settled: values,
            db: None,
        };
        let memory = Self {
            dir,
            name: name.to_owned(),
            state: Mutex::new(state),
            lock: None,
        };
        (memory, problem)
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn get(&self, key: &str) -> Option<Value> {
        self.state().now.get(&format!("{SCRIPT}{key}")).cloned()
    }

    /// Keeps the value until it is put down; `None` removes the key.
    pub fn put(&self, key: &str, value: Option<Value>) {
        self.set(format!("{SCRIPT}{key}"), value);
    }

    /// Returns the run that a tick has become and that nobody knows to have ended.
    #[must_use]
    pub fn run(&self) -> Option<RunId> {
        let state = self.state();
        RunId::parse(state.now.get(RUN)?.as_str()?).ok()
    }

    pub fn set_run(&self, id: Option<&RunId>) {
        self.set(RUN.to_owned(), id.map(|id| Value::from(id.as_str())));
    }

    /// Notes a call that the next tick makes up for; once this returns, the note and all that was put is durable.
    pub fn beat(&self, key: &str, input: &Value) -> Result<()> {
        let note = json!({"at": clock::now(), "input": input});
        self.set(format!("{BEAT}{key}"), Some(note));
        self.settle()
    }

    /// Makes all that was put durable, in one batch; writes nothing where nothing differs.
    pub fn settle(&self) -> Result<()> {
        let mut state = self.state();
        if self.lock.is_none() || state.now == state.settled {
            return Ok(());
        }
        state.write(&self.dir)
    }

    fn set(&self, key: String, value: Option<Value>) {
        let mut state = self.state();
        match value {
            Some(value) => drop(state.now.insert(key, value)),
            None => drop(state.now.remove(&key)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn open(dir: &Path) -> Result<(Self, Option<Loss>)> {
        match Self::read(dir) {
            Ok(values) => {
                let state = Self {
                    now: values.clone(),
                    settled: values,
                    db: None,
                };
                Ok((state, None))
            }
            Err(problem) => {
                let problem = problem.to_string();
                let aside = set_aside(dir, &dir.join(DATABASE))?;
                Ok((Self::default(), Some(Loss { problem, aside })))
            }
        }
    }

    fn read(dir: &Path) -> Attempt<Values> {
        let path = dir.join(DATABASE);
        let written = dir.join(WRITTEN).exists();
        if !path.exists() && !written {
            return Ok(Values::new());
        }
        database::guarded(move || read(&path, written))
    }

    fn write(&mut self, dir: &Path) -> Result<()> {
        let path = dir.join(DATABASE);
        let unusable = |problem: Box<dyn std::error::Error + Send + Sync>| JournalError::Memory {
            dir: path.clone(),
            problem: problem.to_string(),
        };
        let (db, batch) = (self.db.take(), self.batch());
        let database = path.clone();
        let db = database::guarded(move || write(db, &database, batch)).map_err(unusable)?;
        self.db = Some(db);
        self.settled = self.now.clone();
        mark(dir).map_err(io_error("mark", dir))
    }

    fn batch(&self) -> Batch {
        let mut batch = Batch::default();
        for (key, value) in &self.now {
            if self.settled.get(key) != Some(value) {
                batch.insert(key.as_bytes(), value.to_string().as_bytes());
            }
        }
        for key in self
            .settled
            .keys()
            .filter(|key| !self.now.contains_key(*key))
        {
            batch.remove(key.as_bytes());
        }
        batch.insert(SUM, sum(&self.now).as_bytes());
        batch
    }
}

/// Reads a copy: sled writes to what it opens, and a tick that has nothing to say is to change nothing.
fn read(path: &Path, written: bool) -> Attempt<Values> {
    let copy = Copy::of(path)?;
    let db = database::open(&copy.0, SEGMENT)?;
    let (mut values, mut found) = (Values::new(), None);
    for pair in db.iter() {
        let (key, value) = pair?;
        if &*key == SUM {
            found = Some(String::from_utf8(value.to_vec())?);
        } else {
            values.insert(
                String::from_utf8(key.to_vec())?,
                serde_json::from_slice(&value)?,
            );
        }
    }
    match found {
        Some(found) if found == sum(&values) => Ok(values),
        None if values.is_empty() && !written => Ok(values),
        None => Err("it is empty, though it was written to".into()),
        Some(_) => Err("it does not match its digest".into()),
    }
}

/// A copy of a folder, gone with this value.
struct Copy(PathBuf);

impl Copy {
    fn of(dir: &Path) -> io::Result<Self> {
        let memory = Path::new(IN_MEMORY);
        let place = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        let copy = Self(place.join(format!("runbook-{}", uuid::Uuid::new_v4())));
        copy_all(dir, &copy.0)?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What stays is small and goes with the next start of the machine.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// sled's own flush only begins to write: each file is synced after it.
fn write(db: Option<Db>, path: &Path, batch: Batch) -> Attempt<Db> {
    let db = if let Some(db) = db {
        db
    } else {
        if !path.exists() {
            DirBuilder::new().mode(0o700).create(path)?;
        }
        database::open(path, SEGMENT)?
    };
    db.apply_batch(batch)?;
    db.flush()?;
    sync_all(path)?;
    Ok(db)
}

fn sync_all(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_all(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_data()?;
        }
    }
    sync_dir(dir)
}

fn mark(dir: &Path) -> io::Result<()> {
    let path = dir.join(WRITTEN);
    if path.exists() {
        return Ok(());
    }
    private_file(&path)?;
    sync_dir(dir)
}

fn private_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)
}

fn introduce(dir: &Path, owner: &Owner) -> Result<()> {
    let path = dir.join(OWNER);
    if path.exists() {
        return Ok(());
    }
    let text = json!({"runbook": owner.runbook, "sites": owner.sites}).to_string();
    let write = || {
        let mut file = private_file(&path)?;
        io::Write::write_all(&mut file, text.as_bytes())
    };
    write().map_err(io_error("write", &path))
}

fn set_aside(dir: &Path, path: &Path) -> Result<PathBuf> {
    let time = clock::now().strftime("%Y%m%d-%H%M%S").to_string();
    let names = (1..).map(|count| match count {
        1 => dir.join(format!("damaged-{time}")),
        count => dir.join(format!("damaged-{time}-{count}")),
    });
    let mut free = names.filter(|name| !name.exists());
    let aside = free.next().unwrap_or_else(|| dir.join("damaged"));
    fs::rename(path, &aside).map_err(io_error("move aside", path))?;
    sync_dir(dir).map_err(io_error("sync", dir))?;
    Ok(aside)
}

fn sum(values: &Values) -> String {
    let text = serde_json::to_string(values).unwrap_or_default();
    sha256(text.as_bytes())
}
