//! The checkpoints: what is known of each key, in sled, so that a live run looks it up by key.
//!
//! Nothing here is relied on across processes: sled does not sync what it should, and a damaged database may open as an
//! empty one. So every slot is brought to what the log says when the run is opened, and a database that cannot be, or that
//! has more than the log, is made anew.

#![expect(clippy::disallowed_types, reason = "this is where sled is used")]

use std::error::Error;
use std::fs::{self, DirBuilder};
use std::io;
use std::mem::ManuallyDrop;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sled::{Batch, Db};

use crate::database;
use crate::entry::Entry;
use crate::error::{JournalError, Result, io_error};
use crate::log::{self, Head};
use crate::replay::States;
use crate::state::{RUN, Slot};
use crate::tip::{self, Tip};

/// As sled presets it.
const SEGMENT: usize = 512 * 1024;
const DIR: &str = "checkpoints";
const HEAD_KEY: &[u8] = b"head";
/// Before each key, so that none can be taken for the head.
const SLOT_PREFIX: u8 = b'/';

/// The entry up to which the database has been brought.
#[derive(Serialize, Deserialize)]
struct Mark {
    seq: u64,
    hash: String,
    /// Whether nothing was left of an earlier database: then nothing told whether the log had lost lines.
    #[serde(default)]
    rebuilt: bool,
}

/// An open database; one process opens a run's only once, since sled rarely survives to be opened twice.
#[derive(Debug)]
pub(crate) struct Index {
    db: Db,
    dir: PathBuf,
    tip: Tip,
    /// As in `Mark`.
    pub(crate) rebuilt: bool,
}

impl Index {
    /// Opens the checkpoints of the run in `run_dir` and brings them to `states`, which is what `entries` say.
    #[cfg(test)]
    pub(crate) fn open(run_dir: &Path, states: States, entries: &[Entry]) -> Result<Self> {
        Found::open(run_dir, states, entries)?.catch_up()
    }

    /// Takes a database that has all up to entry `last`.
    fn new(db: Db, dir: PathBuf, last: u64, rebuilt: bool) -> Result<Self> {
        let tip = Tip::open(&dir).and_then(|tip| tip.put(last).map(|()| tip));
        let tip = tip.map_err(|error| unusable(&dir, &error))?;
        Ok(Self {
            db,
            dir,
            tip,
            rebuilt,
        })
    }

    pub(crate) fn get(&self, key: &str) -> Result<Option<Slot>> {
        let bytes = self
            .db
            .get(slot_key(key))
            .map_err(|error| self.unusable(&error))?;
        bytes
            .map(|bytes| serde_json::from_slice(&bytes).map_err(|error| self.unusable(&error)))
            .transpose()
    }

    /// Takes over what is known of some keys after entry `head`. Not durable by itself: the log is.
    pub(crate) fn apply(
        &self,
        slots: impl IntoIterator<Item = (String, Slot)>,
        head: &Head,
    ) -> Result<()> {
        let mut batch = Batch::default();
        for (key, slot) in slots {
            batch.insert(
                slot_key(&key),
                encode(&slot).map_err(|error| self.unusable(&error))?,
            );
        }
        let mark = Mark {
            seq: head.seq,
            hash: head.hash.clone(),
            rebuilt: self.rebuilt,
        };
        batch.insert(
            HEAD_KEY,
            encode(&mark).map_err(|error| self.unusable(&error))?,
        );
        self.db
            .apply_batch(batch)
            .map_err(|error| self.unusable(&error))?;
        self.tip
            .put(head.seq)
            .map_err(|error| self.unusable(&error))
    }

