//! `check`: what would be lost on a resume is refused before anything happens.

use insta::assert_snapshot;

use crate::bad_input::refused;
use crate::harness::Test;

/// Returns what `check` and `run` say of a runbook that they refuse.
#[track_caller]
fn refusal(script: &str) -> String {
    let test = Test::new().file("book.rhai", script);
    let said = refused(&test, &["check", "book.rhai"]);
    assert_eq!(refused(&test, &["run", "book.rhai"]), said);
    said
}

#[test]
fn a_step_that_changes_a_variable_of_its_caller() {
    let script = "fn main(params) {
    let ids = [];
    run::step(\"make\", || { ids.push(\"vpc-1\"); });
    ids.len()
}
";
    assert_snapshot!(refusal(script), @r#"
    error: the step changes `ids`, a variable from outside its closure
    caused by:
      1. a step that is finished is not run again on a resume: the change would be lost
     --> book.rhai:3:28
      |
    3 |     run::step("make", || { ids.push("vpc-1"); });
      |                            ^
    hint: return the value from the step: let ids = run::step(…)
    "#);
}

#[test]
fn branches_that_change_one_list() {
    let script = "fn main(params) {
    let list = [1];
    run::parallel(#{
        a: || { for i in 0..2000 { list.push(i); } },
        b: || 1,
    });
}
";
    assert_snapshot!(refusal(script), @"
    error: the branch changes `list`, a variable from outside its closure
    caused by:
      1. branches run side by side: two changes at once can collide, and a resume does not make them again
     --> book.rhai:4:36
      |
    4 |         a: || { for i in 0..2000 { list.push(i); } },
      |                                    ^
    hint: return a value from each branch, and merge the map of results that `run::parallel` returns
    ");
}

#[test]
fn a_wait_and_a_retry_that_change_a_variable() {
    let script = "fn main(params) {
    let seen = 0;
    run::wait_until(\"it\", #{}, || { seen += 1; seen == 3 });
    run::retry(\"it again\", #{}, || { seen = 4; });
}
";
    assert_snapshot!(refusal(script), @r#"
    error: the wait changes `seen`, a variable from outside its closure
    caused by:
      1. a wait that is over is not run again on a resume: the change would be lost
     --> book.rhai:3:37
      |
    3 |     run::wait_until("it", #{}, || { seen += 1; seen == 3 });
      |                                     ^
    hint: return the value from the wait: let seen = run::wait_until(…)
    error: the retry changes `seen`, a variable from outside its closure
    caused by:
      1. a retry that is over is not run again on a resume: the change would be lost
     --> book.rhai:4:38
      |
    4 |     run::retry("it again", #{}, || { seen = 4; });
      |                                      ^
    hint: return the value from the retry: let seen = run::retry(…)
    "#);
}

#[test]
fn the_way_to_write_it_is_right() {
    let script = "fn main(params) {
    let ids = run::step(\"make\", || [\"vpc-1\"]);
    let made = run::parallel([1, 2], |item| item * 2);
    for id in made.values() { ids.push(id); }
    ids.len()
}
";
    let test = Test::new().file("book.rhai", script);
    let ended = test.runbook(&["check", "book.rhai"]).code(0);
    assert_eq!(ended.stderr, "nothing wrong found in book.rhai\n");
    assert_eq!(test.runbook(&["run", "book.rhai"]).code(0).stdout, "3\n");
}

#[test]
fn an_edit_is_refused_as_a_new_run_would_be() {
    let script = "fn main(params) { let n = 0;\nrun::step(\"one\", || { 1 });\nthrow \"no\"; }";
    let test = Test::new().file("book.rhai", script);
    test.runbook(&["run", "book.rhai"]).code(1);
    test.write("book.rhai", &script.replace("{ 1 }", "{ n = 1; }"));
    let ended = test.runbook(&["resume", "last", "--edited"]).code(2);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    error: the step changes `n`, a variable from outside its closure
    caused by:
      1. a step that is finished is not run again on a resume: the change would be lost
     --> <test>/book.rhai:2:23
      |
    2 | run::step("one", || { n = 1; });
      |                       ^
    hint: return the value from the step: let n = run::step(…)
    hint: to go on with the scripts as the run pinned them: runbook resume <run:book> --pinned
    "#);
}
