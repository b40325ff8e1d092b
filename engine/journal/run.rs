//! A run's journal as the engine uses it: made or opened once, then asked and appended to from all branches.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;

use crate::commit::Writer;
use crate::crash::Crash;
use crate::draft::Draft;
use crate::durable::sync_dir;
use crate::entry::{Ending, Entry, Record, RunResumed, RunStarted};
use crate::error::{JournalError, Result, io_error};
use crate::files::{First, inode, is_there, publish, repair, take_lock};
use crate::id::RunId;
use crate::index::{self, Found};
use crate::lock::Lock;
use crate::log::{self, Head};
use crate::replay::{self, States};
use crate::state::{RUN, Run, Slot};
use crate::store::StateDir;
use base::clock;
use base::source::Source;

/// What holds when `append` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The entry survives a power cut.
    Synced,
    /// The entry survives the death of the process; it is durable at the latest when the next synced one is. For entries
    /// that nothing outside depends on.
    Lazy,
}

/// Holds the run's lock for as long as it lives.
pub struct Journal {
    id: RunId,
    state_dir: StateDir,
    dir: PathBuf,
    started: RunStarted,
    /// Those of the latest attempt that brought some.
    sources: RwLock<Vec<Source>>,
    /// Of a tick that has not changed anything so far, or of what is only looked at. Locked before `log` is set.
    draft: Mutex<Option<Draft>>,
    log: OnceLock<Log>,
    /// It is only looked at.
    only_read: bool,
}

/// What is on disk of a run, open for appending.
struct Log {
    writer: Writer,
    /// The device and number of the file that is written.
    inode: (u64, u64),
    /// Last, so that it is let go of last.
    lock: Lock,
}

impl Journal {
    /// Starts a run: once this returns, the run is there with its first entry, durably; before, nothing of it can be seen.
    pub fn create(state_dir: &StateDir, started: RunStarted) -> Result<Self> {
        let journal = Self::unwritten(state_dir, started)?;
        let log = Log::create(&journal, clock::now())?;
        Ok(journal.with(log))
    }

    /// Begins what becomes a run with its first effect, and leaves nothing behind if there is none.
    pub fn draft(state_dir: &StateDir, started: RunStarted) -> Result<Self> {
        let journal = Self::unwritten(state_dir, started)?;
        let draft = Draft::new(journal.started.clone())?;
        *journal.drafted() = Some(draft);
        Ok(journal)
    }

    /// Opens a run to go on with it. A torn last line is cut off, the checkpoints are brought to what the log says; if the
    /// log is damaged or older than the checkpoints, or somebody else holds the run, nothing is changed.
    pub fn open(state_dir: &StateDir, id: &RunId) -> Result<Self> {
        let dir = state_dir.run_dir(id);
        if !dir.is_dir() {
            return Err(JournalError::NoSuchRun {
                dir: state_dir.runs_dir(),
                part: id.to_string(),
                near: Vec::new(),
            });
        }
        let lock = take_lock(&dir, id)?;
        let (log, started, sources) = Log::load(&dir, lock, Found::open)?;
        let journal = Self {
            sources: RwLock::new(sources),
            ..Self::unwritten(state_dir, started)?
        };
        Ok(journal.with(log))
    }

    /// Reads a run as it is on disk now, to look at it: takes no lock, changes nothing, and takes no records.
    pub fn look(state_dir: &StateDir, id: &RunId) -> Result<Self> {
        let dir = state_dir.run_dir(id);
        let path = dir.join(log::FILE);
        let entries = log::read(&dir)?;
        let (started, sources) = replay::pinned(&path, &entries)?;
        let draft = Draft::of(&path, entries)?;
        Ok(Self {
            sources: RwLock::new(sources),
            draft: Mutex::new(Some(draft)),
            only_read: true,
            ..Self::unwritten(state_dir, started)?
        })
    }

