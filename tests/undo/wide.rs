//! Everything that plain EC2 makes: instances, addresses, interfaces, groups that refer to each other.

use super::{remaining, undo};
use crate::build::interruption::{Tally, side_by_side};
use crate::build::killed;
use crate::harness::{Test, tell};

const WIDE: &str = include_str!("wide.rhai");
const RUN: [&str; 2] = ["run", "wide.rhai"];

#[test]
fn all_kinds_of_things_are_undone() {
    let test = Test::new().aws().file("wide.rhai", WIDE);
    test.runbook(&RUN).code(0);
    let ended = undo(&test);
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    assert!(remaining(&test).is_empty(), "{:?}", remaining(&test));
}

#[test]
fn cut_off_at_every_third_entry_nothing_is_left() {
    let whole = Test::new().aws().file("wide.rhai", WIDE);
    whole.runbook(&RUN).code(0);
    let points: Vec<usize> = (2..whole.journal().len()).step_by(3).collect();
    let tally = side_by_side(points, |entry| {
        let test = Test::new().aws().file("wide.rhai", WIDE);
        let when = if entry % 2 == 0 { "before" } else { "after" };
        killed(&test, &format!("{when}:{entry}"), &RUN);
        let ended = undo(&test);
        assert_eq!(
            ended.code,
            Some(0),
            "{entry}: {}\n{}",
            ended.stdout,
            ended.stderr
        );
        let left = remaining(&test);
        Tally {
            kills: 1,
            missing: left
                .iter()
                .map(|one| format!("{when} {entry}: {one}"))
                .collect(),
            ..Tally::default()
        }
    });
    tell(&format!(
        "undo of wide.rhai cut off: {} points, {} left",
        tally.kills,
        tally.missing.len()
    ));
    tally.assert_clean();
}
