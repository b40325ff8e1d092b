//! What a person decides: `resolve` and `rewind`, against the emulator.

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::Test;

const NEWS: &str = r#"
import "aws/sns" as sns;

fn main(params) {
    let topic = run::step("make the topic", || sns::create_topic(#{name: "news"}).topic_arn);
    sns::publish(#{topic_arn: topic, message: "hello"}).message_id
}
"#;

const VPC: &str = r#"
import "aws/ec2" as ec2;

fn main(params) {
    let vpc = run::step("make the VPC", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
    run::step("make the subnet", || ec2::create_subnet(#{vpc_id: vpc, cidr_block: "10.0.0.0/24"}).subnet.subnet_id)
}
"#;

/// Kills the run between AWS's doing of the operation's first call and its outcome.
fn cut_off(script: &str, operation: &str) -> Test {
    let seq = {
        let whole = Test::new().aws().file("book.rhai", script);
        whole.runbook(&["run", "book.rhai"]).code(0);
        outcome(&whole, operation)
    };
    let test = Test::new().aws().file("book.rhai", script);
    let output = test
        .command(&["run", "book.rhai"])
        .env("RUNBOOK_CRASH", format!("before:{seq}"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), None);
    test
}

fn outcome(test: &Test, operation: &str) -> u64 {
    let is_its = |entry: &&Value| {
        let key = entry["record"]["effect_finished"]["key"].as_str();
        key.is_some_and(|key| key.ends_with(operation))
    };
    let journal = test.journal();
    journal.iter().find(is_its).unwrap()["seq"]
        .as_u64()
        .unwrap()
}

fn published(test: &Test) -> usize {
    let requests = test.requests();
    let all = requests.as_array().unwrap().iter();
    all.filter(|request| request["operation"] == "Publish")
        .count()
}

/// A message of which nobody knows whether it was sent; the resume has said so.
fn doubtful() -> Test {
    let test = cut_off(NEWS, "sns.publish");
    test.runbook(&["resume", "last"]).code(4);
    test
}

#[test]
fn a_doubt_that_cannot_be_settled_stops_the_run() {
    let test = cut_off(NEWS, "sns.publish");
    let ended = test.runbook(&["resume", "last"]).code(4);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>, attempt 2
    <time> make the topic: reused
    <time> sns.publish: in doubt, asking AWS: the run was cut off during this call

    made
      arn:aws:sns:ap-northeast-1:<account>:news  sns.create_topic  make the topic
    ✗ <run:book> stopped after <duration>
    error: `sns.publish` is in doubt: whether the call was done is not known
    caused by:
      1. call: sns.publish {"message":"hello","topic_arn":"arn:aws:sns:ap-northeast-1:<account>:news"}
      2. reason: the run was cut off during this call; AWS does not show whether `sns::publish` was done
    hint: if the call was done: runbook resolve <run:book> sns.publish --adopt VALUE --why TEXT
    hint: if the call was not done, to repeat it: runbook resolve <run:book> sns.publish --retry --why TEXT
    hint: if the call was not done, to treat it as failed: runbook resolve <run:book> sns.publish --failed --why TEXT
    "#);
    assert_eq!(published(&test), 1);
}

#[test]
fn a_doubt_is_shown_with_what_to_type() {
    let test = doubtful();
    let shown = test.runbook(&["show", "last"]).code(0).stdout;
    let (_, tail) = shown.split_once("\nsteps\n").unwrap();
    // How wide a time is printed depends on the time.
    let tail = regex::Regex::new(" +<duration>")
        .unwrap()
        .replace_all(&test.stable(tail), "  <duration>")
        .into_owned();
    assert_snapshot!(tail, @"
      ✓  <duration>  make the topic
      ·            sns.create_topic  arn:aws:sns:ap-northeast-1:<account>:news
      ?          sns.publish  in doubt

    in doubt
      sns.publish

    last error
      `sns.publish` is in doubt: the run was cut off during this call; AWS does not show whether `sns::publish` was done

    next:
      if the call was done: runbook resolve <run:book> sns.publish --adopt VALUE --why TEXT
      if the call was not done, to repeat it: runbook resolve <run:book> sns.publish --retry --why TEXT
      if the call was not done, to treat it as failed: runbook resolve <run:book> sns.publish --failed --why TEXT
    ");
    let listed = test.runbook(&["list"]).code(0).stdout;
    assert!(listed.contains("in doubt"), "{listed}");
}

#[test]
fn what_a_person_says_is_recorded_and_the_run_goes_on() {
    let test = doubtful();
    let verdict = [
        "resolve",
        "last",
        "sns.publish",
        "--adopt",
        "m-1",
        "--why",
        "seen in the log",
    ];
    let ended = test.runbook(&verdict).code(0);
    assert_snapshot!(test.stable(&ended.stdout), @r#"
    sns.publish: resolved as done: {"message_id":"m-1"}
    next: runbook resume <run:book>
    "#);
    assert_eq!(ended.stderr, "");
    let shown = test.runbook(&["show", "last", "--output", "json"]).json();
    assert_eq!(shown["status"], "interrupted");
    assert_eq!(shown["effects"][1]["state"], "resolved");
    let ended = test
        .runbook(&["resume", "last", "--output", "json"])
        .code(0);
    assert!(
        ended.stdout.contains(r#""value":"m-1""#),
        "{}",
        ended.stdout
    );
    assert_eq!(published(&test), 1);
    let logs = test.runbook(&["logs", "last"]).code(0).stdout;
    let said = logs.lines().find(|line| line.contains("resolved")).unwrap();
    // Of an unknown user it is the number.
    let said = regex::Regex::new("by (user )?[^ ]+ ")
        .unwrap()
        .replace(said, "by <user> ");
    assert_snapshot!(test.stable(&said), @r#"<time> sns.publish: resolved as done {"message_id":"m-1"}, by <user> (arn:aws:iam::<account>:user/rehearsal): seen in the log"#);
}

#[test]
fn what_is_not_to_be_done_is_a_failure() {
    let test = doubtful();
    test.runbook(&[
        "resolve",
        "last",
        "sns.publish",
        "--failed",
        "--why",
        "too late",
    ])
    .code(0);
    let ended = test.runbook(&["resume", "last"]).code(1);
    assert!(ended.stderr.contains("too late"), "{}", ended.stderr);
    assert_eq!(published(&test), 1);
    test.runbook(&["resolve", "last", "sns.publish", "--retry", "--why", "x"])
        .code(2);
}

#[test]
fn what_was_not_done_is_done_by_the_resume() {
    let test = doubtful();
    let verdict = [
        "resolve",
        "last",
        "sns.publish",
        "--retry",
        "--why",
        "nobody got it",
        "--output",
        "json",
    ];
    let said = test.runbook(&verdict).code(0).json();
    assert_eq!(said["verdict"], "retry");
    test.runbook(&["resume", "last"]).code(0);
    assert_eq!(published(&test), 2);
}

#[test]
fn aws_is_asked_before_a_person_is_believed() {
    let test = cut_off(VPC, "ec2.create_vpc");
    let key = "make the VPC/ec2.create_vpc";
    let say = |verdict: &[&str]| {
        let args = [&["resolve", "last", key], verdict, &["--why", "x"]].concat();
        test.stable(&test.runbook(&args).code(2).stderr)
    };
    assert_snapshot!(say(&["--retry"]), @"
    error: `make the VPC/ec2.create_vpc` was done; nothing was recorded
    caused by:
      1. AWS shows <vpc> with this effect's mark
    hint:
        runbook resolve <run:book> 'make the VPC/ec2.create_vpc' --adopt <vpc> --why TEXT
    ");
    assert_snapshot!(say(&["--adopt", "vpc-12345678"]), @"
    error: AWS shows no VPC `<vpc>` that this effect made; nothing was recorded
    caused by:
      1. `<vpc>` does not exist, differs from this effect's input, or lacks the engine's mark
    hint: if this effect did make `<vpc>`, add the mark: aws ec2 create-tags --resources <vpc> --tags Key=runbook:run,Value=<run:book> 'Key=runbook:effect,Value=make the VPC/ec2.create_vpc'
    ");
    test.runbook(&["resume", "last"]).code(0);
    assert_snapshot!(say(&["--retry"]), @"
    error: `make the VPC/ec2.create_vpc` is not in doubt: the call was done; nothing was recorded
    hint: nothing of this run is in doubt: runbook show <run:book>
    ");
}

#[test]
fn somebody_elses_thing_is_not_adopted_until_it_is_marked() {
    let test = cut_off(VPC, "ec2.create_vpc");
    // What AWS had done is undone, and somebody made another by hand.
    crate::harness::emulator(test.account())
        .reset(test.account())
        .unwrap();
    let by_hand = r#"
import "aws/ec2" as ec2;
fn main(params) { ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id }
"#;
    test.write("hand.rhai", by_hand);
    let made = test
        .runbook(&[
            "run",
            "hand.rhai",
            "--state-dir",
            "hand",
            "--output",
            "json",
        ])
        .code(0);
    let id = regex::Regex::new("vpc-[0-9a-f]{17}")
        .unwrap()
        .find(&made.stdout)
        .unwrap()
        .as_str()
        .to_owned();
    let key = "make the VPC/ec2.create_vpc";
    let verdict = ["resolve", "last", key, "--adopt", &id, "--why", "I made it"];
    let ended = test.runbook(&verdict).code(2);
    assert_snapshot!(test.stable(&ended.stderr), @"
    error: AWS shows no VPC `<vpc>` that this effect made; nothing was recorded
    caused by:
      1. `<vpc>` does not exist, differs from this effect's input, or lacks the engine's mark
    hint: if this effect did make `<vpc>`, add the mark: aws ec2 create-tags --resources <vpc> --tags Key=runbook:run,Value=<run:book> 'Key=runbook:effect,Value=make the VPC/ec2.create_vpc'
    ");
    let tag = r#"
import "aws/ec2" as ec2;
const PARAMS = #{ id: #{type: "string", required: true}, run: #{type: "string", required: true} };
fn main(params) {
    ec2::create_tags(#{resources: [params.id], tags: [
        #{key: "runbook:run", value: params.run},
        #{key: "runbook:effect", value: "make the VPC/ec2.create_vpc"},
    ]});
}
"#;
    test.write("tag.rhai", tag);
    let run = test.runs()[0]
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let settings = [format!("id={id}"), format!("run={run}")];
    test.runbook(&[
        "run",
        "tag.rhai",
        "--state-dir",
        "tag",
        "--set",
        &settings[0],
        "--set",
        &settings[1],
    ])
    .code(0);
    test.runbook(&verdict).code(0);
    let resumed = test.runbook(&["resume", "last"]).code(0);
    assert!(
        resumed.stderr.contains("make the subnet"),
        "{}",
        resumed.stderr
    );
}

#[test]
fn a_rewind_says_what_it_forgets_and_what_stays() {
    let test = Test::new().aws().file("book.rhai", VPC);
    test.runbook(&["run", "book.rhai"]).code(0);
    let entries = test.journal().len();
    let plan = test
        .runbook(&["rewind", "last", "--to", "make the subnet", "--plan"])
        .code(0);
    assert_snapshot!(test.stable(&plan.stdout), @"
    2 records would be forgotten, back to `make the subnet`
    would stay behind in AWS:
      <subnet>  make the subnet/ec2.create_subnet
    next: runbook rewind <run:book> --to 'make the subnet'
    ");
    assert_eq!(test.journal().len(), entries);
    let done = test
        .runbook(&[
            "rewind",
            "last",
            "--to",
            "make the subnet",
            "--why",
            "wrong zone",
        ])
        .code(0);
    assert_snapshot!(test.stable(&done.stdout), @"
    2 records forgotten, back to `make the subnet`
    stays behind in AWS:
      <subnet>  make the subnet/ec2.create_subnet
    next: runbook resume <run:book>
    ");
    let listed = test.runbook(&["list"]).code(0).stdout;
    assert!(listed.contains("interrupted"), "{listed}");
    // The range is taken by the subnet that stayed.
    let resumed = test.runbook(&["resume", "last"]).code(1);
    assert!(
        resumed.stderr.contains("InvalidSubnet.Conflict"),
        "{}",
        resumed.stderr
    );
    let shown = test.runbook(&["show", "last"]).code(0).stdout;
    assert!(
        test.stable(&shown)
            .contains("left behind by a rewind\n  <subnet>  make the subnet/ec2.create_subnet"),
        "{shown}"
    );
}

#[test]
fn a_rewind_to_what_is_not_there_changes_nothing() {
    let test = Test::new().aws().file("book.rhai", VPC);
    test.runbook(&["run", "book.rhai"]).code(0);
    let entries = test.journal();
    let ended = test
        .runbook(&["rewind", "last", "--to", "make the subnett"])
        .code(2);
    assert_snapshot!(test.stable(&ended.stderr), @"
    error: nothing is recorded under `make the subnett`; nothing was forgotten
    hint: did you mean `make the subnet`?
    ");
    assert_eq!(test.journal(), entries);
}

#[test]
fn a_verdict_is_one_and_has_a_reason() {
    let test = Test::new();
    let ended = test
        .runbook(&["resolve", "last", "k", "--why", "x"])
        .code(2);
    assert!(
        ended.stderr.contains("<--adopt <VALUE>|--retry|--failed>"),
        "{}",
        ended.stderr
    );
    let ended = test.runbook(&["resolve", "last", "k", "--retry"]).code(2);
    assert!(ended.stderr.contains("--why <TEXT>"), "{}", ended.stderr);
    let both = ["resolve", "last", "k", "--retry", "--failed", "--why", "x"];
    test.runbook(&both).code(2);
}
