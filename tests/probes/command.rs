//! `command::run`, an effect

use serde_json::json;

use super::{answer, answered, book, caught};
use crate::harness::Test;

#[test]
fn a_program_gets_its_input_and_little_else() {
    let test = Test::new().env("SECRET", "word");
    let found = answered(
        &test,
        r#"command::run(#{program: "sh", arguments: ["-c", "cat; echo ${SECRET-none} $ADDED >&2"], input: "in", environment: #{ADDED: "more"}})"#,
    );
    assert_eq!(
        found,
        json!({"exit_code": 0, "stdout": "in", "stderr": "none more\n"})
    );
}

#[test]
fn a_failure_is_caught_with_all_that_was_said() {
    let error = caught(
        r#"command::run(#{program: "sh", arguments: ["-c", "echo out; echo no disk >&2; exit 3"]})"#,
    );
    assert_eq!(error["code"], "CommandFailed");
    assert_eq!(error["message"], "`sh` ended with exit code 3: no disk");
    assert_eq!(
        [&error["exit_code"], &error["stdout"], &error["stderr"]],
        [&json!(3), &json!("out\n"), &json!("no disk\n")]
    );
    let error = caught(r#"command::run(#{program: "sh", arguments: ["-c", "kill -9 $$"]})"#);
    assert_eq!(error["message"], "`sh` was ended by signal 9");
    assert_eq!(error["exit_code"], 137);
}

#[test]
fn one_that_cannot_be_started_was_not_done() {
    for program in ["/no/such/program", "no-such-program", "/etc/hostname"] {
        let error = caught(&format!(r#"command::run(#{{program: "{program}"}})"#));
        assert_eq!(error["code"], "NotSent", "{error}");
    }
}

#[test]
fn one_that_hangs_is_killed_with_all_that_it_started() {
    let test = Test::new();
    let children = test.path("children").display().to_string();
    let call = format!(
        r#"command::run(#{{program: "sh", arguments: ["-c", "sleep 1000 & echo $! > {children}; setsid sleep 1000 & echo $! >> {children}; wait"], timeout: "2s"}}"#
    );
    let error = answered(
        &test,
        &format!(r#"try {{ {call}, #{{on_doubt: "retry"}}); }} catch (e) {{ return e; }}"#),
    );
    assert_eq!(error["code"], "Lost", "{error}");
    assert_eq!(error["message"], "`sh` was killed after 2s");
    let children = std::fs::read_to_string(&children).unwrap();
    assert_eq!(children.lines().count(), 2);
    for child in children.lines() {
        assert!(is_gone(child), "the sleep {child} lives on");
    }

    let test = Test::new().file("book.rhai", &book(&format!("{call});")));
    test.runbook(&["run", "book.rhai"]).code(4);
    let words = ["resolve", "last", "command.run", "--why", "seen", "--adopt"];
    let reply = r#"{"exit_code": 0, "stdout": "", "stderr": ""}"#;
    test.runbook(&[&words[..], &[reply]].concat()).code(0);
    test.runbook(&["resume", "last"]).code(0);
}

/// Whoever inherits the killed one may take a moment to bury it.
pub(super) fn is_gone(process: &str) -> bool {
    let status = format!("/proc/{process}/stat");
    std::fs::read_to_string(status).map_or(true, |stat| stat.contains(") Z "))
}

#[test]
fn one_that_leaves_somebody_behind_has_ended_all_the_same() {
    // The one left behind holds the output open; at the deadline it goes too.
    let found = answer(
        r#"command::run(#{program: "sh", arguments: ["-c", "sleep 1000 & echo started"], timeout: "2s"})"#,
    );
    assert_eq!(
        [&found["exit_code"], &found["stdout"]],
        [&json!(0), &json!("started\n")]
    );
}

#[test]
fn a_flood_is_read_and_not_kept() {
    let found = answer(
        r#"let r = command::run(#{program: "sh", arguments: ["-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo end >&2"]});
           [r.stdout.len(), r.stderr]"#,
    );
    assert_eq!(found, json!([64 << 10, "end\n"]));
}

#[test]
fn a_program_that_does_not_read_is_not_wrong() {
    let found = answer(
        r#"let text = ""; for i in 0..90000 { text += "0123456789"; }
           command::run(#{program: "true", input: text}).exit_code"#,
    );
    assert_eq!(found, 0);
}

#[test]
fn a_wrong_input_is_refused() {
    for (input, said) in [
        (r#"#{arguments: ["x"]}"#, "missing `program`"),
        (
            r#"#{program: ""}"#,
            "`program` is the name or path of a program",
        ),
        (
            r#"#{program: "true", arguments: [1]}"#,
            "`arguments` is a list of strings",
        ),
        (
            r#"#{program: "true", environment: #{A: 1}}"#,
            "`environment` is a map of strings",
        ),
        (r#"#{program: "true", input: 5}"#, "`input` is a string"),
    ] {
        let error = caught(&format!("let i = {input}; command::run(i)"));
        assert_eq!(error["code"], "InvalidInput", "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn attempts_are_counted_over_a_kill() {
    // Right behind the third failure, and behind the count of it.
    for point in ["after:10", "after:11"] {
        let test = Test::new();
        let out = test.path("out").display().to_string();
        let body = format!(
            r#"run::retry("it", #{{every: "0s", attempts: 4}}, || command::run(#{{program: "sh", arguments: ["-c", "echo x >> {out}; exit 1"]}}))"#
        );
        test.write("book.rhai", &format!("fn main(params) {{ {body} }}"));
        let lines = || std::fs::read_to_string(&out).unwrap().lines().count();
        let killed = test
            .command(&["run", "book.rhai"])
            .env("RUNBOOK_CRASH", point)
            .output()
            .unwrap();
        assert_eq!((killed.status.code(), lines()), (None, 3));
        let ended = test.runbook(&["resume", "last"]).code(1);
        assert!(ended.stderr.contains("4 attempts"), "{}", ended.stderr);
        assert_eq!(lines(), 4, "{point}");
    }
}
