//! A journal that lost its end, its index or its sense.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::interruption::{Tally, Uninterrupted, side_by_side};
use super::{arguments, build, killed};
use crate::harness::{Test, tell};

/// Thirty steps, each with a value that it alone knows.
const NOTES: &str = "
fn main(params) {
    let notes = [];
    for number in 0..30 { notes.push(run::step(\"note\", number, || run::uuid())); }
    notes
}
";

/// After the twentieth step's last entry.
const KILL: &str = "after:61";
const PAGE: usize = 4096;

fn notes() -> Test {
    let test = Test::new().file("notes.rhai", NOTES);
    killed(&test, KILL, &["run", "notes.rhai"]);
    test
}

fn journal(run: &Path) -> PathBuf {
    run.join("journal.jsonl")
}

/// Gives another test the same interrupted run.
fn copy_of(test: &Test) -> Test {
    let copy = Test::new();
    copy_folder(&test.state_dir(), &copy.state_dir());
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
    fs::set_permissions(to, from.metadata().unwrap().permissions()).unwrap();
}

/// Returns what the finished steps returned, by key.
fn values(journal: &[u8]) -> Vec<(String, String)> {
    let lines = journal
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let entries = lines.map(|line| serde_json::from_slice::<Value>(line).unwrap());
    let finished = entries.filter_map(|entry| entry["record"].get("step_finished").cloned());
    finished
        .map(|step| (step["key"].to_string(), step["value"].to_string()))
        .collect()
}

/// Resumes and expects what was recorded before to be the beginning of what there is after.
fn resumes_with(test: &Test, kept: &[(String, String)], context: &str) {
    let ended = test.runbook(&["resume", "last"]);
    assert_eq!(ended.code, Some(0), "{context}: {}", ended.stderr);
    let found = values(&fs::read(journal(&test.runs()[0])).unwrap());
    assert_eq!(found.len(), 30, "{context}");
    assert_eq!(&found[..kept.len()], kept, "{context}");
    let result = ended.json();
    let told: Vec<String> = result
        .as_array()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        found
            .into_iter()
            .map(|(_, value)| value)
            .collect::<Vec<_>>(),
        "{context}"
    );
}

#[test]
fn a_journal_that_ends_anywhere_in_an_entry_is_resumed() {
    let test = notes();
    let text = fs::read(journal(&test.runs()[0])).unwrap();
    let start = text[..text.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    let seed = uuid::Uuid::new_v4().as_u128();
    let kept = values(&text);
    assert_eq!(kept.len(), 20);
    let cuts = (0..50)
        .map(|turn| (turn, start + offset(seed, turn, text.len() - start - 1)))
        .collect();
    let tally = side_by_side(cuts, |(turn, cut): (u32, usize)| {
        let copy = copy_of(&test);
        tear(&journal(&copy.runs()[0]), &text[start..cut]);
        resumes_with(
            &copy,
            &kept,
            &format!("seed {seed}, cut {turn} at byte {cut}"),
        );
        Tally {
            kills: 1,
            ..Tally::default()
        }
    });
    tell(&format!(
        "journal.jsonl with {} beginnings of one more entry, then resumed (seed {seed})",
        tally.kills
    ));
}

/// Leaves the beginning of an entry behind, as a process does that is cut off in writing it.
fn tear(journal: &Path, beginning: &[u8]) {
    let mut file = fs::OpenOptions::new().append(true).open(journal).unwrap();
    file.write_all(beginning).unwrap();
}

/// Returns a length below `length`: a whole entry that lacks only its newline is no torn one.
fn offset(seed: u128, turn: u32, length: usize) -> usize {
    let mixed = (seed.rotate_left(turn * 7) ^ u128::from(turn))
        .wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    usize::try_from((mixed >> 64) % u128::try_from(length).unwrap()).unwrap()
}

/// What happens to the folder of the checkpoints, by name.
type Damage = (&'static str, fn(&Path));

/// Ways for the index to be lost.
const LOSSES: [Damage; 4] = [
    ("deleted", |folder| fs::remove_dir_all(folder).unwrap()),
    ("emptied", |folder| each_file(folder, &|_| Vec::new())),
    ("with zeroed first pages", |folder| {
        each_file(folder, &|text| {
            let mut text = text.to_vec();
            let end = text.len().min(PAGE);
            text[..end].fill(0);
            text
        });
    }),
    ("with a flipped bit in each file", |folder| {
        each_file(folder, &|text| {
            let mut text = text.to_vec();
            let middle = text.len() / 2;
            if let Some(byte) = text.get_mut(middle) {
                *byte ^= 1;
            }
            text
        });
    }),
];

fn each_file(folder: &Path, change: &dyn Fn(&[u8]) -> Vec<u8>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_file(&path, change);
        } else {
            let changed = change(&fs::read(&path).unwrap());
            fs::write(&path, changed).unwrap();
        }
    }
}

#[test]
fn a_lost_index_is_made_anew_from_the_journal() {
    let test = notes();
    let all = values(&fs::read(journal(&test.runs()[0])).unwrap());
    for (loss, lose) in LOSSES {
        let copy = copy_of(&test);
        lose(&copy.runs()[0].join("checkpoints"));
        resumes_with(&copy, &all, loss);
    }
}

#[test]
fn a_build_that_lost_its_index_or_was_cut_off_in_an_entry_ends_the_same() {
    let plain = Test::new().aws();
    build(&plain, &[]).code(0);
    let uninterrupted = Uninterrupted::of(&plain);
    let outcomes = uninterrupted.entries("effect_finished");
    let torn: fn(&Path) = |folder| tear(&journal(folder.parent().unwrap()), b"{\"v\":1,\"seq\":");
    let damages = LOSSES.into_iter().chain([("beside a torn journal", torn)]);
    // By turns after the first outcome, one of the middle, and one of OpsWorks.
    let points = damages
        .enumerate()
        .map(|(turn, damage)| (outcomes[[0, 9, 15, 14, 16][turn]].0, damage))
        .collect();
    let tally = side_by_side(points, |(seq, (damage, harm)): (u64, Damage)| {
        let test = Test::new().aws();
        killed(&test, &format!("after:{seq}"), &arguments(&[]));
        harm(&test.runs()[0].join("checkpoints"));
        let ended = test.runbook(&["resume", "last"]);
        assert_eq!(ended.code, Some(0), "{damage}: {}", ended.stderr);
        let mut tally = Tally {
            kills: 1,
            ..Tally::default()
        };
        uninterrupted.compare(
            &test,
            &format!("checkpoints {damage} after entry {seq}"),
            &mut tally,
        );
        tally
    });
    tell(&format!(
        "build.rhai killed and its checkpoints or journal damaged, then resumed: {}",
        tally.figures()
    ));
    tally.assert_clean();
}

#[test]
fn a_changed_byte_in_the_middle_is_refused_with_its_line() {
    let test = Test::new().aws();
    killed(&test, "after:60", &arguments(&[]));
    let path = journal(&test.runs()[0]);
    let sound = fs::read(&path).unwrap();
    let requests = test.requests();
    for line in [1, 2, 6, 31, 59] {
        let start = sound
            .split_inclusive(|byte| *byte == b'\n')
            .take(line - 1)
            .map(<[u8]>::len)
            .sum::<usize>();
        let mut text = sound.clone();
        text[start + 30] ^= 1;
        fs::write(&path, &text).unwrap();
        let ended = test.runbook(&["resume", "last"]);
        assert!(matches!(ended.code, Some(1 | 2)), "line {line}: {ended:?}");
        assert!(
            ended.stderr.contains(&format!("line {line}")),
            "line {line}: {}",
            ended.stderr
        );
        assert_eq!(
            fs::read(&path).unwrap(),
            text,
            "line {line}: the journal was touched"
        );
        assert_eq!(test.requests(), requests, "line {line}: AWS was asked");
    }
    fs::write(&path, &sound).unwrap();
    test.runbook(&["resume", "last"]).code(0);
}
