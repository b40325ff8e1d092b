use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::fixture::{
    Site, effect_finished, effects, intended, run_ended, run_resumed, started, step_finished,
    step_started,
};
use crate::state::{Effect, EffectState};
use base::report::Report;

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
    assert_eq!(Report::from(error).exit, base::exit::Exit::Live);
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
