//! A journal that the first version wrote is read for ever.
//!
//! `tests/journals/version-1` is a run that was killed after its last effect, as an engine of before places, endpoints,
//! partitions and thrown values wrote it. The hash of a line is the SHA-256 of its bytes before `,"hash"`. It is never
//! changed.

use std::os::unix::fs::DirBuilderExt;

use insta::assert_snapshot;

use crate::harness::Test;

const ID: &str = "20260102-030405-book-abcdefghijkl";
const JOURNAL: &str = include_str!("../journals/version-1/journal.jsonl");

fn test() -> Test {
    let test = Test::new().aws().env("AWS_ACCESS_KEY_ID", "111122223333");
    let run = format!("state/runs/{ID}");
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(test.path(&run)).unwrap();
    test.write(&format!("{run}/journal.jsonl"), JOURNAL);
    test
}

#[test]
fn it_is_shown() {
    let test = test();
    let ended = test.runbook(&["show", ID]).code(0);
    assert_snapshot!(ended.stdout.replace("http://127.0.0.1:5000", "<endpoint>"), @r#"
    run        20260102-030405-book-abcdefghijkl
    runbook    book.rhai
    directory  /srv/runbooks
    status     interrupted
    account    111122223333 as arn:aws:iam::111122223333:user/rehearsal
    region     ap-northeast-1
    endpoint   <endpoint>
    started    2026-11-28T06:10:11Z
    attempt    1
    engine     0.1.0

    parameters
      cidr  "10.0.0.0/16"

    sources
      a758a6f4e3c3  book.rhai  book.rhai

    steps
      ✓  484 ms  make the VPC
      ·            ec2.create_vpc  vpc-aab29cf11393f7621
      ✗    0 ms  fail
                   no
      ·    1 ms  waited: a moment
      ✓    0 ms  a/one
      ✓    0 ms  b/two
      ·          ec2.create_internet_gateway  igw-4a8d83a4fc5e08216

    log
      2026-11-28T06:10:11Z  info: it begins
      2026-11-28T06:10:11Z  warning: caught no

    last error
      no (book.rhai:12)

    next:
      runbook resume 20260102-030405-book-abcdefghijkl
    "#);
    let logs = test.runbook(&["logs", ID]).code(0).stdout;
    assert!(
        logs.contains("it begins") && logs.contains("make the VPC"),
        "{logs}"
    );
    assert!(
        test.runbook(&["list"])
            .code(0)
            .stdout
            .contains("interrupted")
    );
}

#[test]
fn it_is_gone_on_with() {
    let test = test();
    let ended = test.runbook(&["resume", ID, "--pinned"]).code(0);
    assert_eq!(ended.stdout, "2\n");
    assert!(test.has_succeeded());
    let entries = test.journal();
    let again = |entry: &&serde_json::Value| entry["record"]["effect_intended"].is_object();
    assert_eq!(entries.iter().filter(again).count(), 2, "{entries:?}");
}

#[test]
fn it_can_be_planned_to_be_undone() {
    let ended = test().runbook(&["undo", ID, "--plan"]).code(0);
    assert_snapshot!(ended.stdout, @"
    undo of 20260102-030405-book-abcdefghijkl in account 111122223333, region ap-northeast-1

    already gone
      Internet gateway igw-4a8d83a4fc5e08216
      VPC vpc-aab29cf11393f7621

    there is nothing to delete
    ");
}
