//! Appending to the log: one writer at a time, one fdatasync for all who wait for one.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::crash::Crash;
use crate::entry::Record;
use crate::error::{JournalError, Result, io_error};
use crate::index::Index;
use crate::log::Head;
use crate::pending::Pending;
use crate::state::{RUN, Slot};
use crate::transition;
#[cfg(test)]
use base::clock;

/// What the log needs of a file.
pub(crate) trait Disk: Send + Sync {
    /// Writes all bytes at the end; after an error any part of them may be there.
    fn append(&self, bytes: &[u8]) -> io::Result<()>;
    /// After it returns, what was appended survives a power cut.
    fn sync(&self) -> io::Result<()>;
    fn truncate(&self, len: u64) -> io::Result<()>;
}

impl Disk for File {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        (&mut &*self).write_all(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
}

/// The end of a log that entries are appended to, and the index they are applied to.
pub(crate) struct Writer {
    pub(crate) file: PathBuf,
    pub(crate) disk: Box<dyn Disk>,
    pub(crate) index: Index,
    pub(crate) crash: Crash,
    shared: Mutex<Shared>,
    /// Tells those who wait for a sync that one has ended.
    synced: Condvar,
}

struct Shared {
    head: Head,
    len: u64,
    /// Everything up to this entry is durable and applied to the index.
    durable: u64,
    syncing: bool,
    run: Option<Slot>,
    /// Written, but not in the index yet.
    pending: Pending,
    /// Why no more entries are taken.
    failed: Option<JournalError>,
}

impl Writer {
    /// Goes on from `head`, where the log is `len` bytes long, durable and applied to `index`.
    pub(crate) fn new(
        file: PathBuf,
        disk: Box<dyn Disk>,
        index: Index,
        head: Head,
        len: u64,
        crash: Crash,
    ) -> Result<Self> {
        let run = index.get(RUN)?;
        let durable = head.seq;
        let shared = Shared {
            head,
            len,
            durable,
            syncing: false,
            run,
            pending: Pending::default(),
            failed: None,
        };
        Ok(Self {
            file,
            disk,
            index,
            crash,
            shared: Mutex::new(shared),
            synced: Condvar::new(),
        })
    }

    /// Writes an entry of this moment and returns its seq; it becomes durable with the next sync.
    #[cfg(test)]
    pub(crate) fn write(&self, record: &Record) -> Result<u64> {
        self.write_at(clock::now(), record)
    }

    /// Writes what happened `at` that time.
    pub(crate) fn write_at(&self, at: Timestamp, record: &Record) -> Result<u64> {
        let mut shared = self.lock()?;
        if let Some(error) = &shared.failed {
            return Err(error.clone());
        }
        let slot = transition::advance(
            shared.run.as_ref(),
            self.lookup(&shared, record.key())?.as_ref(),
            record,
        )?;
        let (line, head) = shared.head.encode(at, record)?;
        self.crash.before(head.seq);
        if let Err(error) = self.disk.append(line.as_bytes()) {
            // If this does not work either, what was written in part is cut off when the run is resumed.
            let _ = self.disk.truncate(shared.len);
            return Err(self.fail(&mut shared, io_error("append to", &self.file)(error)));
        }
        shared.len += line.len() as u64;
        if record.key() == RUN {
            shared.run = Some(slot.clone());
        }
        let seq = head.seq;
        shared.head = head;
        shared.pending.insert(seq, record.key(), slot);
        Ok(seq)
    }

    /// Returns once entry `seq` and all before it are durable. One of the threads that wait syncs for all of them; who
    /// comes while it does so waits for the next sync, since the one under way may have missed his entry.
    pub(crate) fn settle(&self, seq: u64) -> Result<()> {
        let mut shared = self.lock()?;
        while shared.durable < seq {
            if let Some(error) = &shared.failed {
                return Err(error.clone());
            }
            if shared.syncing {
                shared = self.synced.wait(shared).map_err(|_| self.abandoned())?;
                continue;
            }
            shared = self.sync(shared)?;
        }
        drop(shared);
        self.crash.after(seq);
        Ok(())
    }

    pub(crate) fn len(&self) -> u64 {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.len
    }

    /// Returns what is known of a key. It may be ahead of the disk by what others have written but not settled; that does
    /// no harm, since whatever is made durable because of it makes all before it durable too.
    pub(crate) fn slot(&self, key: &str) -> Result<Option<Slot>> {
        let shared = self.lock()?;
        self.lookup(&shared, key)
    }

    fn sync<'a>(&'a self, mut shared: MutexGuard<'a, Shared>) -> Result<MutexGuard<'a, Shared>> {
        shared.syncing = true;
        let head = shared.head.clone();
        drop(shared);
        let breakdown = Breakdown(self);
        let outcome = self.disk.sync();
        let mut shared = self.lock()?;
        std::mem::forget(breakdown);
        shared.syncing = false;
        self.synced.notify_all();
        if let Err(error) = outcome {
            return Err(self.fail(&mut shared, io_error("sync", &self.file)(error)));
        }
        let slots = shared.pending.take_until(head.seq);
        if let Err(error) = self.index.apply(slots, &head) {
            return Err(self.fail(&mut shared, error));
        }
        shared.durable = head.seq;
        Ok(shared)
    }

