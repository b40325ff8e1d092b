//! Runs that fail: what, where in which file, through which calls, and what to type next.

use insta::assert_snapshot;

use crate::harness::Test;

const HELPER: &str = r#"//! Helps.
import "aws/ec2" as ec2;

fn outer(vpc_id) {
    inner(vpc_id)
}

private fn inner(vpc_id) {
    ec2::create_subnet(#{vpc_id: vpc_id, cidr_block: "10.0.0.0/24"})
}

fn check(n) {
    if n > 2 { throw `${n} is too many`; }
    n
}
"#;

/// Runs a line of `main` that fails.
#[track_caller]
fn failing(line: &str) -> String {
    let book = format!("import \"helper\" as helper;\n\nfn main(params) {{\n    {line}\n}}\n");
    let test = Test::new()
        .aws()
        .file("book.rhai", &book)
        .file("stdlib/helper.rhai", HELPER);
    let ended = test.runbook(&["run", "book.rhai"]).code(1);
    assert_eq!(ended.stdout, "");
    test.stable(&ended.stderr)
}

#[test]
fn aws_refuses_a_call_in_a_module() {
    assert_snapshot!(failing("run::step(\"cut the network\", || helper::outer(\"vpc-00000000\"))"), @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    <time> cut the network: started
    <time> cut the network/ec2.create_subnet: refused: InvalidVpcID.NotFound: VpcID <vpc> does not exist. (ec2 create_subnet, request <uuid>)
    <time> cut the network: failed after <duration>
    ✗ <run:book> stopped after <duration>
    error: `ec2.create_subnet` failed
    caused by:
      1. InvalidVpcID.NotFound: VpcID <vpc> does not exist. (request id <uuid>)
     --> <test>/stdlib/helper.rhai:9:10
      |
    9 |     ec2::create_subnet(#{vpc_id: vpc_id, cidr_block: "10.0.0.0/24"})
      |          ^
      = in inner, called at <test>/stdlib/helper.rhai:5
      = in outer, called at book.rhai:4
      = in closure, called at book.rhai:4
    hint:
        runbook resume <run:book>
    "#);
}

#[test]
fn a_script_throws_in_a_function_of_a_module() {
    assert_snapshot!(failing("run::step(\"count\", || run::step(\"again\", || helper::check(3)))"), @"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    <time> count: started
    <time> count/again: started
    <time> count/again: failed after <duration>: 3 is too many (<test>/stdlib/helper.rhai:13)
    <time> count: failed after <duration>
    ✗ <run:book> stopped after <duration>
    error: 3 is too many
      --> <test>/stdlib/helper.rhai:13:16
       |
    13 |     if n > 2 { throw `${n} is too many`; }
       |                ^
       = in check, called at book.rhai:4
       = in closure, called at book.rhai:4
       = in closure, called at book.rhai:4
    hint:
        runbook resume <run:book>
    ");
}

#[test]
fn a_script_throws_what_looks_like_an_error_of_aws() {
    assert_snapshot!(failing("throw #{code: \"TooMany\", message: \"three are too many\"};"), @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    ✗ <run:book> stopped after <duration>
    error: three are too many
     --> book.rhai:4:5
      |
    4 |     throw #{code: "TooMany", message: "three are too many"};
      |     ^
    hint:
        runbook resume <run:book>
    "#);
}

#[test]
fn a_script_makes_a_mistake() {
    assert_snapshot!(failing("let m = #{a: 1}; m.b + 1"), @"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    ✗ <run:book> stopped after <duration>
    error: property not found: b
     --> book.rhai:4:24
      |
    4 |     let m = #{a: 1}; m.b + 1
      |                        ^
    hint: correct `book.rhai:4`, then: runbook resume <run:book> --edited
    ");
    assert_snapshot!(failing("1 - \"one\""), @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    ✗ <run:book> stopped after <duration>
    error: there is no function `-` for (integer, string)
     --> book.rhai:4:7
      |
    4 |     1 - "one"
      |       ^
    hint: correct `book.rhai:4`, then: runbook resume <run:book> --edited
    "#);
    assert_snapshot!(failing("run::step(\"a/b\", || 1)"), @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    ✗ <run:book> stopped after <duration>
    error: `a/b` cannot be a step's name: the character `/` is reserved for keys
     --> book.rhai:4:10
      |
    4 |     run::step("a/b", || 1)
      |          ^
    hint: correct `book.rhai:4`, then: runbook resume <run:book> --edited
    "#);
    assert_snapshot!(failing("run::step(\"make a closure\", || || 1)"), @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    <time> make a closure: started
    <time> make a closure: failed after <duration>: NotRecordable: a closure at `value` cannot be recorded: only (), booleans, integers, finite numbers, strings, arrays and maps can
    ✗ <run:book> stopped after <duration>
    error: a closure at `value` cannot be recorded: only (), booleans, integers, finite numbers, strings, arrays and maps can
     --> book.rhai:4:10
      |
    4 |     run::step("make a closure", || || 1)
      |          ^
    hint: correct `book.rhai:4`, then: runbook resume <run:book> --edited
    "#);
}

#[test]
fn an_input_that_is_computed_is_checked_before_it_is_sent() {
    let script = r#"import "aws/ec2" as ec2;
fn main(params) {
    let input = #{cidr_blok: "10.0.0.0/16"};
    ec2::create_vpc(input)
}
"#;
    let test = Test::new().aws().file("book.rhai", script);
    let ended = test.runbook(&["run", "book.rhai"]).code(1);
    assert_snapshot!(test.stable(&ended.stderr), @"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    ✗ <run:book> stopped after <duration>
    error: `ec2.create_vpc` failed
    caused by:
      1. InvalidInput: the input was not sent: `cidr_blok`: unknown field; did you mean `cidr_block`?
     --> book.rhai:4:10
      |
    4 |     ec2::create_vpc(input)
      |          ^
    hint: correct `book.rhai:4`, then: runbook resume <run:book> --edited
    ");
    assert_eq!(test.requests().as_array().unwrap().len(), 1);
}

#[test]
fn an_error_that_is_caught_is_no_failure() {
    let script = r#"import "helper" as helper;
fn main(params) {
    try { helper::outer("vpc-00000000") } catch (e) { return e; }
}
"#;
    let test = Test::new()
        .aws()
        .file("book.rhai", script)
        .file("helper.rhai", HELPER);
    let caught = test.runbook(&["run", "book.rhai"]).code(0).json();
    assert_eq!(
        (&caught["code"], &caught["service"]),
        (&"InvalidVpcID.NotFound".into(), &"ec2".into())
    );
    assert_eq!(caught["operation"], "create_subnet");
    assert_eq!(
        test.requests().as_array().unwrap().last().unwrap()["request_id"],
        caught["request_id"]
    );
}

#[test]
fn each_failed_branch_is_named() {
    assert_snapshot!(failing("run::parallel(#{one: || helper::check(3), two: || throw \"no\", three: || 1})"), @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    ✗ <run:book> stopped after <duration>
    error: 2 branches failed: one: 3 is too many (<test>/stdlib/helper.rhai:13); two: no (book.rhai:4)
     --> book.rhai:4:10
      |
    4 |     run::parallel(#{one: || helper::check(3), two: || throw "no", three: || 1})
      |          ^
    hint:
        runbook resume <run:book>
    "#);
}

#[test]
fn a_wait_that_comes_to_nothing() {
    let said = failing(
        "run::wait_until(\"the moon is full\", #{every: \"1ms\", timeout: \"20ms\"}, || false)",
    );
    assert!(
        said.contains("error: `the moon is full` timed out after 20ms ("),
        "{said}"
    );
    assert!(said.contains(" --> book.rhai:4:10\n"), "{said}");
}

#[test]
fn a_retry_that_comes_to_nothing_says_what_the_last_try_met() {
    assert_snapshot!(failing("run::retry(\"cut it\", #{every: \"1ms\", attempts: 2}, || helper::outer(\"vpc-00000000\"))"), @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    <time> cut it: waiting, <duration> so far
    <time> cut it: waiting, <duration> so far, attempt 1, last error: InvalidVpcID.NotFound: VpcID <vpc> does not exist.
    <time> cut it: gave up after <duration>: TimedOut: `cut it` gave up after 2 attempts; the last attempt failed at <test>/stdlib/helper.rhai:9: InvalidVpcID.NotFound: VpcID <vpc> does not exist. (ec2 create_subnet, request <uuid>)
    ✗ <run:book> stopped after <duration>
    error: `ec2.create_subnet` failed
    caused by:
      1. TimedOut: `cut it` gave up after 2 attempts; the last attempt failed at <test>/stdlib/helper.rhai:9: InvalidVpcID.NotFound: VpcID <vpc> does not exist. (request id <uuid>)
     --> book.rhai:4:10
      |
    4 |     run::retry("cut it", #{every: "1ms", attempts: 2}, || helper::outer("<vpc>"))
      |          ^
    hint:
        runbook resume <run:book>
    "#);
}
