//! `run::call` as `check`, `plan` and `resume` see it.

use insta::assert_snapshot;

use crate::harness::Test;

const CHILD: &str = r#"
import "aws/ec2" as ec2;
const PARAMS = #{cidr: #{type: "cidr", required: true}, size: #{type: "integer"}};
fn validate(params) { if params.size == 13 { ["not 13"] } else { [] } }
fn main(params) { run::step("make", || ec2::create_vpc(#{cidr_block: params.cidr}).vpc.vpc_id) }
"#;

fn main(statements: &str) -> String {
    format!("fn main(params) {{ {statements} }}\n")
}

fn world(statements: &str) -> Test {
    let test = Test::new().file("child.rhai", CHILD);
    test.file("book.rhai", &main(statements))
}

fn refused(test: &Test) -> String {
    test.stable(&test.runbook(&["check", "book.rhai"]).code(2).stderr)
}

#[test]
fn a_circle_is_refused_by_its_names() {
    let test = world(r#"run::call("book.rhai", #{})"#);
    assert_snapshot!(refused(&test), @r#"
    error: runbooks call each other in a circle: book.rhai -> book.rhai
     --> book.rhai:1:29
      |
    1 | fn main(params) { run::call("book.rhai", #{}) }
      |                             ^
    hint: such a run never ends: move the repeated part into a function or a module
    "#);
    test.write("book.rhai", &main(r#"run::call("child.rhai", #{})"#));
    test.write(
        "child.rhai",
        &format!("import \"names\" as n; {}", main("n::last()")),
    );
    test.write("names.rhai", r#"fn last() { run::call("book.rhai", #{}) }"#);
    let told = refused(&test);
    let circle = "in a circle: book.rhai -> child.rhai -> names -> book.rhai";
    assert!(told.contains(circle), "{told}");
}

#[test]
fn what_is_wrong_with_a_call_is_found_before_a_run() {
    for (statements, problem) in [
        (
            r#"let x = "child.rhai"; run::call(x, #{})"#,
            "a literal name",
        ),
        (r#"run::call("child", #{})"#, "ends in `.rhai`"),
        (
            r#"run::call("chlid.rhai", #{})"#,
            "there is a file `child.rhai`",
        ),
        (
            r#"run::call("../child.rhai", #{})"#,
            "leaves the folders of the modules",
        ),
        (r#"run::call("child.rhai", #{})"#, "missing setting `cidr`"),
        (
            r#"let c = params; run::call("child.rhai", #{cdir: c, size: "1"})"#,
            "unknown setting `cdir`; did you mean `cidr`?; missing setting `cidr` (a CIDR block such as `10.0.0.0/16`); `size`: expected an integer",
        ),
        (
            r#"run::call("child.rhai", #{cidr: "10.0.0.0/8", size: 13})"#,
            "not 13",
        ),
        (
            r#"run::wait_until("x", #{}, || run::call("child.rhai", #{cidr: params.x}))"#,
            "a wait cannot run another runbook",
        ),
    ] {
        let told = refused(&world(statements));
        assert!(told.contains(problem), "{statements}: {told}");
        assert!(told.contains("book.rhai:1"), "{statements}: {told}");
    }
    let test = world(r#"run::call("child.rhai", #{})"#);
    test.write("child.rhai", &format!("const TICK = true; {}", main("1")));
    let told = refused(&test);
    assert!(told.contains("is a tick"), "{told}");
    test.write("child.rhai", "fn mian(params) { 1 }");
    let told = refused(&test);
    assert!(told.contains("child.rhai`: `main` is missing"), "{told}");
}

#[test]
fn calls_of_one_name_are_warned_of_and_its_operations_are_in_the_policy() {
    let twice = r#"run::call("child.rhai", #{cidr: "10.0.0.0/16"});"#;
    let test = world(&format!("{twice} {twice}"));
    let told = test.runbook(&["check", "book.rhai"]).code(0).stderr;
    assert!(
        told.contains("two calls in one scope are named `child`"),
        "{told}"
    );
    let policy = test.runbook(&["plan", "--policy", "book.rhai"]).code(0);
    assert!(policy.stdout.contains("ec2:CreateVpc"), "{}", policy.stdout);
}

#[test]
fn an_edit_of_the_called_runbook_is_seen_by_a_resume() {
    let child = |second: &str| main(&format!(r#"run::step("first", || 1); {second}"#));
    let test = world(r#"run::call("child.rhai", #{}); throw "no";"#);
    test.write("child.rhai", &child("throw \"no\";"));
    test.runbook(&["run", "book.rhai"]).code(1);
    test.write("child.rhai", &child(r#"run::step("second", || 2);"#));
    let told = test.runbook(&["resume", "last"]).code(2);
    let told = format!("{}{}", told.stdout, told.stderr);
    for part in ["child.rhai", "step `child/first`", "step `second`"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn the_lock_of_a_called_runbook_is_the_runs() {
    let test = world(
        r#"run::call("child.rhai", #{}); log::info("at it"); run::call("child.rhai", #{}); run::sleep("1h");"#,
    );
    test.write(
        "child.rhai",
        &format!("const LOCK = \"one\"; {}", main("1")),
    );
    let _first = test.live(&["run", "book.rhai"], "sleep: waiting");
    test.write("other.rhai", &main(r#"run::call("child.rhai", #{})"#));
    let told = test.runbook(&["run", "other.rhai"]).code(1).stderr;
    assert!(
        told.contains("Locked: the lock `one` is held by the run"),
        "{told}"
    );
    test.runbook(&["run", "child.rhai"]).code(6);
}