    /// Records what happens, and returns the entry's seq. A record that may not follow what is known of its key is refused
    /// and changes nothing; after a failed write or sync every further append fails with that first error.
    pub fn append(&self, record: Record, durability: Durability) -> Result<u64> {
        if let Some(seq) = self.hold_back(&record)? {
            return Ok(seq);
        }
        let log = self.log.get().ok_or_else(|| self.unmade())?;
        let seq = log.append(clock::now(), &record, durability)?;
        if let Record::RunResumed(RunResumed {
            sources: Some(sources),
            ..
        }) = record
        {
            *self.sources.write().unwrap_or_else(PoisonError::into_inner) = sources;
        }
        Ok(seq)
    }

    /// Returns what is known of a key.
    pub fn slot(&self, key: &str) -> Result<Option<Slot>> {
        if let Some(draft) = self.drafted().as_ref() {
            return Ok(draft.slot(key));
        }
        let log = self.log.get().ok_or_else(|| self.unmade())?;
        log.writer.slot(key)
    }

    /// Returns all entries so far, read from the log where there is one.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        if let Some(draft) = self.drafted().as_ref() {
            return Ok(draft.entries().to_vec());
        }
        log::read(&self.dir)
    }

    /// Whether nothing of it is on disk.
    #[must_use]
    pub fn is_draft(&self) -> bool {
        self.log.get().is_none() && !self.only_read
    }

    /// Returns the keys of all that is recorded, in the order of their first entries.
    pub fn keys(&self) -> Result<Vec<String>> {
        let mut seen = BTreeSet::new();
        let keys = self
            .entries()?
            .into_iter()
            .map(|entry| entry.record.key().to_owned());
        Ok(keys
            .filter(|key| key != RUN && seen.insert(key.clone()))
            .collect())
    }

    /// Whether nothing tells that the log is as long as it was: the checkpoints were gone when the run was taken up, now or
    /// by an earlier process.
    #[must_use]
    pub fn may_lack_entries(&self) -> bool {
        self.log.get().is_some_and(|log| log.writer.index.rebuilt)
    }

    /// Returns how large the log is, in bytes; of what is no run so far there is none.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.log.get().map_or(0, |log| log.writer.len())
    }

    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.id
    }

    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    #[must_use]
    pub fn started(&self) -> &RunStarted {
        &self.started
    }

    /// Returns the sources that the run uses now: those it was started with, or the edited ones accepted since.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        self.sources
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the number of the latest attempt that is recorded, and how it ended if it did.
    pub fn attempt(&self) -> Result<(u32, Option<Ending>)> {
        match self.slot(RUN)? {
            Some(Slot::Run(Run {
                attempt, ending, ..
            })) => Ok((attempt, ending)),
            // The log begins with the start of the run, or it would not have opened.
            _ => Ok((0, None)),
        }
    }

    /// Whether what the run made is being taken down, or is.
    pub fn is_undone(&self) -> Result<bool> {
        Ok(matches!(
            self.slot(RUN)?,
            Some(Slot::Run(Run { undo: true, .. }))
        ))
    }

    /// Lets go of the run and clears its checkpoints away, which the log can make again.
    pub fn retire(self) {
        let Some(Log { writer, lock, .. }) = self.log.into_inner() else {
            return;
        };
        drop(writer);
        index::remove(&self.dir);
        drop(lock);
    }

    fn unwritten(state_dir: &StateDir, started: RunStarted) -> Result<Self> {
        let part = &started.id;
        let id = RunId::parse(part).ok_or_else(|| JournalError::BadId { part: part.clone() })?;
        Ok(Self {
            dir: state_dir.run_dir(&id),
            id,
            state_dir: state_dir.clone(),
            sources: RwLock::new(started.sources.clone()),
            started,
            draft: Mutex::default(),
            log: OnceLock::new(),
            only_read: false,
        })
    }

    fn with(self, log: Log) -> Self {
        Self {
            log: OnceLock::from(log),
            ..self
        }
    }

    fn drafted(&self) -> MutexGuard<'_, Option<Draft>> {
        self.draft.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a record of what is no run so far, and returns the seq that it will have; an effect makes a run of it first.
    fn hold_back(&self, record: &Record) -> Result<Option<u64>> {
        if self.only_read {
            return Err(self.unmade());
        }
        let mut drafted = self.drafted();
        let Some(draft) = drafted.as_mut() else {
            return Ok(None);
        };
        if !matches!(record, Record::EffectIntended(_)) {
            return draft.add(record.clone()).map(Some);
        }
        self.make(draft)?;
        *drafted = None;
        Ok(None)
    }

    /// A run is either held back or written, unless it is only looked at.
    fn unmade(&self) -> JournalError {
        JournalError::Abandoned {
            file: self.dir.join(log::FILE),
        }
    }

    /// Makes the run that was held back, with all that was recorded so far.
    fn make(&self, draft: &mut Draft) -> Result<()> {
        if let Some(error) = &draft.failed {
            return Err(error.clone());
        }
        let fill = || -> Result<Log> {
            let at = |entry: &Entry| entry.at;
            let began = draft.entries().first().map_or_else(clock::now, at);
            let log = Log::create(self, began)?;
            for entry in draft.entries().iter().skip(1) {
                log.append(entry.at, &entry.record, Durability::Lazy)?;
            }
            Ok(log)
        };
        match fill() {
            Ok(log) => drop(self.log.set(log)),
            Err(error) => {
                draft.failed = Some(error.clone());
                return Err(error);
            }
        }
        Ok(())
    }
}

