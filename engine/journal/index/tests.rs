use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::process::Command;

use super::*;
use crate::fixture::{Random, effects, write_log};

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
        for (key, slot) in expected.slots() {
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

/// Returns whether checkpoints that were tampered with are made anew.
fn rebuilds_after(trick: impl Fn(&Db)) -> bool {
    let run = Run::new(5, 4);
    let db = database::open(&run.dir.path().join(DIR), SEGMENT).unwrap();
    trick(&db);
    drop(db);
    run.elsewhere().rebuilds()
}

#[test]
fn a_key_that_is_gone_or_changed_is_put_right() {
    let key = || slot_key("effect-0");
    assert!(!rebuilds_after(|db| drop(
        db.remove(key()).unwrap().unwrap()
    )));
    assert!(!rebuilds_after(|db| drop(db.insert(key(), "{}").unwrap())));
}

#[test]
fn is_made_anew_where_a_key_is_added() {
    assert!(rebuilds_after(|db| drop(
        db.insert(slot_key("effect-9"), "{}").unwrap()
    )));
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
