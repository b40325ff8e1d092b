//! Without a terminal: the run ends, somebody answers, it is resumed.

use insta::assert_snapshot;
use serde_json::Value;

use super::{MOVE, by, count, user, world};
use crate::harness::Test;

fn waiting(script: &str) -> Test {
    let test = world(script);
    test.runbook(&["run", "move.rhai"]).code(3);
    test
}

fn stable(test: &Test, text: &str) -> String {
    let host = rustix::system::uname();
    let host = host.nodename().to_string_lossy().into_owned();
    test.stable(text)
        .replace(&format!("on {host}"), "on <host>")
        .replace(&format!("by {} on", user()), "by <user> on")
}

#[test]
fn it_says_what_is_asked_and_what_to_type() {
    let test = world(MOVE);
    let ended = test.runbook(&["run", "move.rhai"]).code(3);
    assert_eq!(ended.stdout, "");
    assert_snapshot!(test.stable(&ended.stderr), @"
    <time> run <run:move>: move.rhai, without AWS
    <time> look: started
    <time> look: looked
    <time> look: done in <duration>
    <time> run.approve: asks for approval: Move the traffic of az1?; from  i-1; to    i-2
    … <run:move> waits after <duration>
    waiting: `Move the traffic of az1?` needs an approval
      from: i-1
      to: i-2
    hint: to approve: runbook approve <run:move>
    hint: to refuse: runbook approve <run:move> --deny --why TEXT
    hint: then, or to answer at a terminal: runbook resume <run:move>
    ");
    assert_eq!(count(&test, "moved"), 0);
    let listed = test.runbook(&["list"]).code(0).stdout;
    assert!(listed.contains("waiting"), "{listed}");
}

/// Neither the question nor the step around it is a failure, or was cut off.
#[test]
fn what_waits_is_shown_as_waiting() {
    let asking = "fn main(params) { run::step(\"move\", || { run::approve(\"Move it?\"); }); }";
    let test = waiting(asking);
    let shown = test.runbook(&["show"]).code(0).stdout;
    assert!(
        !shown.contains('✗') && !shown.contains("interrupted"),
        "{shown}"
    );
    let (_, steps) = shown.split_once("\nsteps\n").unwrap();
    let steps: Vec<&str> = steps.lines().take(2).collect();
    assert_snapshot!(steps.join("\n"), @"
      …          move  waiting
      …            asks: Move it?
    ");
    let shown = test.runbook(&["show", "--output", "json"]).code(0).json();
    assert_eq!(shown["steps"][0]["state"], "waiting");
    let ended = test
        .runbook(&["run", "move.rhai", "--output", "json"])
        .code(3);
    let ended = ended
        .stdout
        .lines()
        .find(|line| line.contains("run_ended"))
        .unwrap();
    assert!(ended.contains("\"waits\":true"), "{ended}");
    let ended = test
        .runbook(&["run", "move.rhai", "--output", "syslog"])
        .code(3)
        .stderr;
    assert!(
        !ended.contains("error") && ended.contains(": waits after "),
        "{ended}"
    );
}

#[test]
fn an_approval_is_recorded_with_who_gave_it_and_the_run_goes_on() {
    let test = waiting(MOVE);
    let answered = test.runbook(&["approve", "last", "--why", "agreed with the network team"]);
    let answered = answered.code(0);
    assert_snapshot!(stable(&test, &answered.stdout), @"
    run.approve: approved, by <user> on <host>: agreed with the network team
    next: runbook resume <run:move>
    ");
    assert_eq!(count(&test, "moved"), 0, "only a resume goes on");
    let listed = test.runbook(&["list"]).code(0).stdout;
    assert!(listed.contains("waiting"), "{listed}");
    let shown = test.runbook(&["show", "last"]).code(0).stdout;
    assert!(
        shown.contains(&format!("approved, by {} on ", user())),
        "{shown}"
    );
    assert!(shown.contains("resume"), "{shown}");
    let ended = test.runbook(&["resume", "last"]).code(0);
    assert_eq!(ended.stdout, by("command"));
    assert_eq!((count(&test, "looked"), count(&test, "moved")), (1, 1));
    let told = test.runbook(&["logs", "last"]).code(0).stdout;
    assert!(
        told.contains("run.approve: asks for approval: Move the traffic of az1?"),
        "{told}"
    );
    assert!(told.contains("agreed with the network team"), "{told}");
}

#[test]
fn a_refusal_ends_the_run_and_the_next_resume_asks_again() {
    let test = waiting(MOVE);
    test.runbook(&["approve", "last", "--deny", "--why", "not on a Friday"])
        .code(0);
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert!(
        ended
            .stderr
            .contains("did not approve `Move the traffic of az1?`: not on a Friday"),
        "{}",
        ended.stderr
    );
    assert_eq!(
        count(&test, "NotApproved"),
        2,
        "of the question and of the run"
    );
    assert_eq!(count(&test, "moved"), 0);
    test.runbook(&["resume", "last"]).code(3);
    test.runbook(&["approve", "last"]).code(0);
    test.runbook(&["resume", "last"]).code(0);
    assert_eq!(count(&test, "moved"), 1);
}

#[test]
fn a_refusal_that_the_script_went_past_stays_one() {
    let script = r#"
        fn main(params) {
            let code = "none";
            try { run::approve("go?") } catch (error) { code = error.code; }
            run::step("after", || ());
            run::approve("and now?");
            code
        }
    "#;
    let test = waiting(script);
    test.runbook(&["approve", "last", "--deny"]).code(0);
    test.runbook(&["resume", "last"]).code(3);
    assert_eq!(count(&test, "go?"), 2, "asked, and its refusal");
    test.runbook(&["approve", "last"]).code(0);
    let ended = test.runbook(&["resume", "last"]).code(0);
    assert_eq!(ended.stdout, "\"NotApproved\"\n");
}

#[test]
fn another_question_than_was_approved_is_asked() {
    let test = waiting(MOVE);
    test.runbook(&["approve", "last"]).code(0);
    test.write("move.rhai", &MOVE.replace("of az1", "of az2"));
    let ended = test.runbook(&["resume", "last", "--edited"]).code(3);
    assert!(ended.stderr.contains("of az2"), "{}", ended.stderr);
    test.write(
        "move.rhai",
        &MOVE.replace("of az1", "of az2").replace("i-2", "i-3"),
    );
    test.runbook(&["approve", "last"]).code(0);
    let ended = test.runbook(&["resume", "last", "--edited"]);
    assert_eq!(ended.code(0).stdout, by("command"), "details may differ");
}

#[test]
fn a_program_is_told_in_events() {
    let test = world(MOVE);
    let ended = test
        .runbook(&["run", "move.rhai", "--output", "json"])
        .code(3);
    let events: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let asked = events
        .iter()
        .find(|it| it["event"] == "approval_asked")
        .unwrap();
    assert_eq!(asked["key"], "run.approve");
    assert_eq!(asked["details"]["to"], "i-2");
    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["exit_code"]),
        (&"error".into(), &3.into()),
        "{last}"
    );
    let answered = test
        .runbook(&["approve", "last", "--output", "json"])
        .code(0)
        .json();
    assert_eq!(answered["answer"]["approved"], true);
    assert!(answered["next"].as_str().unwrap().contains("resume"));
    let shown = test
        .runbook(&["show", "last", "--output", "json"])
        .code(0)
        .json();
    assert_eq!(shown["status"], "waiting");
}
