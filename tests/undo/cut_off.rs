//! An undo that is killed goes on where it was, and deletes nothing twice.

use super::{UNDO, journal, remaining, undo};
use crate::build::interruption::{Tally, in_doubt, side_by_side};
use crate::build::{account, build, killed};
use crate::ec2;
use crate::harness::{Ended, Test, tell};
use rehearse::matrix::seed;

const SEED: u64 = 7;
const POINTS: u64 = 8;

#[test]
fn an_undo_killed_anywhere_is_taken_up_again() {
    cut_off_anywhere("the OpsWorks build", |test| build(test, &[]));
}

#[test]
fn an_undo_of_a_build_on_ec2_killed_anywhere_is_taken_up_again() {
    cut_off_anywhere("the EC2 build", |test| ec2::build(test, &[]));
}

fn cut_off_anywhere(what: &str, build: impl Fn(&Test) -> Ended + Sync) {
    let whole = Test::new().aws();
    build(&whole).code(0);
    let built = whole.journal().len() as u64;
    undo(&whole).code(0);
    let entries = whole.journal().len() as u64 - built;
    let points = (0..POINTS).map(|number| {
        let chosen = seed::number(SEED, &format!("{what} {number}"));
        let when = if chosen.is_multiple_of(2) {
            "after"
        } else {
            "before"
        };
        (when, 1 + (chosen / 2) % (entries - 1))
    });
    let tally = side_by_side(points.collect(), |(when, entry)| {
        let test = Test::new().aws();
        build(&test).code(0);
        let point = format!("{when}:{}", test.journal().len() as u64 + entry);
        killed(&test, &point, &UNDO);
        let (doubts, status) = (in_doubt(&journal(&test)).len(), status(&test));
        assert!(
            entry == 1 && when == "before" || status == "undoing",
            "{point}: {status}"
        );
        taken_up(&test, &point, doubts)
    });
    tell(&format!(
        "undo of {what} killed at {POINTS} points and repeated: {} in doubt before, {} after, {} deleted twice, {} left",
        tally.in_doubt,
        tally.adopted,
        tally.doubled.len(),
        tally.missing.len()
    ));
    tally.assert_clean();
    assert_eq!(tally.adopted, 0, "effects that are still in doubt");
}

fn taken_up(test: &Test, point: &str, doubts: usize) -> Tally {
    let ended = undo(test);
    assert_eq!(
        ended.code,
        Some(0),
        "{point}: {}\n{}",
        ended.stdout,
        ended.stderr
    );
    assert_eq!(status(test), "undone");
    let left = remaining(test);
    Tally {
        kills: 1,
        in_doubt: doubts,
        adopted: in_doubt(&journal(test)).len(),
        doubled: twice(test, point),
        missing: left.iter().map(|one| format!("{point}: {one}")).collect(),
    }
}

fn status(test: &Test) -> String {
    let listed = test.runbook(&["list", "--output", "json"]).code(0).json();
    listed["status"].as_str().unwrap().to_owned()
}

/// Returns the deletions that AWS carried out more than once.
fn twice(test: &Test, point: &str) -> Vec<String> {
    let done = account::done(test);
    let undone = done
        .iter()
        .filter(|((key, _), _)| key.starts_with("[undo]"));
    let again = undone.filter(|(_, times)| **times > 1);
    again
        .map(|(call, times)| format!("{point}: {call:?} {times} times"))
        .collect()
}
