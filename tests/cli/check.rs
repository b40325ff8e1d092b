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
      1. a resume does not repeat a step that is finished: the change would be lost
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
      1. branches run side by side: two changes can collide, and a resume does not repeat them
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
      1. a resume does not repeat a wait that is over: the change would be lost
     --> book.rhai:3:37
      |
    3 |     run::wait_until("it", #{}, || { seen += 1; seen == 3 });
      |                                     ^
    hint: return the value from the wait: let seen = run::wait_until(…)
    error: the retry changes `seen`, a variable from outside its closure
    caused by:
      1. a resume does not repeat a retry that is over: the change would be lost
     --> book.rhai:4:38
      |
    4 |     run::retry("it again", #{}, || { seen = 4; });
      |                                      ^
    hint: return the value from the retry: let seen = run::retry(…)
    "#);
}

#[test]
fn a_finally_that_changes_a_variable() {
    let script = "fn main(params) {
    let made = ();
    run::finally(|| { made = 1; }, |outcome| { made += 1; });
    made
}";
    let told = refusal(script);
    assert_eq!(
        told.matches("the finally changes `made`").count(),
        2,
        "{told}"
    );
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
      1. a resume does not repeat a step that is finished: the change would be lost
     --> <test>/book.rhai:2:23
      |
    2 | run::step("one", || { n = 1; });
      |                       ^
    hint: return the value from the step: let n = run::step(…)
    hint: to go on with the scripts as the run pinned them: runbook resume <run:book> --pinned
    "#);
}

const MODULE: &str = "import \"aws/ec2\" as ec2;
fn make(cidr) { inner(cidr) }
private fn inner(cidr) { ec2::create_vpc(#{cidr_block: cidr}) }
fn is_there(id) { !ec2::describe_vpcs(#{vpc_ids: [id]}).vpcs.is_empty() }
";

#[test]
fn an_effect_in_a_wait() {
    let script = "import \"vpc\" as vpc;
fn main(params) {
    run::wait_until(\"the VPC\", #{every: \"1s\"}, || {
        let made = vpc::make(\"10.0.0.0/16\");
        vpc::is_there(made.vpc.vpc_id)
    });
}
";
    let test = Test::new()
        .file("book.rhai", script)
        .file("vpc.rhai", MODULE);
    let said = refused(&test, &["check", "book.rhai"]);
    assert_snapshot!(said, @r#"
    error: a wait cannot call `ec2.create_vpc`, which changes something
    caused by:
      1. the first attempt of the wait records the result: each further attempt would get that record
     --> <test>/vpc.rhai:3:31
      |
    3 | private fn inner(cidr) { ec2::create_vpc(#{cidr_block: cidr}) }
      |                               ^
      = in inner, called at <test>/vpc.rhai:2
      = in make, called at book.rhai:4
    hint: make the call in a step before the wait, and only read in the wait; or repeat the call with `run::retry` until it succeeds
    "#);
    assert_eq!(refused(&test, &["run", "book.rhai"]), said);
    // As the hint has it.
    let right = "import \"vpc\" as vpc;
fn main(params) {
    let id = run::step(\"make it\", || vpc::make(\"10.0.0.0/16\").vpc.vpc_id);
    run::wait_until(\"the VPC\", #{every: \"1s\"}, || vpc::is_there(id));
}
";
    test.write("book.rhai", right);
    test.runbook(&["check", "book.rhai"]).code(0);
    let retried = "import \"vpc\" as vpc;
fn main(params) { run::retry(\"the VPC\", #{every: \"1s\"}, || vpc::make(\"10.0.0.0/16\")); }
";
    test.write("book.rhai", retried);
    test.runbook(&["check", "book.rhai"]).code(0);
}

#[test]
fn a_step_in_a_wait() {
    let script = "fn main(params) {
    run::wait_until(\"it\", #{every: \"1s\"}, || run::step(\"look\", || 1) == 1);
}
";
    assert_snapshot!(refusal(script), @r#"
    error: a wait cannot run the step `look`
    caused by:
      1. the first attempt of the wait records the result: each further attempt would get that record
     --> book.rhai:2:51
      |
    2 |     run::wait_until("it", #{every: "<duration>"}, || run::step("look", || 1) == 1);
      |                                                   ^
    hint: run the step before the wait, and only read in the wait
    "#);
}

#[test]
fn two_calls_that_only_their_order_tells_apart() {
    let script = "fn main(params) {
    if host::ip_forward() { command::run(#{program: \"true\"}); }
    command::run(#{program: \"true\"});
    run::step(\"one\", || 1);
    run::step(\"one\", || 2);
}
";
    let test = Test::new().file("book.rhai", script);
    let ended = test.runbook(&["check", "book.rhai"]).code(0);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    warning: `command.run` is called twice in one scope, once under a condition: the other call is at book.rhai:2
    caused by:
      1. only the order of the calls distinguishes their records: if a resume makes one call without the other, the run stops as diverged
     --> book.rhai:3:14
      |
    3 |     command::run(#{program: "true"});
      |              ^
    hint: put each into a step with a name of its own: run::step(name, || …)
    warning: two calls in one scope are named `one`: the other call is at book.rhai:4
    caused by:
      1. only the order of the calls distinguishes their records: if a resume makes one call without the other, the run stops as diverged
     --> book.rhai:5:10
      |
    5 |     run::step("one", || 2);
      |          ^
    hint: give each a name of its own, or an item: run::step(name, item, || …)
    nothing wrong found in book.rhai
    "#);
    let events = test.runbook(&["check", "book.rhai", "--output", "json"]);
    let events = events.code(0).stdout;
    let event: serde_json::Value = serde_json::from_str(events.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&event["event"], &event["place"]["line"]),
        (&"warning".into(), &3.into())
    );
    // A run does not warn.
    let ended = test.runbook(&["run", "book.rhai"]).code(0);
    assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
}
