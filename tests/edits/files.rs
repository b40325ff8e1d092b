//! Files that are gone, added or moved; site files; the forecast for programs.

use insta::assert_snapshot;

use super::{END, GATEWAY, STOP, VPC, book, edited, explained, failed, network};
use crate::harness::Test;

const IMPORTS: &str = "import \"helper\" as helper;\nfn main(params) { run::step(\"first\", || helper::answer()); throw \"not yet\" }\n";
const HELPER: &str = "fn answer() {\n    42\n}\n";

fn with_module() -> Test {
    let test = Test::new()
        .file("book.rhai", IMPORTS)
        .file("helper.rhai", HELPER);
    test.runbook(&["run", "book.rhai"]).code(1);
    test
}

#[test]
fn a_module_is_no_longer_used_and_another_is() {
    let test = with_module();
    test.write("book.rhai", &IMPORTS.replace("helper", "other"));
    test.write("other.rhai", "fn answer() { 43 }\n");
    assert_snapshot!(explained(&test), @"
    error: the scripts have changed since the run pinned them; nothing was done
    files (3): changed since
      book.rhai: 2 lines added, 2 removed
      helper.rhai: no longer used, 3 lines
      other.rhai: a new file, 1 line
    recorded: 1 step
    reused (1): recorded, and the scripts still name them
      step `first`
    only names are compared: a resume does anew what has moved to another step, branch or item, and stops at the first call that differs from the recorded one, before any further effect
    hint: to go on with the scripts as they are now:
        runbook resume <run:book> --edited
    hint: to go on with the scripts as the run pinned them:
        runbook resume <run:book> --pinned
    ");
}

#[test]
fn a_module_is_gone() {
    let test = with_module();
    std::fs::remove_file(test.path("helper.rhai")).unwrap();
    assert_snapshot!(explained(&test), @r#"
    error: the module `helper` is not found
    caused by:
      1. looked in `<test>`, the built-in stdlib
     --> <test>/book.rhai:1:8
      |
    1 | import "helper" as helper;
      |        ^
    hint: to go on with the scripts as the run pinned them: runbook resume <run:book> --pinned
    "#);
    let ended = test.runbook(&["resume", "last", "--pinned"]).code(1);
    assert!(ended.stderr.contains("error: not yet"), "{}", ended.stderr);
}

#[test]
fn the_runbook_has_moved_away() {
    let test = with_module();
    std::fs::rename(test.path("book.rhai"), test.path("moved.rhai")).unwrap();
    assert_snapshot!(explained(&test), @"
    error: cannot read `<test>/book.rhai`: No such file or directory (os error 2)
    hint: list the folder: ls <test>
    hint: to go on with the scripts as the run pinned them: runbook resume <run:book> --pinned
    ");
    let ended = test.runbook(&["resume", "last", "--pinned"]).code(1);
    assert!(ended.stderr.contains("error: not yet"), "{}", ended.stderr);
}

#[test]
fn a_misspelt_edit_is_no_edit() {
    let test = with_module();
    test.write("helper.rhai", "fn answer() { anwser() }");
    assert_snapshot!(explained(&test), @"
    error: there is no function `anwser`
     --> <test>/helper.rhai:1:15
      |
    1 | fn answer() { anwser() }
      |               ^
    hint: did you mean `answer`?
    hint: to go on with the scripts as the run pinned them: runbook resume <run:book> --pinned
    ");
}

#[test]
fn a_run_without_aws_has_no_account_to_go_on_in() {
    let test = failed(
        Test::new().aws(),
        &format!("run::step(\"first\", || 1);\n{STOP}"),
    );
    assert_snapshot!(edited(&test, &format!("{VPC}\n{END}")), @"
    error: the scripts use AWS now, but the run started without AWS and has no account and region; nothing was done
    hint: to start a new run of the edited runbook: runbook run book.rhai
    hint: to go on with the scripts as the run pinned them: runbook resume <run:book> --pinned
    ");
    let entries = test.journal();
    let ended = test.runbook(&["resume", "last", "--edited"]).code(2);
    assert!(ended.stderr.contains("started without"), "{}", ended.stderr);
    assert_eq!(test.journal(), entries);
}

#[test]
fn a_program_reads_it_as_one_object() {
    let test = network();
    test.write("book.rhai", &book(&format!("{VPC}\n{GATEWAY}\n{END}")));
    let ended = test
        .runbook(&["resume", "last", "--output", "json"])
        .code(2);
    assert_eq!(ended.stderr, "");
    assert_eq!(ended.stdout.lines().count(), 1);
    let shown = serde_json::to_string_pretty(&ended.json()).unwrap();
    assert_snapshot!(test.stable(&shown), @r#"
    {
      "at": "<time>",
      "event": "forecast",
      "exit_code": 2,
      "files": [
        {
          "file": "<test>/book.rhai",
          "how": "changed",
          "lines_added": 2,
          "lines_removed": 2,
          "name": "book.rhai"
        }
      ],
      "hints": [
        "to go on with the scripts as they are now: runbook resume <run:book> --edited",
        "to go on with the scripts as the run pinned them: runbook resume <run:book> --pinned"
      ],
      "message": "the scripts have changed since the run pinned them; nothing was done",
      "new": [
        {
          "key": "make the gateway",
          "kind": "step"
        }
      ],
      "orphaned": [
        {
          "key": "make the subnet",
          "kind": "step",
          "made": [
            "<subnet>"
          ]
        }
      ],
      "recorded": {
        "effects": 2,
        "steps": 3,
        "values": 0,
        "waits": 0
      },
      "reused": [
        {
          "key": "make the vpc",
          "kind": "step"
        }
      ],
      "run": "<run:book>",
      "tried_again": [
        {
          "because": "failed",
          "key": "check",
          "kind": "step"
        }
      ]
    }
    "#);
}

const SITED: &str = "const PARAMS = #{block: #{type: \"cidr\", required: true}, size: #{type: \"integer\", value: 1}};\nfn main(params) { run::step(\"first\", || params.block); run::step(\"second\", || { throw `not yet ${params.block}` }) }\n";

#[test]
fn a_site_file_says_something_else_now() {
    let test = Test::new()
        .file("book.rhai", SITED)
        .file("site.toml", "block = \"10.0.0.0/16\"\n");
    test.runbook(&["run", "book.rhai", "--site", "site.toml"])
        .code(1);
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert!(!ended.stderr.contains("pinned"), "{}", ended.stderr);
    test.write("site.toml", "block = \"10.0.0.0/20\"\nsize = 2\nmore = 3\n");
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    the run continues with the values that it pinned for `block`, `size`; `site.toml` now has other values
    <time> run <run:book>: book.rhai, without AWS, attempt 3
    <time> first: reused
    <time> second: started, attempt 3
    <time> second: failed after <duration>: not yet 10.0.0.0/16 (book.rhai:2)
    ✗ <run:book> stopped after <duration>
    error: not yet 10.0.0.0/16
     --> book.rhai:2:81
      |
    2 | fn main(params) { run::step("first", || params.block); run::step("second", || { throw `not yet ${params.block}` }) }
      |                                                                                 ^
      = in closure, called at book.rhai:2
    hint:
        runbook resume <run:book>
    "#);
    std::fs::remove_file(test.path("site.toml")).unwrap();
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert!(
        ended.stderr.contains("error: not yet 10.0.0.0/16"),
        "{}",
        ended.stderr
    );
}
