//! Taking a run up again: with other scripts, from elsewhere, with new credentials.

use insta::assert_snapshot;

use crate::harness::Test;

const MODULE: &str = "fn answer() { throw \"not yet\" }";
const MENDED: &str = "fn answer() { 42 }";
const BOOK: &str = r#"
import "helper" as helper;

fn main(params) {
    let first = run::step("first", || run::uuid());
    let answer = run::step("second", || helper::answer());
    #{first: first, answer: answer}
}
"#;

/// A run that failed in its second step, and what it noted in its first.
fn failed() -> (Test, String) {
    let test = Test::new()
        .file("books/book.rhai", BOOK)
        .file("books/helper.rhai", MODULE);
    test.runbook(&["run", "books/book.rhai"]).code(1);
    let shown = test.runbook(&["logs", "--output", "json"]).stdout;
    let uuid = regex::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
    (test, uuid.find(&shown).unwrap().as_str().to_owned())
}

#[test]
fn unchanged_it_just_goes_on() {
    let (test, _) = failed();
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    <time> run <run:book>: books/book.rhai, without AWS, attempt 2
    <time> first: reused
    <time> second: started, attempt 2
    <time> second: failed after <duration>: not yet (<test>/books/helper.rhai:1)
    ✗ <run:book> stopped after <duration>
    error: not yet
     --> <test>/books/helper.rhai:1:15
      |
    1 | fn answer() { throw "not yet" }
      |               ^
      = in answer, called at books/book.rhai:6
      = in closure, called at books/book.rhai:6
    hint:
        runbook resume <run:book>
    "#);
}

