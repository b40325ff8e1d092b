//! The power is cut: all that is left is what had reached the device. kill -9 does not show a missing fdatasync; this does.

use std::path::Path;

use journal::{Memory, RunId, StateDir};
use serde_json::json;

use super::appender::{Appender, Told};
use super::mount::Mount;
use crate::harness::tell;

const CUTS: u32 = 10;
const BRANCHES: u32 = 3;

#[test]
#[ignore = "needs root, mount, a loop device and mkfs.ext4"]
fn what_was_acknowledged_survives_a_power_cut() {
    let mount = Mount::image();
    let mut appender = Appender::start(&mount.path().join("state"), BRANCHES, &[]);
    assert_eq!(appender.next(), Some(Told::Opening));
    assert_eq!(appender.next(), Some(Told::Opened(1)));
    let mut durable = vec![String::new()];
    for cut in 1..=CUTS {
        check(&mount, &durable);
        appender.go(cut);
        // Each effect is acknowledged twice; after that nothing is under way.
        for _ in 0..cut * BRANCHES * 2 {
            let Some(Told::Durable(seq, key)) = appender.next() else {
                panic!("the process broke off");
            };
            durable.resize(
                durable.len().max(usize::try_from(seq).unwrap()),
                String::new(),
            );
            durable[usize::try_from(seq).unwrap() - 1] = key;
        }
    }
    check(&mount, &durable);
    appender.kill();
    tell(&format!(
        "power cuts of an ext4: {} with up to {} acknowledged entries, none lost",
        CUTS + 1,
        durable.len()
    ));
}

#[test]
#[ignore = "needs root, mount, a loop device and mkfs.ext4"]
fn what_a_tick_has_put_survives_a_power_cut() {
    let mount = Mount::image();
    let state_dir = |mount: &Mount| StateDir::find(Some(&mount.path().join("state"))).unwrap();
    let (memory, _) = Memory::take(&state_dir(&mount), "m", None).unwrap();
    let _ = memory.begin(&RunId::parse("t").unwrap());
    for put in 0..CUTS {
        memory.put("n", Some(&json!(put)));
        memory.settle().unwrap();
        let left = mount.after_a_power_cut();
        let (memory, unread) = Memory::look(&state_dir(&left), "m");
        assert_eq!((memory.get("n"), unread), (Some(json!(put)), None));
    }
}

/// Cuts the power, and looks at what is left: every entry with a key must be there, and the run must open.
fn check(mount: &Mount, durable: &[String]) {
    let left = mount.after_a_power_cut();
    let state = left.path().join("state");
    let keys = keys(&state);
    assert!(
        keys.len() >= durable.len(),
        "{} of {}",
        keys.len(),
        durable.len()
    );
    for (found, expected) in keys.iter().zip(durable) {
        assert!(expected.is_empty() || found == expected, "{expected}");
    }
    let mut appender = Appender::start(&state, 1, &[]);
    assert_eq!(appender.next(), Some(Told::Opening));
    assert_eq!(appender.next(), Some(Told::Opened(keys.len() as u64)));
    appender.kill();
}

fn keys(state: &Path) -> Vec<String> {
    let state_dir = StateDir::find(Some(state)).unwrap();
    let id = state_dir.ids().unwrap().pop().expect("the run is gone");
    let entries = journal::read(&state_dir.run_dir(&id)).unwrap();
    entries
        .iter()
        .map(|entry| entry.record.key().to_owned())
        .collect()
}
