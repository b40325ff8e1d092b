//! The checkpoints: what is known of each key, in sled, so that a live run looks it up by key.
//!
//! Nothing here is relied on across processes: sled does not sync what it should, and a damaged database may open as an
//! empty one. So every slot is compared with the log when the run is opened, and at any difference that an unfinished
//! catch-up does not explain, the database is made anew.

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

use crate::journal::Result;
use crate::journal::database;
use crate::journal::entry::Entry;
use crate::journal::error::{JournalError, io_error};
use crate::journal::log::{self, Head};
use crate::journal::replay::States;
use crate::journal::state::{RUN, Slot};
use crate::journal::tip::{self, Tip};

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
        if let Some(behind) = db {
            let (log, rebuilt) = (Arc::clone(&log), behind.mark.rebuilt);
            let (keys, last) = (log.states.len(), log.last());
            if let Ok(db) = database::guarded(keys, move || catch_up(behind, &log)) {
                return Index::new(db, dir, last, rebuilt);
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
    mark: Mark,
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

    fn mark(&self) -> Mark {
        Mark {
            seq: self.last(),
            hash: self.hashes.last().cloned().unwrap_or_default(),
            rebuilt: self.rebuilt,
        }
    }
}

type Attempt<T = Db> = database::Attempt<T>;

fn guarded<T: Send + 'static>(
    dir: &Path,
    log: &Arc<Log>,
    work: fn(&Path, &Log) -> Attempt<T>,
) -> Attempt<T> {
    let (dir, log) = (dir.to_owned(), Arc::clone(log));
    database::guarded(log.states.len(), move || work(&dir, &log))
}

/// Opens a database and says how far it has been brought.
fn compare(dir: &Path, log: &Log) -> Attempt<Left> {
    let db = ManuallyDrop::new(database::open(dir, SEGMENT)?);
    let mark: Mark = serde_json::from_slice(&db.get(HEAD_KEY)?.ok_or("it has no head")?)?;
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
        return Err("its head is not in the journal".into());
    }
    Ok(Left::Behind(Behind { db, mark }))
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

/// Adds the entries that a database lacks.
fn catch_up(behind: Behind, log: &Log) -> Attempt {
    let Behind { db, mark } = behind;
    let mut batch = Batch::default();
    let mut found = 0;
    for (key, seq, slot) in log.states.slots() {
        let expected = encode(slot)?;
        let stored = db.get(slot_key(key))?;
        found += usize::from(stored.is_some());
        if stored.is_some_and(|stored| stored == expected) {
            continue;
        }
        if seq <= mark.seq {
            return Err("it differs from the journal".into());
        }
        batch.insert(slot_key(key), expected);
    }
    if db.iter().count() != found + 1 {
        return Err("it has keys that the journal does not have".into());
    }
    let head = Mark {
        rebuilt: mark.rebuilt,
        ..log.mark()
    };
    batch.insert(HEAD_KEY, encode(&head)?);
    db.apply_batch(batch)?;
    Ok(ManuallyDrop::into_inner(db))
}

