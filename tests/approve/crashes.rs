//! Killed at each entry of the journal, before and after it.

use super::rehearsed::Rehearsal;
use super::{MOVE, by, count, world};
use crate::build::killed;

/// Nobody is asked, as in a rehearsal.
fn entries(rehearsal: &Rehearsal) -> usize {
    let whole = rehearsal.world();
    whole.runbook(&["run", "move.rhai"]).code(0);
    whole.journal().len()
}

#[test]
fn an_answer_is_neither_lost_nor_asked_for_twice() {
    let rehearsal = Rehearsal::of("http://127.0.0.1:1");
    let last = entries(&rehearsal);
    for seq in 2..=last {
        for when in ["before", "after"] {
            let point = format!("{when}:{seq}");
            if point == format!("after:{last}") {
                continue;
            }
            let test = rehearsal.world();
            killed(&test, &point, &["run", "move.rhai"]);
            let answered = count(&test, "\"answered\"");
            let ended = test.runbook(&["resume", "last"]).code(0);
            assert_eq!(ended.stdout, by("rehearsal"), "{point}");
            assert_eq!(
                count(&test, "\"answered\""),
                1,
                "{point}, {answered} before"
            );
        }
    }
}

#[test]
fn a_question_that_was_cut_off_can_be_answered_or_asked_again() {
    let asked = {
        let whole = world(MOVE);
        whole.runbook(&["run", "move.rhai"]).code(3);
        whole.journal().len() - 1
    };
    for point in [
        format!("after:{asked}"),
        format!("before:{}", asked + 1),
        format!("after:{}", asked + 1),
    ] {
        let test = world(MOVE);
        killed(&test, &point, &["run", "move.rhai"]);
        test.runbook(&["resume", "last"]).code(3);
        let test = world(MOVE);
        killed(&test, &point, &["run", "move.rhai"]);
        test.runbook(&["approve", "last"]).code(0);
        test.runbook(&["resume", "last"]).code(0);
        assert_eq!(count(&test, "moved"), 1, "{point}");
    }
}
