//! Runs that are not there, not meant clearly, not ours to resume, or not to be resumed.

use insta::assert_snapshot;

use super::refused;
use crate::harness::Test;

const FINE: &str = "fn main(params) { 1 }";
const WAITING: &str = "fn main(params) { run::wait_until(\"the gate opens\", #{every: \"10ms\", timeout: \"1h\"}, || false) }";

#[test]
fn no_runs_at_all() {
    let test = Test::new();
    let said = refused(&test, &["resume", "last"]);
    for command in ["show", "logs", "resume"] {
        assert_eq!(refused(&test, &[command, "20261121"]), said);
    }
    assert_snapshot!(said, @"
    error: there are no runs in `<test>/state/runs`
    hint: if the runs are in another directory: --state-dir DIR, or RUNBOOK_STATE_DIR
    ");
}

#[test]
fn an_id_that_none_has() {
    let test = Test::new().file("build.rhai", FINE);
    test.runbook(&["run", "build.rhai"]).code(0);
    assert_snapshot!(refused(&test, &["resume", "19990101-120000-bulid"]), @"
    error: no run in `<test>/state/runs` matches `19990101-120000-bulid`
    hint:
        runbook show <run:build>
    hint: see all runs: runbook list
    ");
}

#[test]
fn what_is_no_id() {
    let test = Test::new();
    assert_snapshot!(refused(&test, &["show", "../../etc"]), @"
    error: `../../etc` is not a run id: expected 1 to 64 of a-z, 0-9 and `-`
    hint: see the ids: runbook list
    ");
    for text in ["", "..", "/", "A", "a b", "a\u{1b}[31m"] {
        let said = refused(&test, &["resume", text]);
        assert!(
            said.contains("is not a run id") && !said.contains('\u{1b}'),
            "{text}: {said}"
        );
    }
}

#[test]
fn a_part_that_several_have() {
    let test = Test::new().file("build.rhai", FINE);
    for _ in 0..7 {
        test.runbook(&["run", "build.rhai"]).code(0);
    }
    assert_snapshot!(refused(&test, &["resume", "build"]), @"
    error: `build` matches 7 runs
    hint:
        runbook show <run:build>
    hint:
        runbook show <run:build>
    hint:
        runbook show <run:build>
    hint:
        runbook show <run:build>
    hint:
        runbook show <run:build>
    hint: see all runs: runbook list
    ");
}

#[test]
fn a_run_that_is_live() {
    let test = Test::new().file("book.rhai", WAITING);
    let live = test.live(&["run", "book.rhai"], "the gate opens: waiting");
    let entries = test.journal();
    let ended = test.runbook(&["resume", "last"]).code(6);
    assert_eq!(ended.stdout, "");
    assert_snapshot!(test.stable(&ended.stderr), @"
    error: run `<run:book>` is live in process <pid>
    hint: watch it: runbook logs -f <run:book>
    ");
    assert_eq!(test.journal(), entries);
    drop(live);
}

#[test]
fn a_run_that_has_succeeded() {
    let test = Test::new().file("book.rhai", FINE);
    test.runbook(&["run", "book.rhai"]).code(0);
    let entries = test.journal();
    assert_snapshot!(refused(&test, &["resume", "last"]), @"
    error: the run `<run:book>` has succeeded: there is nothing to resume
    hint:
        runbook show <run:book>
    ");
    assert_eq!(test.journal(), entries);
}

#[test]
fn a_run_of_another_account() {
    let script = "import \"aws/ec2\" as ec2;\nfn main(params) { ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"}).vpc.cidr_block }";
    let test = Test::new().aws().file("book.rhai", script);
    let other = Test::new().aws_beside(&test);
    let killed = test
        .command(&["run", "book.rhai"])
        .env("RUNBOOK_CRASH", "after:1")
        .output()
        .unwrap();
    assert_eq!(killed.status.code(), None);
    let entries = test.journal();
    let output = test
        .command(&["resume", "last"])
        .env("AWS_ACCESS_KEY_ID", other.account())
        .output()
        .unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
    let said = String::from_utf8(output.stderr)
        .unwrap()
        .replace(other.account(), "<other>");
    assert_snapshot!(test.stable(&said), @"
    error: the run belongs to account `<account>`, but these credentials belong to account `<other>`
    caused by:
      1. arn:aws:iam::<account>:user/rehearsal started the run; these credentials are those of arn:aws:iam::<other>:user/rehearsal
    hint: set the credentials of the run's account, for example with AWS_PROFILE
    ");
    assert_eq!(test.journal(), entries);
    let asked: Vec<_> = other
        .requests()
        .as_array()
        .unwrap()
        .iter()
        .map(|request| request["operation"].clone())
        .collect();
    assert_eq!(asked, ["GetCallerIdentity"]);
    test.runbook(&["resume", "last"]).code(0);
}

#[test]
fn hints_lead_to_the_same_state_directory() {
    let test = Test::new().file("book.rhai", FINE);
    test.runbook(&["--state-dir", "elsewhere", "run", "book.rhai"])
        .code(0);
    assert_snapshot!(refused(&test, &["--state-dir", "elsewhere", "resume", "last"]), @"
    error: the run `<run:book>` has succeeded: there is nothing to resume
    hint:
        runbook --state-dir elsewhere show <run:book>
    ");
    assert_snapshot!(refused(&test, &["--state-dir", "elsewhere", "show", "bok"]), @"
    error: no run in `<test>/elsewhere/runs` matches `bok`
    hint:
        runbook --state-dir elsewhere show <run:book>
    hint: see all runs: runbook --state-dir elsewhere list
    ");
    assert_snapshot!(refused(&test, &["--state-dir", "elsewhere", "reference", "qqqqqqqqq"]), @"
    error: there is no namespace, AWS service or module `qqqqqqqqq`
    hint:
        runbook --state-dir elsewhere reference
    ");
    let json = [
        "--state-dir",
        "elsewhere",
        "--output",
        "json",
        "resume",
        "last",
    ];
    let said = test.runbook(&json).code(2).stdout;
    assert!(
        said.contains(r#""hints":["runbook --state-dir elsewhere show "#),
        "{said}"
    );
}