impl Log {
    fn create(journal: &Journal, at: Timestamp) -> Result<Self> {
        let Journal {
            id,
            dir,
            state_dir,
            started,
            ..
        } = journal;
        state_dir.prepare()?;
        let runs = state_dir.runs_dir();
        let first = First {
            at,
            record: Record::RunStarted(started.clone()),
            crash: Crash::of(started.target.as_ref()),
        };
        let lock = publish(id, &state_dir.temporary_dir(id), dir, &first)
            .map_err(|error| error.before_the_run(&runs))?;
        sync_dir(&runs).map_err(io_error("sync", &runs))?;
        let create =
            |dir: &Path, states, entries: &[Entry]| Ok(Found::create(dir, states, entries));
        let (log, ..) = Self::load(dir, lock, create)?;
        log.writer.crash.after(1);
        Ok(log)
    }

    fn load(
        dir: &Path,
        lock: Lock,
        checkpoints: fn(&Path, States, &[Entry]) -> Result<Found>,
    ) -> Result<(Self, RunStarted, Vec<Source>)> {
        let path = dir.join(log::FILE);
        let scan = log::scan(&path)?;
        let states = States::of(&path, &scan.entries)?;
        let (started, sources) = replay::pinned(&path, &scan.entries)?;
        let found = checkpoints(dir, states, &scan.entries)?;
        let (file, len) = repair(&path, &scan)?;
        let inode = inode(&path)?;
        let head = Head::of(&scan.entries);
        let index = found.catch_up()?;
        let crash = Crash::of(started.target.as_ref());
        let writer = Writer::new(path, Box::new(file), index, head, len, crash)?;
        let log = Self {
            writer,
            inode,
            lock,
        };
        Ok((log, started, sources))
    }

    fn append(&self, at: Timestamp, record: &Record, durability: Durability) -> Result<u64> {
        if matches!(record, Record::EffectIntended(_)) {
            is_there(&self.writer.file, self.inode)?;
        }
        let seq = self.writer.write_at(at, record)?;
        if durability == Durability::Synced || self.writer.crash == Crash::After(seq) {
            self.writer.settle(seq)?;
        }
        Ok(seq)
    }
}

#[cfg(test)]
mod tests;
