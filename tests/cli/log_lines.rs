//! What a script logs: a line is as long as it is sane, and there are as many as the journal has room for.

use crate::harness::Test;

const SCRIPT: &str = r#"
fn main(params) {
    for number in 0..5 { log::info(`line ${number}`); }
    run::step("go on", || 7)
}
"#;

fn logged(test: &Test) -> Vec<String> {
    let entries = test.journal();
    let lines = entries.iter().filter_map(|entry| {
        let message = entry["record"]["logged"]["message"].as_str()?;
        Some(message.to_owned())
    });
    lines.collect()
}

#[test]
fn a_journal_that_is_large_takes_steps_and_no_log_lines() {
    let test = Test::new()
        .file("book.rhai", SCRIPT)
        .env("RUNBOOK_JOURNAL_LIMIT", "0");
    let ended = test.runbook(&["run", "book.rhai"]).code(0);
    assert_eq!(ended.stdout, "7\n");
    for number in 0..5 {
        assert!(
            ended.stderr.contains(&format!("line {number}")),
            "{}",
            ended.stderr
        );
    }
    let warned = "the journal has 0 MiB: from now on log lines are shown but not recorded";
    assert_eq!(ended.stderr.matches(warned).count(), 1, "{}", ended.stderr);
    let kept = logged(&test);
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept[0].starts_with(warned), "{kept:?}");
    assert_eq!(kept[1], "log lines shown but not recorded: 5");
}

#[test]
fn a_limit_that_is_no_number_is_refused() {
    let test = Test::new()
        .file("book.rhai", SCRIPT)
        .env("RUNBOOK_JOURNAL_LIMIT", "much");
    let ended = test.runbook(&["run", "book.rhai"]).code(2);
    let problem = "error: RUNBOOK_JOURNAL_LIMIT: `much` is no number of MiB";
    assert!(ended.stderr.starts_with(problem), "{}", ended.stderr);
}

#[test]
fn a_long_line_is_cut_and_says_so() {
    let script = r#"fn main(params) { let line = "x"; line.pad(70000, "x"); log::info(line) }"#;
    let test = Test::new().file("book.rhai", script);
    let ended = test.runbook(&["run", "book.rhai"]).code(0);
    let kept = logged(&test).remove(0);
    assert_eq!(
        kept.len(),
        65_536 + "… [4464 more bytes were cut off]".len()
    );
    assert!(ended.stderr.contains("[4464 more bytes were cut off]"));
}

#[test]
fn a_value_may_be_as_large_as_the_environment_says() {
    let script = "fn main(params) { let text = \"x\"; text.pad(1500000, 'x'); run::step(\"text\", || text).len() }";
    let test = Test::new().file("book.rhai", script);
    let refused = test.runbook(&["run", "book.rhai"]).code(1);
    assert!(
        refused
            .stderr
            .contains("it has 1500002 bytes as JSON, of at most 1048576"),
        "{}",
        refused.stderr
    );
    let test = test.env("RUNBOOK_VALUE_LIMIT", "2");
    let ended = test.runbook(&["run", "book.rhai"]).code(0);
    assert_eq!(ended.stdout, "1500000\n");
    let test = test.env("RUNBOOK_VALUE_LIMIT", "much");
    let refused = test.runbook(&["run", "book.rhai"]).code(2);
    assert!(
        refused.stderr.contains("`much` is no number of MiB"),
        "{}",
        refused.stderr
    );
}