#[test]
fn edited_it_asks_what_is_meant() {
    let (test, _) = failed();
    test.write("books/helper.rhai", MENDED);
    test.write("books/book.rhai", &BOOK.replace("\"second\"", "\"other\""));
    let entries = test.journal();
    let ended = test.runbook(&["resume", "last"]).code(2);
    assert_eq!((ended.stdout.as_str(), test.journal()), ("", entries));
    assert_snapshot!(test.stable(&ended.stderr), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (2): changed since
      books/book.rhai: 1 line added, 1 removed
      books/helper.rhai: 1 line added, 1 removed
    recorded: 2 steps, 1 value
    reused (1): recorded, and the scripts still name them
      step `first`
    new (1): named by the edited scripts only
      step `other`
    orphaned (1): recorded, but the scripts do not name them any more
      step `second`
    only names are compared: a resume does anew what has moved to another step, branch or item, and stops at the first call that differs from the recorded one, before any further effect
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
}

#[test]
fn edited_it_goes_on_with_the_new_code() {
    let (test, uuid) = failed();
    test.write("books/helper.rhai", MENDED);
    let ended = test.runbook(&["resume", "last", "--edited"]).code(0);
    assert_eq!(
        ended.json(),
        serde_json::json!({"first": uuid, "answer": 42})
    );
    assert!(ended.stderr.contains("first: reused"), "{}", ended.stderr);
}

#[test]
fn edited_is_what_is_pinned_from_then_on() {
    let (test, _) = failed();
    test.write("books/helper.rhai", "fn answer() { throw \"still not\" }");
    let ended = test.runbook(&["resume", "last", "--edited"]).code(1);
    assert!(
        ended.stderr.contains("error: still not"),
        "{}",
        ended.stderr
    );
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert!(
        ended.stderr.contains("error: still not"),
        "{}",
        ended.stderr
    );
    test.write("books/helper.rhai", MENDED);
    let ended = test.runbook(&["resume", "last", "--pinned"]).code(1);
    assert!(
        ended.stderr.contains("error: still not"),
        "{}",
        ended.stderr
    );
}

#[test]
fn edited_is_checked_before_anything_happens() {
    let (test, _) = failed();
    test.write("books/helper.rhai", "fn answer() { anwser() }");
    let entries = test.journal();
    let ended = test.runbook(&["resume", "last", "--edited"]).code(2);
    assert_eq!(test.journal(), entries);
    assert_snapshot!(test.stable(&ended.stderr), @"
    error: there is no function `anwser`
     --> <test>/books/helper.rhai:1:15
      |
    1 | fn answer() { anwser() }
      |               ^
    hint: did you mean `answer`?
    hint: to go on with the scripts as the run pinned them: runbook resume <run:book> --pinned
    ");
}

#[test]
fn pinned_it_goes_on_with_the_old_code() {
    let (test, _) = failed();
    test.write("books/helper.rhai", MENDED);
    let ended = test.runbook(&["resume", "last", "--pinned"]).code(1);
    assert!(ended.stderr.contains("error: not yet"), "{}", ended.stderr);
}

#[test]
fn pinned_it_needs_no_files() {
    let (test, _) = failed();
    std::fs::remove_dir_all(test.path("books")).unwrap();
    let ended = test.runbook(&["resume", "last"]).code(2);
    assert_snapshot!(test.stable(&ended.stderr), @"
    error: cannot read `<test>/books/book.rhai`: No such file or directory (os error 2)
    hint: list the folder: ls <test>
    hint: to go on with the scripts as the run pinned them: runbook resume <run:book> --pinned
    ");
    let ended = test.runbook(&["resume", "last", "--pinned"]).code(1);
    assert!(ended.stderr.contains("error: not yet"), "{}", ended.stderr);
}

#[test]
fn it_does_not_matter_where_one_stands() {
    let (test, uuid) = failed();
    test.write("books/helper.rhai", MENDED);
    std::fs::create_dir(test.path("elsewhere")).unwrap();
    let output = test
        .command(&["resume", "last"])
        .current_dir(test.path("elsewhere"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let output = test
        .command(&["resume", "last", "--edited"])
        .current_dir(test.path("elsewhere"))
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["first"], uuid);
}

#[test]
fn the_hint_can_be_typed_as_it_is() {
    let test = Test::new().file("book.rhai", "fn main(params) { throw \"no\" }");
    let ended = test
        .runbook(&["--state-dir", "kept", "run", "book.rhai"])
        .code(1);
    let hint = ended
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("    runbook "))
        .unwrap();
    let again = test.runbook(&hint.split(' ').collect::<Vec<_>>()).code(1);
    assert!(again.stderr.contains("attempt 2"), "{}", again.stderr);
}

#[test]
fn a_journal_older_than_its_run_is_not_gone_on_with() {
    let (test, _) = failed();
    let path = test.runs()[0].join("journal.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    let older: String = whole.split_inclusive('\n').take(2).collect();
    std::fs::write(&path, &older).unwrap();
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert_snapshot!(test.stable(&ended.stderr), @"
    error: journal `<test>/state/runs/<run:book>/journal.jsonl` is older than its run: entries 3 to 7 are missing; nothing was changed
    caused by:
      1. the journal ends with entry 2 of 7: it is an older copy, or it lost lines
      2. the journal lacks the calls made after that entry, and a resume would repeat them: `first`, `first/run.uuid`, `second`
    hint: restore the newer <test>/state/runs/<run:book>/journal.jsonl, then resume again
    hint: if the newer journal is lost, remove the checkpoints: a resume then continues from the older journal and looks up in AWS what was made since: rm -r <test>/state/runs/<run:book>/checkpoints
    ");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), older);
    // The newer one put back.
    std::fs::write(&path, &whole).unwrap();
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert!(ended.stderr.contains("first: reused"), "{}", ended.stderr);
    // The older one accepted.
    std::fs::write(&path, &older).unwrap();
    std::fs::remove_dir_all(path.with_file_name("checkpoints")).unwrap();
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert!(!ended.stderr.contains("first: reused"), "{}", ended.stderr);
}

/// Runs a script whose first command does something to the run's own log, and whose second must not be run.
fn cut_off_from_its_log(command: &str) -> (Test, String) {
    let script = format!(
        r#"fn main(params) {{
            command::run(#{{program: "sh", arguments: ["-c", "cd state/runs/*/ && {command}"]}});
            command::run(#{{program: "touch", arguments: ["made"]}});
        }}"#
    );
    let test = Test::new().file("book.rhai", &script);
    let ended = test.runbook(&["run", "book.rhai"]).code(1);
    assert!(!test.path("made").exists());
    let told = test.stable(&ended.stderr);
    let error = told.find("error: ").unwrap();
    (test, told[error..].to_owned())
}

/// Puts the log back that the command moved aside; the rest of the script is done then.
fn assert_continues_with_its_log(test: &Test) {
    let log = test.runs()[0].join("journal.jsonl");
    std::fs::rename(log.with_file_name("aside"), log).unwrap();
    test.runbook(&["resume", "last"]).code(0);
    assert!(test.path("made").exists());
}

#[test]
fn no_effect_follows_a_log_that_is_gone() {
    let (test, told) = cut_off_from_its_log("mv journal.jsonl aside");
    assert_snapshot!(told, @"
    error: journal `<test>/state/runs/<run:book>/journal.jsonl` was removed while the run was using it
    caused by:
      1. cannot read what the run made: cannot read `<test>/state/runs/<run:book>/journal.jsonl`
    hint: if the journal is lost: what the run made carries the tag runbook:run=<run:book> in AWS
    hint: to continue, first restore <test>/state/runs/<run:book>
    hint:
        runbook resume <run:book>
    ");
    assert_continues_with_its_log(&test);
}

#[test]
fn no_effect_follows_a_log_that_is_another() {
    let (test, told) = cut_off_from_its_log("mv journal.jsonl aside && cp aside journal.jsonl");
    assert_snapshot!(told, @"
    error: journal `<test>/state/runs/<run:book>/journal.jsonl` was replaced by another file while the run was using it
    hint: if the journal is lost: what the run made carries the tag runbook:run=<run:book> in AWS
    hint: to continue, first restore <test>/state/runs/<run:book>
    hint:
        runbook resume <run:book>
    ");
    assert_continues_with_its_log(&test);
}