    fn unusable(&self, problem: &(dyn Error + 'static)) -> JournalError {
        unusable(&self.dir, problem)
    }
}

/// The checkpoints as they were left, before the log is touched.
pub(crate) struct Found {
    dir: PathBuf,
    log: Arc<Log>,
    /// None where they are made anew.
    db: Option<Behind>,
}

impl Found {
    /// Begins the checkpoints of a run that has had none.
    pub(crate) fn create(run_dir: &Path, states: States, entries: &[Entry]) -> Self {
        Self {
            dir: run_dir.join(DIR),
            log: Log::new(states, entries, false),
            db: None,
        }
    }

    /// Opens the checkpoints of the run in `run_dir` and compares them with `states`, which is what `entries` say.
    ///
    /// They only ever take over what is durable in the log. So if they know of more than the log does, the log has lost
    /// lines that the run has acted on, and going on would do all that a second time.
    pub(crate) fn open(run_dir: &Path, states: States, entries: &[Entry]) -> Result<Self> {
        let dir = run_dir.join(DIR);
        let log = Log::new(states, entries, true);
        let tip = tip::read(&dir).unwrap_or_default();
        let left = if dir.exists() {
            guarded(&dir, &log, compare).ok()
        } else {
            None
        };
        let db = match left {
            Some(Left::Ahead { seq, keys }) => return Err(log.older(run_dir, seq, keys)),
            _ if tip > log.last() => return Err(log.older(run_dir, tip, Vec::new())),
            Some(Left::Behind(behind)) => Some(behind),
            None => None,
        };
        Ok(Self { dir, log, db })
    }

    /// Brings them to what the log says, all of which is durable by now.
    pub(crate) fn catch_up(self) -> Result<Index> {
        let Self { dir, log, db } = self;
        if let Some(Behind { db, rebuilt }) = db {
            let fill = move |_: &Path, log: &Log| fill(db, log, rebuilt);
            if let Ok(db) = guarded(&dir, &log, fill) {
                return Index::new(db, dir, log.last(), rebuilt);
            }
        }
        clear(&dir)?;
        let db = guarded(&dir, &log, build).map_err(|problem| unusable(&dir, &*problem))?;
        Index::new(db, dir, log.last(), log.rebuilt)
    }
}

/// What has become of a database since it was last used.
enum Left {
    Behind(Behind),
    /// It has been brought up to an entry that the log does not have; `keys` are those it knows more of.
    Ahead {
        seq: u64,
        keys: Vec<String>,
    },
}

/// A database that may lack the latest entries.
struct Behind {
    /// A doubtful database stays open until the process ends: closing one writes files into its directory, where the
    /// next one is being made by then.
    db: ManuallyDrop<Db>,
    rebuilt: bool,
}

/// Says which file system is full where that is the problem, for then making the checkpoints anew does not help.
fn unusable(dir: &Path, problem: &(dyn Error + 'static)) -> JournalError {
    let kind = match problem.downcast_ref() {
        Some(sled::Error::Io(error)) => Some(error.kind()),
        _ => problem.downcast_ref().map(io::Error::kind),
    };
    match kind {
        Some(kind @ (io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)) => {
            io_error("write to", dir)(kind.into())
        }
        _ => JournalError::Index {
            dir: dir.to_owned(),
            problem: problem.to_string(),
        },
    }
}

/// What a database has to agree with.
struct Log {
    states: States,
    /// Of each entry; that of entry 1 comes first.
    hashes: Vec<String>,
    /// Whether there were checkpoints of it before those that would be made now.
    rebuilt: bool,
}

impl Log {
    fn new(states: States, entries: &[Entry], rebuilt: bool) -> Arc<Self> {
        let hashes = entries.iter().map(|entry| entry.hash.clone()).collect();
        Arc::new(Self {
            states,
            hashes,
            rebuilt,
        })
    }

    fn last(&self) -> u64 {
        self.hashes.len() as u64
    }

    fn has(&self, mark: &Mark) -> bool {
        let at = mark
            .seq
            .checked_sub(1)
            .and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.hashes.get(at)) == Some(&mark.hash)
    }

    fn older(&self, run_dir: &Path, seq: u64, keys: Vec<String>) -> JournalError {
        JournalError::Older {
            file: run_dir.join(log::FILE),
            checkpoints: run_dir.join(DIR),
            last: self.last(),
            known: seq,
            keys,
        }
    }

    fn mark(&self, rebuilt: bool) -> Mark {
        Mark {
            seq: self.last(),
            hash: self.hashes.last().cloned().unwrap_or_default(),
            rebuilt,
        }
    }
}

type Attempt<T = Db> = database::Attempt<T>;

fn guarded<T: Send + 'static>(
    dir: &Path,
    log: &Arc<Log>,
    work: impl FnOnce(&Path, &Log) -> Attempt<T> + Send + 'static,
) -> Attempt<T> {
    let (dir, log) = (dir.to_owned(), Arc::clone(log));
    database::guarded(log.states.len(), move || work(&dir, &log))
}

