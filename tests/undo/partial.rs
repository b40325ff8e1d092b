//! Builds that were cut off are undone: nothing of them is left.

use super::{journal, remaining, undo};
use crate::build::interruption::{Tally, in_doubt, side_by_side};
use crate::build::{arguments, killed};
use crate::ec2;
use crate::harness::{Test, tell};
use rehearse::matrix::seed;

const POINTS: u64 = 10;

#[test]
fn builds_on_opsworks_cut_off_anywhere_are_undone() {
    let tally = cut_off_and_undone("OpsWorks", &arguments(&[]), 5);
    assert!(tally.in_doubt > 0, "none was in doubt");
}

#[test]
fn builds_on_ec2_cut_off_anywhere_are_undone() {
    cut_off_and_undone("EC2", &ec2::ARGUMENTS, 11);
}

#[track_caller]
fn cut_off_and_undone(compute: &str, arguments: &[&str], seed: u64) -> Tally {
    let tally = side_by_side(points(arguments, seed), |point| {
        let test = Test::new().aws();
        killed(&test, &point, arguments);
        let doubts = in_doubt(&journal(&test)).len();
        let ended = undo(&test);
        let told = format!("{point}: {}\n{}", ended.stdout, ended.stderr);
        assert_eq!(ended.code, Some(0), "{told}");
        let left = remaining(&test);
        Tally {
            kills: 1,
            in_doubt: doubts,
            adopted: in_doubt(&journal(&test)).len(),
            doubled: left.iter().map(|one| format!("{point}: {one}")).collect(),
            ..Tally::default()
        }
    });
    tell(&format!(
        "undo of {compute} builds killed at {POINTS} points: {} in doubt before, {} after, {} left",
        tally.in_doubt,
        tally.adopted,
        tally.doubled.len()
    ));
    tally.assert_clean();
    assert_eq!(tally.adopted, 0, "effects that are still in doubt");
    tally
}

/// Chooses entries of a whole build, before or after which it is killed.
fn points(arguments: &[&str], seed: u64) -> Vec<String> {
    let whole = Test::new().aws();
    whole.runbook(arguments).code(0);
    let entries = whole.journal().len() as u64;
    let points = (0..POINTS).map(|number| {
        let chosen = seed::number(seed, &number.to_string());
        let when = if chosen.is_multiple_of(2) {
            "after"
        } else {
            "before"
        };
        format!("{when}:{}", 2 + (chosen / 2) % (entries - 2))
    });
    points.collect()
}
