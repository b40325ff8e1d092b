//! `list`, `show` and `logs` of runs in each state.

use insta::assert_snapshot;
use serde_json::Value;

use super::GATE;
use crate::harness::Test;

const BOOK: &str = r#"
import "aws/ec2" as ec2;

const PARAMS = #{cidr: #{type: "cidr", value: "10.0.0.0/16"}, fail: #{type: "boolean", value: false}};

fn main(params) {
    let vpc = run::step("create the network", || ec2::create_vpc(#{cidr_block: params.cidr}).vpc);
    run::wait_until("the network is there", #{every: "10ms"}, || {
        ec2::describe_vpcs(#{vpc_ids: [vpc.vpc_id]}).vpcs.len() == 1
    });
    log::info("half-way");
    run::step("check", "tenancy", || {
        if params.fail { throw `tenancy is ${vpc.instance_tenancy}`; }
    });
    #{vpc_id: vpc.vpc_id}
}
"#;

fn book() -> Test {
    Test::new()
        .aws()
        .file("book.rhai", BOOK)
        .file("gate.rhai", GATE)
}

#[track_caller]
fn succeeded() -> Test {
    let test = book();
    test.runbook(&["run", "book.rhai"]).code(0);
    test
}

#[track_caller]
fn failed() -> Test {
    let test = book();
    test.runbook(&["run", "book.rhai", "--set", "fail=true"])
        .code(1);
    test
}

/// What a command prints, with digests replaced; how wide columns are depends on what they hold.
#[track_caller]
fn printed(test: &Test, args: &[&str]) -> String {
    let ended = test.runbook(args).code(0);
    assert_eq!(ended.stderr, "");
    let replaced = [
        (r"\b([0-9a-f]{64}|[0-9a-f]{12})\b", "<digest>"),
        (r#"_ms":\d+"#, "_ms\":0"),
        (r"(?m)(\S) {2,}", "$1  "),
        (r"(?m)^ {4,}", "    "),
    ];
    replaced
        .iter()
        .fold(test.stable(&ended.stdout), |text, (pattern, stable)| {
            regex::Regex::new(pattern)
                .unwrap()
                .replace_all(&text, *stable)
                .into_owned()
        })
}

#[test]
fn no_runs_yet() {
    let ended = Test::new().runbook(&["list"]).code(0);
    assert_eq!(ended.stdout, "");
    assert!(
        ended.stderr.starts_with("there are no runs in `"),
        "{}",
        ended.stderr
    );
}

#[test]
fn show_a_run_that_succeeded() {
    assert_snapshot!(printed(&succeeded(), &["show"]), @r#"
    run  <run:book>
    runbook  book.rhai
    directory  <test>
    status  succeeded
    account  <account> as arn:aws:iam::<account>:user/rehearsal
    region  ap-northeast-1
    endpoint  <endpoint>
    started  <time>
    took  <duration>
    attempt  1
    engine  0.1.0

    parameters
      cidr  "10.0.0.0/16"
      fail  false

    sources
      <digest>  book.rhai  book.rhai

    steps
      ✓  <duration>  create the network
      ·  ec2.create_vpc  <vpc>
      ·  <duration>  waited: the network is there
      ✓  <duration>  check[tenancy]

    log
      <time>  info: half-way

    result
    {
      "vpc_id": "<vpc>"
    }
    "#);
}

#[test]
fn show_a_run_that_failed() {
    assert_snapshot!(printed(&failed(), &["show"]), @r#"
    run  <run:book>
    runbook  book.rhai --set fail=true
    directory  <test>
    status  failed
    account  <account> as arn:aws:iam::<account>:user/rehearsal
    region  ap-northeast-1
    endpoint  <endpoint>
    started  <time>
    took  <duration>
    attempt  1
    engine  0.1.0

    parameters
      cidr  "10.0.0.0/16"
      fail  true

    sources
      <digest>  book.rhai  book.rhai

    steps
      ✓  <duration>  create the network
      ·  ec2.create_vpc  <vpc>
      ·  <duration>  waited: the network is there
      ✗  <duration>  check[tenancy]
        tenancy is default

    log
      <time>  info: half-way

    last error
      tenancy is default (book.rhai:13)

    next:
      runbook resume <run:book>
    "#);
}

#[test]
fn show_a_run_that_is_live_and_then_interrupted() {
    let test = book();
    let live = test.live(&["run", "gate.rhai"], "the gate opens: waiting");
    assert_snapshot!(printed(&test, &["show"]), @"
    run  <run:gate>
    runbook  gate.rhai
    directory  <test>
    status  live
    account  <account> as arn:aws:iam::<account>:user/rehearsal
    region  ap-northeast-1
    endpoint  <endpoint>
    started  <time>
    took  <duration>
    attempt  1
    engine  0.1.0

    sources
      <digest>  gate.rhai  gate.rhai

    steps
      ✓  <duration>  prepare
      *  <duration>  waiting: the gate opens, <duration> left

    next:
      runbook logs -f <run:gate>
    ");
    drop(live);
    assert_snapshot!(printed(&test, &["show"]), @"
    run  <run:gate>
    runbook  gate.rhai
    directory  <test>
    status  interrupted
    account  <account> as arn:aws:iam::<account>:user/rehearsal
    region  ap-northeast-1
    endpoint  <endpoint>
    started  <time>
    attempt  1
    engine  0.1.0

    sources
      <digest>  gate.rhai  gate.rhai

    steps
      ✓  <duration>  prepare
      -  was waiting: the gate opens, <duration> left

    next:
      runbook resume <run:gate>
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one object, shown whole")]
fn show_as_json() {
    let test = failed();
    let shown: Value =
        serde_json::from_str(&printed(&test, &["show", "--output", "json"])).unwrap();
    assert_snapshot!(format!("{shown:#}"), @r#"
    {
      "account": "<account>",
      "attempt": 1,
      "caller": "arn:aws:iam::<account>:user/rehearsal",
      "directory": "<test>",
      "effects": [
        {
          "attempt": 1,
          "ended": "<time>",
          "error": null,
          "key": "create the network/ec2.create_vpc",
          "operation": "create_vpc",
          "resource": "<vpc>",
          "seq": 3,
          "service": "ec2",
          "started": "<time>",
          "state": "done"
        }
      ],
      "elapsed_ms": 0,
      "ended": "<time>",
      "endpoint": "<endpoint>",
      "engine": "0.1.0",
      "id": "<run:book>",
      "last_error": {
        "code": null,
        "message": "tenancy is default",
        "operation": null,
        "place": "book.rhai:13",
        "request_id": null,
        "service": null
      },
      "left": [],
      "log": [
        {
          "at": "<time>",
          "level": "info",
          "message": "half-way",
          "scope": ""
        }
      ],
      "next": "runbook resume <run:book>",
      "params": {
        "cidr": "10.0.0.0/16",
        "fail": true
      },
      "region": "ap-northeast-1",
      "runbook": "book.rhai",
      "settings": {
        "set": [
          "fail=true"
        ],
        "site": []
      },
      "sources": [
        {
          "file": "book.rhai",
          "name": "book.rhai",
          "sha256": "<digest>"
        }
      ],
      "started": "<time>",
      "status": "failed",
      "steps": [
        {
          "attempt": 1,
          "ended": "<time>",
          "error": null,
          "key": "create the network",
          "seq": 2,
          "started": "<time>",
          "state": "done"
        },
        {
          "attempt": 1,
          "ended": "<time>",
          "error": {
            "code": null,
            "message": "tenancy is default",
            "operation": null,
            "place": "book.rhai:13",
            "request_id": null,
            "service": null,
            "thrown": "tenancy is default"
          },
          "key": "check[tenancy]",
          "seq": 9,
          "started": "<time>",
          "state": "failed"
        }
      ],
      "value": null,
      "waits": [
        {
          "attempt": 1,
          "deadline": "<time>",
          "ended": "<time>",
          "error": null,
          "key": "the network is there",
          "seq": 6,
          "started": "<time>",
          "state": "done",
          "what": "the network is there"
        }
      ]
    }
    "#);
}

#[test]
fn the_log_of_a_run() {
    assert_snapshot!(printed(&failed(), &["logs"]), @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    <time> create the network: started
    <time> create the network/ec2.create_vpc: ec2 create_vpc {"cidr_block":"10.0.0.0/16"}
    <time> create the network/ec2.create_vpc: done {"vpc":{"cidr_block":"10.0.0.0/16","cidr_block_association_set":[{"association_id":"<vpc-cidr-assoc>","cidr_block":"10.0.0…
    <time> create the network: done {"cidr_block":"10.0.0.0/16","cidr_block_association_set":[{"association_id":"<vpc-cidr-assoc>","cidr_block":"10.0.0.0/16","cidr_block_sta…
    <time> the network is there: waiting until <time>
    <time> the network is there: waited true
    <time> info: half-way
    <time> check[tenancy]: started
    <time> check[tenancy]: failed: tenancy is default (book.rhai:13)
    <time> run failed: tenancy is default (book.rhai:13)
    "#);
}

#[test]
fn the_log_as_json_is_the_journal() {
    let test = succeeded();
    let lines: Vec<Value> = test
        .runbook(&["logs", "--output", "json"])
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines, test.journal());
}

#[test]
fn the_list_has_a_line_a_run() {
    let test = book();
    let _live = test.live(&["run", "gate.rhai"], "the gate opens: waiting");
    test.runbook(&["run", "book.rhai"]).code(0);
    test.runbook(&["run", "book.rhai", "--set", "fail=true"])
        .code(1);
    let mut lines: Vec<String> = printed(&test, &["list"])
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    lines.sort();
    assert_snapshot!(lines.join("\n"), @"
    <run:book> book.rhai failed <time> <duration> 1
    <run:book> book.rhai succeeded <time> <duration> 1
    <run:gate> gate.rhai live <time> <duration> -
    ID RUNBOOK STATUS STARTED TOOK ATTEMPT
    ");
    let mut objects: Vec<String> = printed(&test, &["list", "--output", "json"])
        .lines()
        .map(str::to_owned)
        .collect();
    objects.sort();
    assert_snapshot!(objects.join("\n"), @r#"
    {"id":"<run:book>","runbook":"book.rhai","status":"failed","started":"<time>","ended":"<time>","elapsed_ms":0,"attempt":1}
    {"id":"<run:book>","runbook":"book.rhai","status":"succeeded","started":"<time>","ended":"<time>","elapsed_ms":0,"attempt":1}
    {"id":"<run:gate>","runbook":"gate.rhai","status":"live","started":"<time>","ended":null,"elapsed_ms":0,"attempt":null}
    "#);
}

#[test]
fn any_part_of_an_id_means_the_run_and_last_the_newest() {
    let test = book().file("other.rhai", "fn main(params) { 1 }");
    test.runbook(&["run", "book.rhai"]).code(0);
    test.runbook(&["run", "other.rhai"]).code(0);
    let id = |part: &str| {
        test.runbook(&["show", part, "--output", "json"])
            .code(0)
            .json()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (book, other) = (id("book-"), id("other"));
    assert_eq!(
        (id(&book), id(&book[16..]), id("last")),
        (book.clone(), book.clone(), other.clone())
    );
    assert_eq!(id(&other[other.len() - 12..]), other);
}