/// Opens a database and says how far it has been brought.
fn compare(dir: &Path, log: &Log) -> Attempt<Left> {
    let db = ManuallyDrop::new(database::open(dir, SEGMENT)?);
    let mark: Mark = serde_json::from_slice(&db.get(HEAD_KEY)?.ok_or("the database has no head")?)?;
    if mark.seq > log.last() {
        let keys = ahead(&db, log)?;
        // It is sound, and nothing is made in its place.
        drop(ManuallyDrop::into_inner(db));
        return Ok(Left::Ahead {
            seq: mark.seq,
            keys,
        });
    }
    if !log.has(&mark) {
        return Err("the head of the database is not in the journal".into());
    }
    Ok(Left::Behind(Behind {
        db,
        rebuilt: mark.rebuilt,
    }))
}

/// Returns the keys of which the database knows something else than the log; the run's own key is left out.
fn ahead(db: &Db, log: &Log) -> Attempt<Vec<String>> {
    let mut keys = Vec::new();
    for pair in db.iter() {
        let (name, stored) = pair?;
        let Some((&SLOT_PREFIX, key)) = name.split_first() else {
            continue;
        };
        let key = String::from_utf8_lossy(key).into_owned();
        let known = log.states.get(&key).map(encode).transpose()?;
        if key != RUN && known.as_deref() != Some(&*stored) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Brings a database to what the log says.
fn fill(db: ManuallyDrop<Db>, log: &Log, rebuilt: bool) -> Attempt {
    let mut batch = Batch::default();
    let mut known = 1;
    for (key, slot) in log.states.slots() {
        let (key, slot) = (slot_key(key), encode(slot)?);
        let stored = db.get(&key)?;
        known += usize::from(stored.is_some());
        if stored.is_none_or(|stored| stored != slot) {
            batch.insert(key, slot);
        }
    }
    if db.len() > known {
        return Err("the database has keys that the journal does not have".into());
    }
    batch.insert(HEAD_KEY, encode(&log.mark(rebuilt))?);
    db.apply_batch(batch)?;
    Ok(ManuallyDrop::into_inner(db))
}

fn build(dir: &Path, log: &Log) -> Attempt {
    DirBuilder::new().mode(0o700).create(dir)?;
    let db = ManuallyDrop::new(database::open(dir, SEGMENT)?);
    fill(db, log, log.rebuilt)
}

/// Removes the checkpoints of the run in `run_dir`; what stays of them is made anew when the run is opened.
pub(crate) fn remove(run_dir: &Path) {
    let _ = fs::remove_dir_all(run_dir.join(DIR));
}

fn clear(dir: &Path) -> Result<()> {
    let removed = if dir.is_file() {
        fs::remove_file(dir)
    } else {
        fs::remove_dir_all(dir)
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("remove", dir)(error))
        }
        _ => Ok(()),
    }
}

fn slot_key(key: &str) -> Vec<u8> {
    [&[SLOT_PREFIX], key.as_bytes()].concat()
}

fn encode(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(value)
}

#[cfg(test)]
mod tests;
