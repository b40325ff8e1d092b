//! A memory on disk: a small sled database, made anew under the next number wherever writing to it has failed.
//!
//! Everything is read when a memory is taken, from a copy; from then on the database is only written to. A digest of all
//! values is part of each batch, so that what sled loses without a word is noticed.

#![expect(clippy::disallowed_types, reason = "this is where sled is used")]

use std::error::Error;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sled::{Batch, Db};

use super::{Loss, Values};
use crate::Result;
use crate::database::{self, Attempt};
use crate::error::{JournalError, io_error};
use crate::store::sync_dir;
use base::clock;
use base::digest::sha256;

/// sled fills up a segment whenever it opens a file; a memory is small, so its segments are.
const SEGMENT: usize = 16 * 1024;
/// Where Linux keeps files that never reach a disk.
const IN_MEMORY: &str = "/dev/shm";
/// A number follows, from 1.
const DATABASE: &str = "db-";
/// Is there once a database was written to: an empty one is a lost one then.
const WRITTEN: &str = "written";
/// The key of the digest; no value has this one.
const SUM: &[u8] = b"sum";

/// The way to the latest database of a memory.
pub(super) struct Database {
    dir: PathBuf,
    /// 0 while there is none.
    number: u64,
    /// Opened with the first write.
    db: Option<Db>,
    /// Whether writing to it has failed: sled does not recover from that.
    failed: bool,
}

impl Database {
    /// Reads the memory in `dir`; what cannot be read is moved aside.
    pub(super) fn take(dir: &Path) -> Result<(Self, Values, Option<Loss>)> {
        let (values, loss) = match read(dir) {
            Ok(values) => (values, None),
            Err(problem) => {
                let aside = set_aside(dir)?;
                let problem = problem.to_string();
                (Values::new(), Some(Loss { problem, aside }))
            }
        };
        let numbers = numbers(dir).map_err(io_error("read", dir))?;
        let database = Self {
            dir: dir.to_owned(),
            number: numbers.last().copied().unwrap_or(0),
            db: None,
            failed: numbers.is_empty() || numbers.len() > 1,
        };
        Ok((database, values, loss))
    }

    /// Brings what is on disk from `before` to `after`, durably.
    pub(super) fn write(&mut self, before: &Values, after: &Values) -> Result<()> {
        if !self.failed {
            let (db, path) = (self.db.take(), self.path());
            let (before, batch) = (before.clone(), batch(before, after));
            if let Ok(db) = database::guarded(0, move || add(db, &path, &before, batch)) {
                self.db = Some(db);
                return Ok(());
            }
            self.failed = true;
        }
        self.make_anew(after)
            .map_err(|problem| self.unusable(&*problem))
    }

    /// Makes the next database, and then clears the others away.
    fn make_anew(&mut self, values: &Values) -> Attempt<()> {
        let number = self.number + 1;
        let path = self.dir.join(format!("{DATABASE}{number}"));
        let (made, batch) = (path.clone(), batch(&Values::new(), values));
        let built = database::guarded(0, move || make(&made, batch));
        let built = built.and_then(|db| {
            sync_dir(&self.dir)?;
            mark(&self.dir)?;
            Ok(db)
        });
        let db = built.inspect_err(|_| {
            // What stays of it does not match its digest, and is passed over.
            let _ = fs::remove_dir_all(&path);
        })?;
        for older in numbers(&self.dir)?
            .into_iter()
            .filter(|older| *older < number)
        {
            fs::remove_dir_all(self.dir.join(format!("{DATABASE}{older}")))?;
        }
        (self.number, self.db, self.failed) = (number, Some(db), false);
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.dir.join(format!("{DATABASE}{}", self.number))
    }

    fn unusable(&self, problem: &(dyn Error + Send + Sync + 'static)) -> JournalError {
        let io = match problem.downcast_ref() {
            Some(sled::Error::Io(error)) => Some(error),
            _ => problem.downcast_ref::<io::Error>(),
        };
        let source = io.map_or_else(
            || io::Error::other(problem.to_string()),
            |error| io::Error::new(error.kind(), error.to_string()),
        );
        JournalError::NotKept {
            dir: self.dir.clone(),
            source: Arc::new(source),
        }
    }
}

/// Returns what the newest whole database says; an unfinished one above it is what a failed start has left.
pub(super) fn read(dir: &Path) -> Attempt<Values> {
    let written = dir.join(WRITTEN).exists();
    let numbers = if dir.is_dir() {
        numbers(dir)?
    } else {
        Vec::new()
    };
    let mut problem = "it is gone".into();
    for number in numbers.iter().rev() {
        let path = dir.join(format!("{DATABASE}{number}"));
        match database::guarded(0, move || read_copy(&path)) {
            Ok(values) => return Ok(values),
            Err(found) => problem = plain(found),
        }
    }
    if written {
        Err(problem)
    } else {
        Ok(Values::new())
    }
}

/// sled's own words for it are of no use to anybody.
fn plain(problem: Box<dyn Error + Send + Sync>) -> Box<dyn Error + Send + Sync> {
    match problem.downcast_ref() {
        Some(sled::Error::Corruption { .. }) => "it is corrupt".into(),
        _ => problem,
    }
}

/// Reads a copy: sled writes to what it opens, and a tick that has nothing to say is to change nothing.
fn read_copy(path: &Path) -> Attempt<Values> {
    let copy = Copy::of(path)?;
    values(&database::open(&copy.0, SEGMENT)?)
}

fn values(db: &Db) -> Attempt<Values> {
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
        Some(_) => Err("it does not match its digest".into()),
        None => Err("it is empty, though it was written to".into()),
    }
}

