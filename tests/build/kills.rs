//! kill -9 of the build in ways that `rehearse --crash-everywhere` does not try: often, from outside, at both ends.

use std::sync::OnceLock;
use std::thread;

use super::interruption::{Tally, Uninterrupted, in_doubt, outcomes, side_by_side};
use super::{account, arguments, build, killed};
use crate::harness::{Test, tell};

/// So many builds may end before they are killed.
const TRIES: usize = 20;

static UNINTERRUPTED: OnceLock<Uninterrupted> = OnceLock::new();

fn uninterrupted() -> &'static Uninterrupted {
    UNINTERRUPTED.get_or_init(|| {
        let test = Test::new().aws();
        build(&test, &[]).code(0);
        Uninterrupted::of(&test)
    })
}

/// Resumes a killed run to its end.
fn resumed(test: &Test, context: &str) -> Tally {
    let (doubts, done) = (in_doubt(&test.journal()), account::done(test));
    let ended = test.runbook(&["resume", "last"]);
    assert_eq!(ended.code, Some(0), "{context}: {}", ended.stderr);
    let outcomes = outcomes(&test.journal());
    let adopted = doubts
        .iter()
        .filter(|key| outcomes[*key]["settled"] == "adopted")
        .count();
    let mut tally = Tally {
        kills: 1,
        in_doubt: doubts.len(),
        adopted,
        ..Tally::default()
    };
    // A journal that forgets what was done would be found by the requests that did it twice.
    assert!(
        done.keys().all(|(effect, _)| outcomes.contains_key(effect)),
        "{context}: {done:?}"
    );
    uninterrupted().compare(test, context, &mut tally);
    tally
}

#[test]
fn killed_again_and_again_a_build_still_ends_the_same() {
    let tally = side_by_side(vec![14, 31], |stride| {
        let test = Test::new().aws();
        let mut point = stride;
        killed(&test, &format!("after:{point}"), &arguments(&[]));
        let mut tally = Tally {
            kills: 1,
            ..Tally::default()
        };
        loop {
            tally.in_doubt += in_doubt(&test.journal()).len();
            point = test.journal().len() + stride;
            let when = if tally.kills.is_multiple_of(2) {
                "after"
            } else {
                "before"
            };
            let output = test
                .command(&["resume", "last"])
                .env("RUNBOOK_CRASH", format!("{when}:{point}"))
                .output()
                .unwrap();
            if output.status.code().is_some() {
                let said = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(0), "{said}");
                break;
            }
            tally.kills += 1;
            // The entry that it was killed after may have been the last one.
            if test.has_succeeded() {
                break;
            }
        }
        tally.adopted = outcomes(&test.journal())
            .values()
            .filter(|outcome| outcome["settled"] == "adopted")
            .count();
        uninterrupted().compare(&test, &format!("every {stride} entries"), &mut tally);
        tally
    });
    tell(&format!(
        "kill -9 of build.rhai and of each of its resumes: {}",
        tally.figures()
    ));
    assert!(tally.kills >= 20, "{}", tally.kills);
    tally.assert_clean();
}

#[test]
fn killed_from_outside_a_resumed_build_is_the_same() {
    let tally = side_by_side(vec![2, 15, 42, 110, 135, 165], |lines| {
        let test = cut_off_at(lines);
        resumed(&test, &format!("at line {lines}"))
    });
    tell(&format!(
        "kill -9 of build.rhai from outside, then resume: {}",
        tally.figures()
    ));
    tally.assert_clean();
}

/// Builds until the journal has so many lines, and kills it then. One that ends sooner than it is killed is of no use, and
/// another takes its place.
fn cut_off_at(lines: usize) -> Test {
    for _ in 0..TRIES {
        let test = Test::new().aws();
        let mut child = test.spawn(&arguments(&[]));
        while written(&test) < lines && child.try_wait().unwrap().is_none() {
            thread::yield_now();
        }
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        match output.status.code() {
            None if test.has_succeeded() => {}
            None => return test,
            code => assert_eq!(code, Some(0), "{}", String::from_utf8_lossy(&output.stderr)),
        }
    }
    panic!("{TRIES} builds ended before they were killed at line {lines}");
}

/// Returns the number of whole lines in the journal.
fn written(test: &Test) -> usize {
    let Some(run) = test.runs().pop() else {
        return 0;
    };
    std::fs::read_to_string(run.join("journal.jsonl")).map_or(0, |text| text.matches('\n').count())
}

#[test]
fn killed_before_its_first_entry_there_is_no_run() {
    let test = Test::new().aws();
    killed(&test, "before:1", &arguments(&[]));
    assert!(account::changes(&test).is_empty());
    assert!(test.runs().is_empty());
    test.runbook(&["resume", "last"]).code(2);
    build(&test, &[]).code(0);
    let mut tally = Tally::default();
    uninterrupted().compare(&test, "before the first entry", &mut tally);
    tally.assert_clean();
}

#[test]
fn killed_after_its_last_entry_the_run_has_succeeded() {
    let test = Test::new().aws();
    killed(
        &test,
        &format!("after:{}", uninterrupted().journal.len()),
        &arguments(&[]),
    );
    let requests = test.requests();
    let ended = test.runbook(&["resume", "last"]).code(2);
    assert!(ended.stderr.contains("has succeeded"), "{}", ended.stderr);
    assert_eq!(test.requests(), requests);
}
