//! A run's journal as the engine uses it: made or opened once, then asked and appended to from all branches.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;

use crate::clock;
use crate::journal::Result;
use crate::journal::commit::Writer;
use crate::journal::crash::Crash;
use crate::journal::draft::Draft;
use crate::journal::entry::{Ending, Entry, Record, RunResumed, RunStarted, Source};
use crate::journal::error::{JournalError, io_error};
use crate::journal::files::{First, inode, is_there, publish, repair, take_lock};
use crate::journal::id::RunId;
use crate::journal::index::{self, Found};
use crate::journal::lock::Lock;
use crate::journal::log::{self, Head};
use crate::journal::replay::{self, States};
use crate::journal::state::{RUN, Run, Slot};
use crate::journal::store::{StateDir, sync_dir};

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
        let id = RunId::parse(&started.id)?;
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
        let writer = Writer::new(path, Box::new(file), index, head, len)?;
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
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::journal::fixture::{
        Site, effect_finished, effects, intended, run_ended, run_resumed, started, step_finished,
        step_started,
    };
    use crate::journal::state::{Effect, EffectState};
    use crate::report::Report;

    #[test]
    fn a_new_run_is_whole_and_private() {
        let site = Site::new();
        let journal = site.run("20260101-000000-build-1");
        journal
            .append(step_started("s", 1), Durability::Lazy)
            .unwrap();
        assert_eq!(
            journal
                .append(step_finished("s", 1), Durability::Synced)
                .unwrap(),
            3
        );
        assert_eq!(journal.started(), &started("20260101-000000-build-1"));
        assert_eq!(journal.entries().unwrap().len(), 3);
        let mut seen = Vec::new();
        private(site.state_dir.path(), &mut seen);
        for name in ["runs", "lock", "journal.jsonl", "checkpoints", "db"] {
            assert!(seen.iter().any(|path| path.ends_with(name)), "{name}");
        }
    }

    /// Checks the mode of everything below `path`.
    fn private(path: &Path, seen: &mut Vec<PathBuf>) {
        let metadata = fs::metadata(path).unwrap();
        let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(
            metadata.permissions().mode() & 0o777,
            expected,
            "{}",
            path.display()
        );
        seen.push(path.to_owned());
        if metadata.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                private(&entry.unwrap().path(), seen);
            }
        }
    }

    #[test]
    fn what_is_looked_at_may_be_held_and_takes_no_records() {
        let site = Site::new();
        let journal = site.run("r");
        journal
            .append(intended("e", 1), Durability::Synced)
            .unwrap();
        let seen = Journal::look(&site.state_dir, journal.id()).unwrap();
        assert_eq!(seen.slot("e").unwrap(), journal.slot("e").unwrap());
        assert_eq!(seen.entries().unwrap(), journal.entries().unwrap());
        for record in [effect_finished("e", 1), intended("f", 1)] {
            assert!(seen.append(record, Durability::Synced).is_err());
        }
        assert_eq!(journal.entries().unwrap().len(), 2);
    }

    #[test]
    fn no_effect_follows_once_the_log_is_gone_or_another() {
        for replace in [false, true] {
            let site = Site::new();
            let journal = site.run("r");
            let path = journal.dir().join(log::FILE);
            let text = fs::read(&path).unwrap();
            let aside = path.with_file_name("aside");
            fs::rename(&path, &aside).unwrap();
            if replace {
                fs::write(&path, text).unwrap();
            }
            let outcome = journal.append(intended("e", 1), Durability::Synced);
            assert!(outcome.is_err());
            assert!(
                !fs::read_to_string(&aside)
                    .unwrap()
                    .contains("effect_intended")
            );
        }
    }

    #[test]
    fn an_id_is_used_once() {
        let site = Site::new();
        drop(site.run("r"));
        let before = fs::read(
            site.state_dir
                .run_dir(&RunId::parse("r").unwrap())
                .join(log::FILE),
        )
        .unwrap();
        assert!(Journal::create(&site.state_dir, started("r")).is_err());
        let journal = site.open("r").unwrap();
        assert_eq!(fs::read(journal.dir().join(log::FILE)).unwrap(), before);
        assert_eq!(fs::read_dir(site.state_dir.runs_dir()).unwrap().count(), 1);
    }

    #[test]
    fn a_live_run_is_not_opened_again() {
        let site = Site::new();
        let journal = site.run("r");
        let error = site.open("r").err().unwrap();
        assert!(
            matches!(&error, JournalError::Live { pid: Some(pid), .. } if *pid == std::process::id())
        );
        assert_eq!(Report::from(error).exit, crate::exit::Exit::Live);
        drop(journal);
        assert!(site.open("r").is_ok());
    }

    #[test]
    fn an_opened_run_knows_what_was() {
        let site = Site::new();
        let mut edited = started("r").sources;
        edited[0].text = "fn main(params) { 2 }".to_owned();
        let mut resumed = run_resumed(2);
        if let Record::RunResumed(resumed) = &mut resumed {
            resumed.sources = Some(edited.clone());
        }
        let journal = site.run("r");
        journal
            .append(intended("e", 1), Durability::Synced)
            .unwrap();
        journal
            .append(run_ended(1, Ending::Interrupted), Durability::Synced)
            .unwrap();
        drop(journal);
        let journal = site.open("r").unwrap();
        assert_eq!(journal.attempt().unwrap(), (1, Some(Ending::Interrupted)));
        let doubt = journal.slot("e").unwrap();
        assert!(matches!(
            doubt,
            Some(Slot::Effect(Effect {
                state: EffectState::Intended,
                ..
            }))
        ));
        assert!(
            journal
                .append(effect_finished("e", 1), Durability::Synced)
                .is_err()
        );
        assert_eq!(journal.sources(), started("r").sources);
        journal.append(resumed, Durability::Synced).unwrap();
        journal.append(run_resumed(3), Durability::Synced).unwrap();
        assert_eq!(journal.sources(), edited);
        drop(journal);
        let journal = site.open("r").unwrap();
        assert_eq!(
            (journal.sources(), journal.attempt().unwrap()),
            (edited, (3, None))
        );
        assert_eq!(journal.slot("other").unwrap(), None);
    }

    #[test]
    fn goes_on_after_a_torn_tail() {
        let site = Site::new();
        let path = site.log("r", effects(2)).join(log::FILE);
        let whole = fs::read(&path).unwrap();
        let start = whole[..whole.len() - 1]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .unwrap()
            + 1;
        // Every byte is tried where the log is read; opening takes longer.
        for len in (start..whole.len() - 2)
            .step_by(29)
            .chain(whole.len() - 2..=whole.len())
        {
            fs::write(&path, &whole[..len]).unwrap();
            // What is torn was never acknowledged, so the checkpoints of the round before do not belong to it.
            index::remove(path.parent().unwrap());
            let journal = site.open("r").unwrap();
            let settled = len + 1 >= whole.len();
            let outcome = journal.append(effect_finished("effect-1", 1), Durability::Synced);
            assert_eq!(outcome.is_err(), settled, "{len}");
            assert_eq!(
                journal
                    .append(step_started("s", 1), Durability::Synced)
                    .unwrap(),
                6
            );
            assert_eq!(journal.entries().unwrap().len(), 6);
        }
    }

    #[test]
    fn an_older_log_is_refused_and_left_as_it_is() {
        let site = Site::new();
        let path = site.log("r", effects(3)).join(log::FILE);
        let whole = fs::read_to_string(&path).unwrap();
        drop(site.open("r").unwrap());
        let older: String = whole.split_inclusive('\n').take(4).collect();
        fs::write(&path, format!("{older}torn")).unwrap();
        let error = site.open("r").err().unwrap();
        assert!(
            matches!(&error, JournalError::Older { last: 4, known: 7, keys, .. } if keys == &["effect-1", "effect-2"]),
            "{error:?}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{older}torn"));
    }

    #[test]
    fn a_damaged_log_is_refused_and_left_as_it_is() {
        let site = Site::new();
        let path = site.log("r", effects(2)).join(log::FILE);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes.extend(b"torn");
        fs::write(&path, &bytes).unwrap();
        assert!(matches!(site.open("r"), Err(JournalError::Broken { .. })));
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert!(!path.with_file_name("checkpoints").exists());
    }

    #[test]
    fn an_illegal_log_is_refused_with_its_line() {
        let site = Site::new();
        site.log(
            "r",
            vec![
                step_started("s", 1),
                step_finished("s", 1),
                step_finished("s", 1),
            ],
        );
        let error = site.open("r").err().unwrap();
        assert!(
            matches!(error, JournalError::Broken { line: 4, .. }),
            "{error}"
        );
    }
}