fn add(db: Option<Db>, path: &Path, before: &Values, batch: Batch) -> Attempt<Db> {
    let db = if let Some(db) = db {
        db
    } else {
        let db = database::open(path, SEGMENT)?;
        if values(&db)? != *before {
            return Err("it is not what was read".into());
        }
        db
    };
    settle(db, path, batch)
}

fn make(path: &Path, batch: Batch) -> Attempt<Db> {
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    DirBuilder::new().mode(0o700).create(path)?;
    settle(database::open(path, SEGMENT)?, path, batch)
}

/// sled's own flush only begins to write: each file is synced after it.
fn settle(db: Db, path: &Path, batch: Batch) -> Attempt<Db> {
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

fn batch(before: &Values, after: &Values) -> Batch {
    let mut batch = Batch::default();
    for (key, value) in after {
        if before.get(key) != Some(value) {
            batch.insert(key.as_bytes(), value.to_string().as_bytes());
        }
    }
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        batch.remove(key.as_bytes());
    }
    batch.insert(SUM, sum(after).as_bytes());
    batch
}

fn sum(values: &Values) -> String {
    let text = serde_json::to_string(values).unwrap_or_default();
    sha256(text.as_bytes())
}

fn mark(dir: &Path) -> io::Result<()> {
    let path = dir.join(WRITTEN);
    if path.exists() {
        return Ok(());
    }
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)?;
    sync_dir(dir)
}

/// Returns the numbers of the databases, the oldest first.
fn numbers(dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(DATABASE));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Moves the databases, none of which can be read, into a folder of this moment.
fn set_aside(dir: &Path) -> Result<PathBuf> {
    let time = clock::now().strftime("%Y%m%d-%H%M%S").to_string();
    let names = std::iter::once(format!("damaged-{time}"))
        .chain((2..).map(|count| format!("damaged-{time}-{count}")));
    let mut free = names
        .map(|name| dir.join(name))
        .filter(|path| !path.exists());
    let aside = free.next().unwrap_or_else(|| dir.join("damaged"));
    let make = || {
        DirBuilder::new().mode(0o700).create(&aside)?;
        for number in numbers(dir)? {
            let name = format!("{DATABASE}{number}");
            fs::rename(dir.join(&name), aside.join(&name))?;
        }
        let _ = fs::remove_file(dir.join(WRITTEN));
        sync_dir(&aside)?;
        sync_dir(dir)
    };
    make().map_err(io_error("move aside what is damaged in", dir))?;
    Ok(aside)
}

/// A copy of a folder, gone with this value.
struct Copy(PathBuf);

impl Copy {
    fn of(dir: &Path) -> io::Result<Self> {
        let memory = Path::new(IN_MEMORY);
        let name = format!("runbook-{}", uuid::Uuid::new_v4());
        let copy = Self(memory.join(&name));
        if memory.is_dir() && copy_all(dir, &copy.0).is_ok() {
            return Ok(copy);
        }
        let copy = Self(std::env::temp_dir().join(&name));
        copy_all(dir, &copy.0)?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What stays is small, and gone with the next start of the machine.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// sled's lock outlives a database for as long as some other test is just starting a program.
    fn open_again(path: &Path) -> Db {
        loop {
            match database::open(path, SEGMENT) {
                Err(sled::Error::Io(error)) if error.to_string().contains("WouldBlock") => {
                    std::thread::yield_now();
                }
                opened => return opened.unwrap(),
            }
        }
    }

    /// As sled may do by itself after a changed byte.
    #[test]
    fn a_key_that_is_lost_or_changed_without_a_word_is_noticed() {
        for change in [|db: &Db| db.remove("/n"), |db: &Db| db.insert("/n", "2")] {
            let folder = tempfile::tempdir().unwrap();
            let (mut database, none, _) = Database::take(folder.path()).unwrap();
            let values = Values::from([("/n".to_owned(), json!(1)), ("/m".to_owned(), json!(1))]);
            database.write(&none, &values).unwrap();
            drop(database);
            let db = open_again(&folder.path().join("db-1"));
            change(&db).unwrap();
            db.flush().unwrap();
            drop(db);
            let (_, values, loss) = Database::take(folder.path()).unwrap();
            assert_eq!(values, Values::new());
            assert_eq!(loss.unwrap().problem, "it does not match its digest");
        }
    }
}
