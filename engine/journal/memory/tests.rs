use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;
use crate::fixture::Site;

fn take(site: &Site) -> Memory {
    let (memory, loss) = begun(site);
    assert_eq!(loss, None);
    memory
}

/// A memory in which a tick has begun.
fn begun(site: &Site) -> (Memory, Option<Loss>) {
    let (memory, loss) = Memory::take(&site.state_dir, "m", None).unwrap();
    let _ = memory.begin(&id("t"));
    (memory, loss)
}

fn id(text: &str) -> RunId {
    RunId::parse(text).unwrap()
}

fn dir(site: &Site) -> PathBuf {
    site.state_dir.ticks_dir().join("m")
}

/// Every file below `dir` with its content.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all.sort();
    all
}

fn state(dir: &Path) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
    let of = |path: PathBuf| {
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        (path.clone(), fs::read(path).unwrap(), modified)
    };
    files(dir).into_iter().map(of).collect()
}

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in files(from) {
        let to = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(path, to).unwrap();
    }
}

/// A memory that holds `n` and a note of a run, let go of.
fn written(site: &Site) {
    let memory = take(site);
    memory.put("n", Some(&json!({"count": 3, "since": [1.5, "x", null]})));
    memory.put("gone", Some(&json!(1)));
    memory.settle().unwrap();
    memory.put("gone", None);
    memory.set_run(Some(&id("r")));
    memory.settle().unwrap();
}

#[test]
fn what_is_put_lasts_and_what_is_removed_is_gone() {
    let site = Site::new();
    written(&site);
    let memory = take(&site);
    assert_eq!(
        memory.get("n"),
        Some(json!({"count": 3, "since": [1.5, "x", null]}))
    );
    assert_eq!(memory.get("gone"), None);
    assert_eq!(memory.run(), Some(id("r")));
    assert_eq!(memory.get("run"), None, "a script's keys are its own");
}

#[test]
fn what_is_not_settled_is_forgotten() {
    let site = Site::new();
    written(&site);
    let memory = take(&site);
    memory.put("n", None);
    drop(memory);
    assert!(take(&site).get("n").is_some());
}

#[test]
fn reading_changes_no_file_and_neither_does_putting_the_same() {
    let site = Site::new();
    written(&site);
    let before = state(&dir(&site));
    for _ in 0..3 {
        let memory = take(&site);
        let n = memory.get("n");
        memory.put("n", None);
        memory.put("n", n.as_ref());
        memory.settle().unwrap();
        let (looked, problem) = Memory::look(&site.state_dir, "m");
        assert_eq!(problem, None);
        looked.put("n", Some(&json!(0)));
        looked.settle().unwrap();
    }
    assert_eq!(state(&dir(&site)), before);
}

#[test]
fn looking_at_nothing_makes_nothing() {
    let site = Site::new();
    let (memory, problem) = Memory::look(&site.state_dir, "m");
    assert_eq!((memory.get("n"), problem), (None, None));
    assert!(!site.state_dir.path().exists());
}

/// What is on disk when `settle` returns is all there is after a kill.
#[test]
fn each_settled_state_is_whole_on_disk_while_it_is_held() {
    let site = Site::new();
    let memory = take(&site);
    for count in 0..40 {
        memory.put("count", Some(&json!(count)));
        memory.put(
            &format!("key {}", count % 7),
            Some(&json!("x".repeat(count * 20))),
        );
        memory.settle().unwrap();
        let cut = Site::new();
        copy(&dir(&site), &dir(&cut));
        let (read, loss) = begun(&cut);
        assert_eq!((read.get("count"), loss), (Some(json!(count)), None));
        read.put("more", Some(&json!(true)));
        read.settle().unwrap();
    }
}