fn build(dir: &Path, log: &Log) -> Attempt {
    DirBuilder::new().mode(0o700).create(dir)?;
    let db = database::open(dir, SEGMENT)?;
    let mut batch = Batch::default();
    for (key, _, slot) in log.states.slots() {
        batch.insert(slot_key(key), encode(slot)?);
    }
    batch.insert(HEAD_KEY, encode(&log.mark())?);
    db.apply_batch(batch)?;
    Ok(db)
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
mod tests {
    use std::fs::OpenOptions;
    use std::os::unix::fs::FileExt;
    use std::process::Command;

    use super::*;
    use crate::journal::fixture::{Random, effects, write_log};

    /// A log with its checkpoints, in a new place each time, since sled may not open a place twice in a process.
    struct Run {
        dir: tempfile::TempDir,
        entries: Vec<Entry>,
    }

    impl Run {
        /// Has checkpoints for the first `indexed` of `count` effects.
        fn new(count: usize, indexed: usize) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let entries = write_log(dir.path(), effects(count));
            drop(open(dir.path(), &entries[..=indexed * 2]));
            Self { dir, entries }.elsewhere()
        }

        fn elsewhere(&self) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let from = self.dir.path().join(DIR);
            assert!(
                Command::new("cp")
                    .arg("-r")
                    .args([&from, dir.path()])
                    .status()
                    .unwrap()
                    .success()
            );
            Self {
                dir,
                entries: self.entries.clone(),
            }
        }

        fn files(&self) -> Vec<PathBuf> {
            let paths = fs::read_dir(self.dir.path().join(DIR))
                .unwrap()
                .map(|entry| entry.unwrap().path());
            let mut files: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
            files.sort();
            files
        }

        /// Opens the checkpoints, checks every one of them, and returns whether they were made anew.
        fn rebuilds(&self) -> bool {
            let witness = self.dir.path().join(DIR).join("witness");
            let _ = fs::write(&witness, "");
            let index = open(self.dir.path(), &self.entries);
            let expected = states(&self.entries);
            for (key, _, slot) in expected.slots() {
                assert_eq!(index.get(key).unwrap().as_ref(), Some(slot), "{key}");
            }
            assert_eq!(index.db.len(), expected.slots().count() + 1);
            !witness.exists()
        }
    }

    fn open(dir: &Path, entries: &[Entry]) -> Index {
        Index::open(dir, states(entries), entries).unwrap()
    }

    fn states(entries: &[Entry]) -> States {
        States::of(Path::new("journal.jsonl"), entries).unwrap()
    }

    fn change(file: &Path, at: u64, change: impl Fn(u8) -> u8) {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(file)
            .unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[change(byte[0])], at).unwrap();
    }

    #[test]
    fn keeps_what_agrees_with_the_log() {
        assert!(!Run::new(5, 5).rebuilds());
        assert!(!Run::new(300, 300).rebuilds());
    }

    #[test]
    fn catches_up_with_the_log() {
        for indexed in [0, 1, 250, 299] {
            assert!(!Run::new(300, indexed).rebuilds(), "{indexed}");
        }
    }

    #[test]
    fn is_made_anew_where_it_is_missing() {
        let run = Run::new(5, 5);
        fs::remove_dir_all(run.dir.path().join(DIR)).unwrap();
        assert!(run.rebuilds());
    }

    #[test]
    fn tells_a_log_that_has_lost_lines() {
        for (lost, expected) in [
            (1, vec!["effect-4"]),
            (3, vec!["effect-3", "effect-4"]),
            (
                10,
                vec!["effect-0", "effect-1", "effect-2", "effect-3", "effect-4"],
            ),
        ] {
            let mut run = Run::new(5, 5);
            run.entries.truncate(11 - lost);
            let found = Found::open(run.dir.path(), states(&run.entries), &run.entries);
            let Err(JournalError::Older {
                last, known, keys, ..
            }) = found.map(drop)
            else {
                panic!("{lost}")
            };
            assert_eq!(
                (last, known, keys),
                (
                    11 - lost as u64,
                    11,
                    expected.iter().map(ToString::to_string).collect()
                )
            );
        }
    }

    /// What a kill leaves where sled has written nothing yet.
    #[test]
    fn tells_a_log_that_has_lost_lines_where_sled_is_behind_too() {
        let mut run = Run::new(5, 2);
        let tip = Tip::open(&run.dir.path().join(DIR)).unwrap();
        tip.put(11).unwrap();
        run.entries.truncate(7);
        let found = Found::open(run.dir.path(), states(&run.entries), &run.entries);
        assert!(matches!(
            found.map(drop),
            Err(JournalError::Older {
                last: 7,
                known: 11,
                ..
            })
        ));
    }

    /// It is told until the run ends, by each process.
    #[test]
    fn remembers_that_nothing_was_left_of_it() {
        let rebuilt = |run: &Run| open(run.dir.path(), &run.entries).rebuilt;
        let run = Run::new(5, 5);
        fs::remove_dir_all(run.dir.path().join(DIR)).unwrap();
        assert!(rebuilt(&run));
        assert!(rebuilt(&run.elsewhere()));
        let new = tempfile::tempdir().unwrap();
        let entries = write_log(new.path(), effects(1));
        let found = Found::create(new.path(), states(&entries), &entries);
        assert!(!found.catch_up().unwrap().rebuilt);
        let new = Run { dir: new, entries };
        assert!(!rebuilt(&new.elsewhere()));
    }

    #[test]
    fn is_made_anew_where_it_belongs_to_another_log() {
        let run = Run::new(5, 4);
        let other = Run {
            dir: run.dir,
            entries: Run::new(5, 5).entries,
        };
        assert!(other.rebuilds());
    }

    #[test]
    fn is_made_anew_where_a_key_is_gone_changed_or_added() {
        let tricks: [fn(&Db); 3] = [
            |db| drop(db.remove(slot_key("effect-0")).unwrap().unwrap()),
            |db| drop(db.insert(slot_key("effect-0"), "{}").unwrap()),
            |db| drop(db.insert(slot_key("effect-9"), "{}").unwrap()),
        ];
        for trick in tricks {
            let run = Run::new(5, 4);
            let db = database::open(&run.dir.path().join(DIR), SEGMENT).unwrap();
            trick(&db);
            drop(db);
            assert!(run.elsewhere().rebuilds());
        }
    }

    #[test]
    fn survives_a_zeroed_first_page() {
        let run = Run::new(300, 300);
        let db = run.dir.path().join(DIR).join("db");
        OpenOptions::new()
            .write(true)
            .open(db)
            .unwrap()
            .write_all_at(&[0; 4096], 0)
            .unwrap();
        assert!(run.rebuilds());
    }

    #[test]
    fn survives_files_cut_short() {
        let whole = Run::new(300, 300);
        let mut random = Random(7);
        for number in 0..whole.files().len() {
            for _ in 0..5 {
                let run = whole.elsewhere();
                let file = OpenOptions::new()
                    .write(true)
                    .open(&run.files()[number])
                    .unwrap();
                file.set_len(random.below(file.metadata().unwrap().len().max(1)))
                    .unwrap();
                run.rebuilds();
            }
        }
    }

    #[test]
    fn survives_flipped_bits() {
        let whole = Run::new(300, 300);
        let mut random = Random(11);
        let mut rebuilt = 0;
        for _ in 0..60 {
            let run = whole.elsewhere();
            let files = run.files();
            let file = &files[usize::try_from(random.below(files.len() as u64)).unwrap()];
            let len = fs::metadata(file).unwrap().len();
            for _ in 0..=random.below(3) {
                let bit = 1 << random.below(8);
                change(file, random.below(len), |byte| byte ^ bit);
            }
            rebuilt += u32::from(run.rebuilds());
        }
        assert!(rebuilt > 0);
    }

    #[test]
    fn survives_files_that_are_not_a_database() {
        let run = Run::new(5, 5);
        for file in run.files() {
            fs::write(file, "not a database").unwrap();
        }
        assert!(run.rebuilds());
        let run = Run::new(5, 5);
        let dir = run.dir.path().join(DIR);
        fs::remove_dir_all(&dir).unwrap();
        fs::write(&dir, "not a directory").unwrap();
        run.rebuilds();
    }
}