    fn lookup(&self, shared: &Shared, key: &str) -> Result<Option<Slot>> {
        let pending = shared.pending.get(key);
        pending.map_or_else(|| self.index.get(key), |slot| Ok(Some(slot.clone())))
    }

    /// Takes no more entries from here on, and says so to those who wait.
    fn fail(&self, shared: &mut Shared, error: JournalError) -> JournalError {
        shared.failed = Some(error.clone());
        self.synced.notify_all();
        error
    }

    fn lock(&self) -> Result<MutexGuard<'_, Shared>> {
        self.shared.lock().map_err(|_| self.abandoned())
    }

    fn abandoned(&self) -> JournalError {
        JournalError::Abandoned {
            file: self.file.clone(),
        }
    }
}

/// Dropped where a sync has no end: what it was to make durable may not be, and nobody may wait for it.
struct Breakdown<'a>(&'a Writer);

impl Drop for Breakdown<'_> {
    fn drop(&mut self) {
        let writer = self.0;
        let mut shared = writer.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.syncing = false;
        writer.fail(&mut shared, writer.abandoned());
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{self, AssertUnwindSafe};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use tempfile::TempDir;

    use super::*;
    use crate::fixture::{intended, noted, run_started, step_finished, step_started, write_log};
    use crate::log;
    use crate::replay::States;

    /// A disk that counts, and that fails when told to.
    #[derive(Default)]
    struct Fake {
        bytes: Mutex<Vec<u8>>,
        /// What has been synced.
        safe: AtomicU64,
        syncs: AtomicU64,
        room: Mutex<Option<usize>>,
        broken: AtomicBool,
        slow: AtomicBool,
        /// A sync breaks down once so many lines are written.
        breakdown: Mutex<Option<usize>>,
    }

    impl Fake {
        fn len(&self) -> usize {
            self.bytes.lock().unwrap().len()
        }

        fn safe(&self) -> usize {
            usize::try_from(self.safe.load(Ordering::SeqCst)).unwrap()
        }
    }

    impl Disk for Arc<Fake> {
        fn append(&self, bytes: &[u8]) -> io::Result<()> {
            let mut all = self.bytes.lock().unwrap();
            let room = self.room.lock().unwrap().unwrap_or(usize::MAX);
            all.extend(&bytes[..bytes.len().min(room)]);
            if bytes.len() > room {
                Err(io::ErrorKind::StorageFull.into())
            } else {
                Ok(())
            }
        }

        fn sync(&self) -> io::Result<()> {
            let len = self.len() as u64;
            let breakdown = *self.breakdown.lock().unwrap();
            if let Some(lines) = breakdown {
                let written = || {
                    let bytes = self.bytes.lock().unwrap();
                    bytes.split(|byte| *byte == b'\n').count() - 1
                };
                while written() < lines {
                    thread::yield_now();
                }
                panic!("the sync breaks down");
            }
            if self.slow.load(Ordering::SeqCst) {
                clock::pause(Duration::from_millis(5));
            }
            if self.broken.load(Ordering::SeqCst) {
                return Err(io::Error::other("the disk is gone"));
            }
            self.safe.fetch_max(len, Ordering::SeqCst);
            self.syncs.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }

        fn truncate(&self, len: u64) -> io::Result<()> {
            self.bytes
                .lock()
                .unwrap()
                .truncate(usize::try_from(len).unwrap());
            Ok(())
        }
    }

    struct Bench {
        writer: Writer,
        disk: Arc<Fake>,
        dir: TempDir,
    }

    impl Bench {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let entries = write_log(dir.path(), Vec::new());
            let file = dir.path().join(log::FILE);
            let disk = Arc::new(Fake::default());
            disk.append(&std::fs::read(&file).unwrap()).unwrap();
            let index =
                Index::open(dir.path(), States::of(&file, &entries).unwrap(), &entries).unwrap();
            let len = disk.len() as u64;
            let writer = Writer::new(
                file,
                Box::new(Arc::clone(&disk)),
                index,
                Head::of(&entries),
                len,
                Crash::Never,
            )
            .unwrap();
            Self { writer, disk, dir }
        }

        fn append(&self, record: &Record) -> Result<u64> {
            let seq = self.writer.write(record)?;
            self.writer.settle(seq).map(|()| seq)
        }

        /// Returns how many entries the bytes on the disk are, once checked.
        fn entries(&self) -> usize {
            std::fs::write(
                self.dir.path().join(log::FILE),
                &*self.disk.bytes.lock().unwrap(),
            )
            .unwrap();
            log::read(self.dir.path()).unwrap().len()
        }
    }

    #[test]
    fn branches_share_syncs_and_each_returns_durable() {
        let bench = Bench::new();
        bench.disk.slow.store(true, Ordering::SeqCst);
        thread::scope(|scope| {
            for branch in 0..8 {
                let bench = &bench;
                scope.spawn(move || {
                    for number in 0..20 {
                        let key = format!("{branch}/{number}");
                        let record = noted(&key);
                        bench.append(&record).unwrap();
                        let bytes = bench.disk.bytes.lock().unwrap()[..bench.disk.safe()].to_vec();
                        assert!(
                            String::from_utf8(bytes)
                                .unwrap()
                                .contains(&format!("\"{key}\""))
                        );
                        assert!(bench.writer.index.get(&key).unwrap().is_some());
                    }
                });
            }
        });
        assert_eq!(bench.entries(), 161);
        let syncs = bench.disk.syncs.load(Ordering::SeqCst);
        assert!((20..=120).contains(&syncs), "{syncs} syncs for 160 entries");
    }

    #[test]
    fn a_lazy_entry_is_seen_at_once_and_durable_with_the_next() {
        let bench = Bench::new();
        bench.writer.write(&step_started("s", 1)).unwrap();
        bench.writer.write(&step_finished("s", 1)).unwrap();
        assert_eq!(bench.disk.syncs.load(Ordering::SeqCst), 0);
        assert!(bench.writer.slot("s").unwrap().is_some());
        assert!(bench.writer.write(&step_started("s", 2)).is_err());
        bench.append(&intended("e", 1)).unwrap();
        assert_eq!(bench.disk.syncs.load(Ordering::SeqCst), 1);
        assert_eq!(bench.disk.safe(), bench.disk.len());
        assert!(bench.writer.index.get("s").unwrap().is_some());
    }

    #[test]
    fn an_illegal_record_writes_nothing_and_breaks_nothing() {
        let bench = Bench::new();
        let before = bench.disk.len();
        for record in [run_started(), step_finished("s", 1), step_started("s", 2)] {
            assert!(matches!(
                bench.append(&record),
                Err(JournalError::Illegal(_))
            ));
        }
        assert_eq!(bench.disk.len(), before);
        assert_eq!(bench.append(&step_started("s", 1)).unwrap(), 2);
    }

    #[test]
    fn after_a_full_disk_nothing_more_is_taken() {
        let bench = Bench::new();
        bench.append(&step_started("s", 1)).unwrap();
        let before = bench.disk.len();
        *bench.disk.room.lock().unwrap() = Some(30);
        let error = bench.append(&intended("e", 1)).unwrap_err();
        assert!(error.to_string().contains("journal.jsonl"), "{error}");
        assert!(
            matches!(&error, JournalError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull)
        );
        assert_eq!(bench.disk.len(), before);
        *bench.disk.room.lock().unwrap() = None;
        assert_eq!(
            bench.append(&noted("n")).unwrap_err().to_string(),
            error.to_string()
        );
        assert_eq!(bench.disk.len(), before);
        assert_eq!(bench.entries(), 2);
        assert!(bench.writer.slot("e").unwrap().is_none());
    }

    /// Those who wait for the sync, and those who come after it.
    #[test]
    fn where_a_sync_breaks_down_nobody_waits_for_it() {
        let bench = Arc::new(Bench::new());
        *bench.disk.breakdown.lock().unwrap() = Some(9);
        let (sender, outcomes) = mpsc::channel();
        for branch in 0..8 {
            let (bench, sender) = (Arc::clone(&bench), sender.clone());
            thread::spawn(move || {
                let append = || bench.append(&noted(&format!("{branch}")));
                let outcome = panic::catch_unwind(AssertUnwindSafe(append));
                sender.send(outcome.map_err(drop)).unwrap();
            });
        }
        let patience = Duration::from_secs(10);
        let outcome = || outcomes.recv_timeout(patience).unwrap();
        let broken = (0..8).filter(|_| outcome().is_err()).count();
        assert_eq!(broken, 1);
        assert!(matches!(
            bench.append(&noted("n")),
            Err(JournalError::Abandoned { .. })
        ));
    }

    #[test]
    fn after_a_failed_sync_nobody_is_told_that_it_worked() {
        let bench = Bench::new();
        bench.disk.slow.store(true, Ordering::SeqCst);
        bench.disk.broken.store(true, Ordering::SeqCst);
        thread::scope(|scope| {
            for branch in 0..8 {
                let bench = &bench;
                scope.spawn(move || bench.append(&noted(&format!("{branch}"))).unwrap_err());
            }
        });
        bench.disk.broken.store(false, Ordering::SeqCst);
        assert!(matches!(
            bench.append(&noted("n")),
            Err(JournalError::Io { action: "sync", .. })
        ));
        assert_eq!(bench.disk.syncs.load(Ordering::SeqCst), 0);
    }
}
