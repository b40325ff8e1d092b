//! `runbook cancel`: the owner ends the run and cleans up, or the command does it itself.

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::{Ended, Test};

/// Without AWS: the cleanup writes a line into a file of its own accord, once.
const BOOK: &str = r#"
fn main(params) {
    run::finally(|| {
        run::step("begin", || command::run(#{program: "true"}).exit_code);
        run::sleep("1h");
    }, |outcome| command::run(#{program: "sh", arguments: ["-c", `echo ${outcome.state} >> cleaned`]}));
}
"#;

const PLAIN: &str = r#"fn main(params) { run::step("begin", || 1); run::sleep("1h"); }"#;

fn book(text: &str) -> Test {
    Test::new().file("book.rhai", text)
}

fn cleaned(test: &Test) -> String {
    std::fs::read_to_string(test.path("cleaned")).unwrap_or_default()
}

fn end(test: &Test) -> Value {
    test.journal().pop().unwrap()["record"]["run_ended"]["ending"].clone()
}

/// Leaves a run behind that was killed in its sleep.
fn killed(test: Test, entry: u32) -> Test {
    let crash = format!("after:{entry}");
    let mut command = test.command(&["run", "book.rhai"]);
    let ended: Ended = command.env("RUNBOOK_CRASH", crash).output().unwrap().into();
    assert_eq!(ended.code, None, "{}", ended.stderr);
    test
}

#[test]
fn a_live_run_ends_itself_and_cleans_up() {
    let test = book(BOOK);
    let live = test.live(&["run", "book.rhai"], "sleep: waiting");
    let cancelled = test.runbook(&["cancel", "last", "--why", "wrong zone"]);
    assert_snapshot!(test.stable(&cancelled.code(0).stderr), @"
    asked <run:book> (process <pid>) to end; it finishes the calls under way and cleans up. Ctrl-C ends the waiting, not the cancellation
    <run:book> is cancelled. The run's other resources still exist: runbook undo <run:book> --plan
    ");
    let ended = live.ended().code(130);
    let user = run::identity::signature(None, None).who;
    let told = ended.stderr.replace(&format!("by {user};"), "by <user>;");
    assert_snapshot!(test.stable(&told), @"
    <time> run <run:book>: book.rhai, without AWS
    <time> finally/begin: started
    <time> finally/begin/command.run: done
    <time> finally/begin: done in <duration>
    <time> finally/sleep: waiting, <duration> so far, <duration> left
    <time> warning: cleaning up before the run ends; a second signal leaves the cleanup to a resume
    <time> cleanup: started
    <time> cleanup/command.run: done
    <time> cleanup: done in <duration>
    ✗ <run:book> stopped after <duration>
    error: cancelled by <user>; the cleanup is done and the run has ended
    hint: to see what the run did: runbook show <run:book>
    hint: to delete what the run made: runbook undo <run:book>
    ");
    assert_eq!(cleaned(&test), "cancelled\n");
    assert_eq!(end(&test)["cancelled"]["by"]["why"], "wrong zone");
    let list = test.runbook(&["list"]).code(0).stdout;
    assert!(list.contains("cancelled"), "{list}");
    test.runbook(&["resume", "last"]).code(2);
    let again = test.runbook(&["cancel", "last"]).code(2);
    assert_snapshot!(test.stable(&again.stderr), @"
    error: the run `<run:book>` was cancelled: there is nothing to cancel
    hint:
        runbook show <run:book>
    ");
    assert!(!test.runs()[0].join("cancel").exists());
}

#[test]
fn what_nobody_executes_is_cleaned_up_by_the_command() {
    // 2: the step begins, 3 and 4: its effect, 5: it ends, 6: the sleep begins.
    for entry in 2..=6 {
        let test = killed(book(BOOK), entry);
        let cancelled = test.runbook(&["cancel", "last"]);
        if entry == 3 {
            // A program of which nobody knows whether it ran.
            cancelled.code(4);
            continue;
        }
        cancelled.code(0);
        assert_eq!(cleaned(&test), "cancelled\n", "{entry}");
        assert!(end(&test).get("cancelled").is_some());
        let effects = test
            .journal()
            .iter()
            .filter(|entry| entry["record"].get("effect_intended").is_some())
            .count();
        assert_eq!(effects, if entry == 2 { 1 } else { 2 }, "{entry}");
    }
}

#[test]
fn killed_while_it_cleans_up_the_next_one_goes_on() {
    // 7: cancelled, 8: how the body ended, 9: the cleanup begins.
    for entry in 7..=9 {
        let test = killed(book(BOOK), 6);
        let mut command = test.command(&["cancel", "last"]);
        let crash = format!("after:{entry}");
        let ended: Ended = command.env("RUNBOOK_CRASH", crash).output().unwrap().into();
        assert_eq!(ended.code, None, "{entry}: {}", ended.stderr);
        test.runbook(&["cancel", "last"]).code(0);
        assert_eq!(cleaned(&test), "cancelled\n", "{entry}");
    }
}

#[test]
fn without_a_cleanup_it_is_only_recorded() {
    let test = killed(book(PLAIN), 4);
    test.runbook(&["cancel", "last", "--why", "done by hand"])
        .code(0);
    assert_eq!(end(&test)["cancelled"]["by"]["why"], "done by hand");
    test.runbook(&["resume", "last"]).code(2);
}

#[test]
fn what_has_begun_nothing_is_not_cleaned_up() {
    // The step's name begins as the body's key does. 3: the step ends.
    for (before, entry) in [
        ("run::sleep(\"1h\");", 2),
        ("run::step(\"finally check\", || 1);", 3),
    ] {
        let main = "fn main(params) {";
        let text = BOOK.replace(main, &format!("{main} {before}"));
        let test = killed(book(&text), entry);
        test.runbook(&["cancel", "last"]).code(0);
        assert_eq!(cleaned(&test), "", "{before}");
    }
}

#[test]
fn a_cleanup_that_fails_leaves_the_run_to_be_cancelled_again() {
    let text = BOOK.replace(
        "echo ${outcome.state}",
        "test -e ready && echo ${outcome.state}",
    );
    let test = killed(book(&text), 6);
    let failed = test.runbook(&["cancel", "last"]).code(1);
    assert_snapshot!(test.stable(&failed.stderr), @"
    <time> run <run:book>: book.rhai, without AWS, attempt 2
    <time> finally/begin: reused
    <time> cleanup: started
    <time> cleanup/command.run: refused: CommandFailed: `sh` ended with exit code 1 (command run)
    <time> cleanup: failed after <duration>
    ✗ <run:book> stopped after <duration>
    error: `command.run` failed
    caused by:
      1. CleanupFailed: the cleanup failed: CommandFailed: `sh` ended with exit code 1; before that the run was cancelled
     --> book.rhai:3:10
      |
    3 |     run::finally(|| {
      |          ^
    hint:
        runbook resume <run:book>
    hint:
        runbook cancel <run:book>
    ");
    test.write("ready", "");
    test.runbook(&["cancel", "last"]).code(0);
    assert_eq!(cleaned(&test), "cancelled\n");
}

/// The request that the command itself acts on is there all the while.
#[test]
fn a_script_that_computes_for_long_before_its_cleanup_reaches_it() {
    let main = "fn main(params) {";
    let slow = BOOK.replace(
        main,
        &format!("{main} let sum = 0; for number in 0..3000000 {{ sum += number; }}"),
    );
    let test = killed(book(&slow), 6);
    test.runbook(&["cancel", "last"]).code(0);
    assert_eq!(cleaned(&test), "cancelled\n");
}

#[test]
fn an_ended_or_unknown_run_is_not_cancelled() {
    let test = book("fn main(params) { 1 }");
    test.runbook(&["run", "book.rhai"]).code(0);
    let refused = test.runbook(&["cancel", "last"]).code(2);
    assert_snapshot!(test.stable(&refused.stderr), @"
    error: the run `<run:book>` has succeeded: there is nothing to cancel
    hint:
        runbook undo <run:book> --plan
    ");
    let unknown = test.runbook(&["cancel", "nothing"]).code(2);
    assert_snapshot!(test.stable(&unknown.stderr), @"
    error: no run in `<test>/state/runs` matches `nothing`
    hint:
        runbook show <run:book>
    hint: see all runs: runbook list
    ");
}

#[test]
fn a_resume_is_a_later_decision_than_what_an_owner_did_not_live_to_see() {
    let test = killed(
        book(&PLAIN.replace("run::sleep(\"1h\")", "run::sleep(\"0s\")")),
        3,
    );
    let asked = r#"{"who": "ops", "caller": null, "why": null}"#;
    std::fs::write(test.runs()[0].join("cancel"), asked).unwrap();
    test.runbook(&["resume", "last"]).code(0);
}