#[test]
fn a_lock_that_is_held_names_its_holder() {
    let site = Site::new();
    let _memory = take(&site);
    let error = Memory::take(&site.state_dir, "m", None).err().unwrap();
    let JournalError::TickLive { pid, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(pid, Some(std::process::id()));
}

#[test]
fn no_damage_stops_a_tick_or_goes_unnoticed() {
    let site = Site::new();
    written(&site);
    let bytes = fs::read(dir(&site).join("memory")).unwrap();
    let damages = damages(&bytes);
    assert!(damages.len() > 20);
    for damage in damages {
        let hurt = Site::new();
        copy(&dir(&site), &dir(&hurt));
        let path = dir(&hurt).join("memory");
        match &damage {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let (memory, loss) = begun(&hurt);
        let loss = loss.unwrap();
        assert_eq!((memory.get("n"), memory.run()), (None, None));
        assert_eq!(fs::read(loss.aside.join("memory")).ok(), damage);
        memory.put("n", Some(&json!(1)));
        memory.settle().unwrap();
        drop(memory);
        assert_eq!(take(&hurt).get("n"), Some(json!(1)));
    }
}

/// Cut short, cut to nothing, gone, zeroed, and one byte changed here and there.
fn damages(bytes: &[u8]) -> Vec<Option<Vec<u8>>> {
    let mut damages = vec![None, Some(Vec::new()), Some(vec![0; bytes.len()])];
    for at in (0..bytes.len()).step_by(bytes.len() / 12 + 1) {
        damages.push(Some(bytes[..at].to_vec()));
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 0x40;
        damages.push(Some(flipped));
    }
    damages
}

#[test]
fn a_memory_that_is_gone_is_a_loss_once_it_was_written() {
    let site = Site::new();
    written(&site);
    fs::remove_file(dir(&site).join("memory")).unwrap();
    let (_, unread) = Memory::look(&site.state_dir, "m");
    assert_eq!(unread.unwrap(), "it is gone");
    let (memory, loss) = Memory::take(&site.state_dir, "m", None).unwrap();
    assert_eq!(loss.unwrap().problem, "it is gone");
    drop(memory);
    drop(take(&site));
}

#[test]
fn where_writing_has_failed_the_next_one_holds_everything() {
    let site = Site::new();
    written(&site);
    let memory = take(&site);
    let file = dir(&site).join("memory");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    memory.put("m", Some(&json!(2)));
    memory.settle().unwrap_err();
    fs::remove_dir(&file).unwrap();
    memory.settle().unwrap();
    drop(memory);
    let memory = take(&site);
    assert!(memory.get("n").is_some());
    assert_eq!(memory.get("m"), Some(json!(2)));
}

#[test]
fn an_unfinished_write_is_passed_over_and_replaced() {
    let site = Site::new();
    written(&site);
    let whole = fs::read(dir(&site).join("memory")).unwrap();
    let unfinished = dir(&site).join("memory.new");
    fs::write(&unfinished, &whole[..whole.len() / 2]).unwrap();
    let memory = take(&site);
    assert!(memory.get("n").is_some());
    memory.put("m", Some(&json!(2)));
    memory.settle().unwrap();
    drop(memory);
    assert_eq!(take(&site).get("m"), Some(json!(2)));
    assert!(!unfinished.exists());
}

#[test]
fn an_owner_is_the_same_however_it_is_typed() {
    let folder = tempfile::tempdir().unwrap();
    let runbook = folder.path().join("Heart Beat.rhai");
    let site = folder.path().join("tokyo.toml");
    fs::write(&runbook, "").unwrap();
    fs::write(&site, "").unwrap();
    let name = Owner::of(&runbook, std::slice::from_ref(&site))
        .unwrap()
        .name();
    let (stems, digest) = name.rsplit_once('-').unwrap();
    assert_eq!((stems, digest.len()), ("heart-beat-tokyo", 8));
    let link = folder.path().join("link.rhai");
    std::os::unix::fs::symlink(&runbook, &link).unwrap();
    assert_eq!(Owner::of(&link, &[site]).unwrap().name(), name);
    assert_ne!(Owner::of(&runbook, &[]).unwrap().name(), name);
}

#[test]
fn a_tick_that_is_resumed_sees_what_it_began_with_and_its_own_puts() {
    let site = Site::new();
    written(&site);
    let memory = take(&site);
    let held = memory.begin(&id("first"));
    memory.put("n", Some(&json!(4)));
    memory.settle().unwrap();
    drop(memory);
    let memory = take(&site);
    assert!(memory.go_on(&id("first"), &held));
    assert_eq!(memory.get("n").unwrap()["count"], 3);
    memory.put("n", Some(&json!(5)));
    assert_eq!(memory.get("n"), Some(json!(5)));
    memory.settle().unwrap();
    drop(memory);
    assert_eq!(take(&site).get("n"), Some(json!(5)));
}

#[test]
fn what_a_resumed_tick_puts_does_not_replace_what_a_later_one_has_put() {
    let site = Site::new();
    written(&site);
    let memory = take(&site);
    let held = memory.begin(&id("first"));
    memory.put("n", Some(&json!(4)));
    memory.settle().unwrap();
    let _ = memory.begin(&id("second"));
    memory.put("n", Some(&json!(5)));
    memory.settle().unwrap();
    drop(memory);
    let memory = take(&site);
    assert!(!memory.go_on(&id("first"), &held));
    memory.put("n", Some(&json!(4)));
    assert_eq!(memory.get("n"), Some(json!(4)));
    memory.set_run(None);
    memory.settle().unwrap();
    drop(memory);
    let memory = take(&site);
    assert_eq!((memory.get("n"), memory.run()), (Some(json!(5)), None));
}
