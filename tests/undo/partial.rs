//! Builds that were cut off are undone: nothing of them is left.

use super::{journal, remaining, undo};
use crate::build::interruption::{Tally, in_doubt, side_by_side};
use crate::build::{arguments, build, killed};
use crate::harness::{Test, tell};
use runbook::rehearse::matrix::seed;

const SEED: u64 = 5;
const POINTS: u64 = 10;

#[test]
fn builds_cut_off_anywhere_are_undone() {
    let whole = Test::new().aws();
    build(&whole, &[]).code(0);
    let entries = whole.journal().len() as u64;
    let points = (0..POINTS).map(|number| {
        let chosen = seed::number(SEED, &number.to_string());
        let when = if chosen.is_multiple_of(2) {
            "after"
        } else {
            "before"
        };
        format!("{when}:{}", 2 + (chosen / 2) % (entries - 2))
    });
    let tally = side_by_side(points.collect(), |point| {
        let test = Test::new().aws();
        killed(&test, &point, &arguments(&[]));
        let doubts = in_doubt(&journal(&test)).len();
        let ended = undo(&test);
        assert_eq!(
            ended.code,
            Some(0),
            "{point}: {}\n{}",
            ended.stdout,
            ended.stderr
        );
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
        "undo of builds killed at {POINTS} points: {} in doubt before, {} after, {} left",
        tally.in_doubt,
        tally.adopted,
        tally.doubled.len()
    ));
    tally.assert_clean();
    assert_eq!(tally.adopted, 0, "effects that are still in doubt");
    assert!(tally.in_doubt > 0, "none was in doubt");
}
