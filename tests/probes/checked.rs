//! What is found wrong before a run.

use super::{book, ran};
use crate::harness::Test;

#[track_caller]
fn found(body: &str) -> String {
    let test = Test::new().file("book.rhai", &book(body));
    test.runbook(&["check", "book.rhai"]).code(2).stderr
}

#[test]
fn names_options_and_members_are_checked_in_the_script() {
    for (body, said, meant) in [
        (
            r#"probe::pnig("127.0.0.1")"#,
            "`probe` has no function `pnig`",
            "did you mean `ping`?",
        ),
        (
            r#"probe::ping("127.0.0.1", #{cuont: 3})"#,
            "`probe::ping` has no option `cuont`",
            "did you mean `count`?",
        ),
        (
            r#"probe::any(["127.0.0.1"], #{sorce: ""})"#,
            "`probe::any` has no option `sorce`",
            "did you mean `source`?",
        ),
        (
            "probe::ping()",
            "`probe::ping` takes 1 or 2 arguments, not 0",
            "",
        ),
        ("host::instance()", "`host` has no function `instance`", ""),
        (
            r#"http::post(#{ulr: "x"})"#,
            "`http::post` has no option `ulr`",
            "did you mean `url`?",
        ),
        (
            r#"http::post(#{url: "x"}, #{on_dobut: "retry"})"#,
            "`http::post` has no option `on_dobut`",
            "did you mean `on_doubt`?",
        ),
        (
            r#"command::run(#{program: "x", args: []})"#,
            "`command::run` has no option `args`",
            "",
        ),
    ] {
        let stderr = found(body);
        assert!(
            stderr.contains(said) && stderr.contains(meant),
            "{body}: {stderr}"
        );
    }
}

#[test]
fn nothing_is_looked_at_before_there_is_a_run() {
    for (call, name) in [
        (r#"probe::ping("127.0.0.1")"#, "probe::ping"),
        ("probe::tcp([])", "probe::"),
        ("host::uptime()", "host::uptime"),
        (r#"http::post(#{url: "http://127.0.0.1/"})"#, "http::post"),
    ] {
        let test = Test::new().file(
            "book.rhai",
            &format!("//! A test.\nfn validate(params) {{ {call}; }}\nfn main(params) {{}}\n"),
        );
        let ended = test.runbook(&["run", "book.rhai"]).code(2);
        assert!(
            ended.stderr.contains(&format!("`{name}")),
            "{}",
            ended.stderr
        );
        assert!(
            ended.stderr.contains("belongs in `main`"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn what_is_only_looked_at_is_not_recorded() {
    let test = Test::new();
    let body = r#"host::uptime(); probe::tcp("127.0.0.1:1"); probe::any(["tcp:127.0.0.1:1"]); 1"#;
    ran(&test, body).code(0);
    let records = test.journal();
    assert_eq!(records.len(), 2, "{records:?}");
}
