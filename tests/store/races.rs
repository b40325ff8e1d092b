//! Two processes at one run: one has it, and the other says so at once.

use std::process::Child;
use std::thread;

use super::holder::{Holder, RUN, holds, test};
use crate::harness::{Test, tell};

/// Starts two processes that want the same run, and returns the one that has it once the other has been sent away.
#[track_caller]
fn race(test: &Test, first: Child, second: Child, attempt: u32) -> Holder {
    let (first, second) = (Holder::of(first), Holder::of(second));
    let (winner, loser) = Holder::first_to_end([first, second]);
    let said = loser.code(6).stderr;
    let expected = format!("is live in process {}\n", winner.pid());
    assert!(said.contains(&expected), "{expected}{said}");
    let hint = format!("runbook logs -f {}\n", id(test));
    assert!(said.ends_with(&hint), "{said}");
    winner.until_attempt(test, attempt);
    winner
}

fn id(test: &Test) -> String {
    let run = test.runs().pop().unwrap();
    run.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn of_two_that_resume_at_once_one_does() {
    const RACES: u32 = 25;
    let test = test();
    let mut holder = Holder::of(test.spawn(&RUN));
    holder.until_attempt(&test, 1);
    for attempt in 2..RACES + 2 {
        let resume = || test.spawn(&["resume", "last"]);
        let (first, second) = (resume(), resume());
        // They may look before it is dead, and after.
        holder.kill();
        holder = race(&test, first, second, attempt);
        assert_eq!(holds(&test), attempt, "both have resumed");
    }
    holder.kill();
    tell(&format!(
        "races of two that resume a run whose holder is killed meanwhile: {RACES}, one resumed in each"
    ));
}

#[test]
fn a_run_is_held_from_the_moment_it_has_look_up() {
    for _ in 0..10 {
        let test = test();
        let run = test.spawn(&RUN);
        while test.runs().is_empty() {
            thread::yield_now();
        }
        race(&test, run, test.spawn(&["resume", "last"]), 1).kill();
        assert_eq!(holds(&test), 1);
    }
}
