//! Each of the calls that `build.rhai` makes, cut off when AWS had done it and before anything was written down.

use super::account;
use super::interruption::{Tally, Uninterrupted, in_doubt, outcomes, side_by_side};
use super::killed;
use crate::harness::{Test, tell};

/// One call after the other, so that an entry's number says which call it is about.
const CALLS: &str = include_str!("calls.rhai");
const RUN: [&str; 2] = ["run", "calls.rhai"];

fn uninterrupted() -> Uninterrupted {
    let test = Test::new().aws().file("calls.rhai", CALLS);
    test.runbook(&RUN).code(0);
    Uninterrupted::of(&test)
}

#[test]
fn what_aws_did_before_the_kill_is_found_and_not_done_again() {
    let uninterrupted = uninterrupted();
    let classes = uninterrupted.entries("effect_intended");
    let points: Vec<_> = uninterrupted
        .entries("effect_finished")
        .into_iter()
        .map(|(seq, outcome)| {
            let key = outcome["key"].as_str().unwrap();
            let (_, intent) = classes
                .iter()
                .find(|(_, intent)| intent["key"] == key)
                .unwrap();
            (seq, key, intent["class"].as_str().unwrap())
        })
        .collect();
    assert!(points.len() >= 18, "{points:?}");
    let tally = side_by_side(points, |(seq, key, class)| {
        let test = Test::new().aws().file("calls.rhai", CALLS);
        killed(&test, &format!("before:{seq}"), &RUN);
        assert!(
            account::done(&test).keys().any(|(effect, _)| effect == key),
            "{key} was not in flight"
        );
        assert_eq!(
            in_doubt(&test.journal()).into_iter().collect::<Vec<_>>(),
            [key]
        );
        let ended = test.runbook(&["resume", "last"]);
        assert_eq!(ended.code, Some(0), "{key}: {}", ended.stderr);
        // What can be called again is; the rest is looked up, by tag or by its own key.
        let looked_up = class != "idempotent";
        let settled = outcomes(&test.journal())[key]["settled"].clone();
        assert_eq!(
            settled,
            if looked_up { "adopted" } else { "called" },
            "{key}"
        );
        let mut tally = Tally {
            kills: 1,
            in_doubt: 1,
            adopted: usize::from(looked_up),
            ..Tally::default()
        };
        uninterrupted.compare(&test, key, &mut tally);
        tally
    });
    tell(&format!(
        "kill -9 between AWS's doing and the outcome: {}",
        tally.figures()
    ));
    tally.assert_clean();
}

#[test]
fn what_was_never_sent_is_sent_once() {
    let uninterrupted = uninterrupted();
    let points = uninterrupted.entries("effect_intended");
    let tally = side_by_side(points, |(seq, intent)| {
        let test = Test::new().aws().file("calls.rhai", CALLS);
        let key = intent["key"].as_str().unwrap();
        killed(&test, &format!("after:{seq}"), &RUN);
        assert!(
            account::done(&test).keys().all(|(effect, _)| effect != key),
            "{key} was sent before it was recorded"
        );
        let ended = test.runbook(&["resume", "last"]);
        assert_eq!(ended.code, Some(0), "{key}: {}", ended.stderr);
        assert_eq!(outcomes(&test.journal())[key]["settled"], "called", "{key}");
        let mut tally = Tally {
            kills: 1,
            in_doubt: 1,
            ..Tally::default()
        };
        uninterrupted.compare(&test, key, &mut tally);
        tally
    });
    tell(&format!(
        "kill -9 between the intent and the call: {}",
        tally.figures()
    ));
    tally.assert_clean();
}
