//! A rehearsal changes nothing: not AWS, and nothing outside AWS.

use super::rehearsal::{assert_nothing_left, rehearsing};
use crate::harness::Test;

/// A program that leaves a file, whose replies its runbook describes.
const OUTSIDE: &str = r#"
const REHEARSAL = #{"command.run": #{stdout: "any"}, "command.run touch": #{stdout: "touched"}, "http.post": #{status: 503}};

fn main(params) {
    let first = command::run(#{program: "touch", arguments: ["made"]}).stdout;
    let other = command::run(#{program: "sh", arguments: ["-c", "echo real >> made"]}).stdout;
    let code = "";
    try { http::post(#{url: "http://127.0.0.1:9/news", body: "it begins"}); } catch (error) { code = error.code; }
    [first, other, code]
}
"#;

fn outside() -> Test {
    rehearsing().file("outside.rhai", OUTSIDE)
}

#[test]
fn an_effect_outside_aws_is_answered_by_a_stub_and_listed() {
    let test = outside();
    let ended = test.runbook(&["rehearse", "outside.rhai"]).code(0);
    assert!(!test.path("made").exists());
    assert_eq!(
        ended.json(),
        serde_json::json!(["touched", "any", "HttpStatus"])
    );
    let listed = "(`--allow-outside` does it for real):\n  command.run sh\n  command.run touch\n  http.post 127.0.0.1\n";
    assert!(ended.stderr.contains(listed), "{}", ended.stderr);
    assert_nothing_left(&test);
}

#[test]
fn it_happens_where_that_is_asked_for() {
    let test = outside();
    test.runbook(&["rehearse", "outside.rhai", "--allow-outside"])
        .code(0);
    let made = std::fs::read_to_string(test.path("made")).unwrap();
    assert_eq!(made, "real\n");
}

#[test]
fn no_kill_makes_an_effect_outside_aws_happen() {
    let test = rehearsing().file(
        "touch.rhai",
        r#"fn main(params) { command::run(#{program: "touch", arguments: ["made"]}); }"#,
    );
    let ended = test.runbook(&["rehearse", "touch.rhai", "--crash-everywhere"]);
    let listed = "does it for real):\n  command.run touch\n";
    assert!(ended.stderr.contains(listed), "{}", ended.stderr);
    assert!(!test.path("made").exists());
    assert_nothing_left(&test);
}

#[test]
fn a_mistaken_table_of_replies_is_found_before_the_run() {
    let cases = [
        ("5", "a map is expected"),
        (
            "#{\"command.start\": #{}}",
            "`command.start` does not begin with",
        ),
        (
            "#{\"command.run\": #{status: 1}}",
            "a reply has no `status`",
        ),
        (
            "#{\"http.post\": #{status: \"good\"}}",
            "`status` is a whole number",
        ),
    ];
    for (table, problem) in cases {
        let book = format!("const REHEARSAL = {table};\nfn main(params) {{}}");
        let test = Test::new().file("book.rhai", &book);
        let ended = test.runbook(&["check", "book.rhai"]).code(2);
        assert!(ended.stderr.contains(problem), "{}", ended.stderr);
        assert!(ended.stderr.contains("book.rhai:1"), "{}", ended.stderr);
    }
}

/// What the variable used to do by itself.
#[test]
fn a_run_that_only_says_it_is_rehearsed_is_not_started() {
    for value in ["1", "/nowhere/socket", "socket"] {
        let test = outside().env("RUNBOOK_REHEARSAL", value);
        let ended = test.runbook(&["run", "outside.rhai"]).code(2);
        assert!(
            ended.stderr.contains("unset RUNBOOK_REHEARSAL"),
            "{}",
            ended.stderr
        );
        assert!(test.runs().is_empty());
    }
}

#[test]
fn a_state_directory_of_the_callers_stays() {
    let test = rehearsing().file("book.rhai", "fn main(params) { 1 }");
    test.runbook(&["--state-dir", "mine", "rehearse", "book.rhai"])
        .code(0);
    assert!(test.path("mine/runs").exists());
    assert_nothing_left(&test);
}
