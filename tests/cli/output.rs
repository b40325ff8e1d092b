//! Data on stdout, everything else on stderr; nothing that steers a terminal.

use insta::assert_snapshot;
use serde_json::Value;

use super::GATE;
use crate::harness::{Ended, Test};

const MAKING: &str = r#"
import "aws/ec2" as ec2;

const PARAMS = #{name: #{type: "string", value: "test"}};

fn main(params) {
    let vpc_id = run::step("create the network", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
    log::info(`made ${params.name}`);
    #{vpc_id: vpc_id, name: params.name}
}
"#;

const FAILING: &str = "fn main(params) { run::step(\"try\", || throw \"no\") }";

fn making() -> Test {
    Test::new()
        .aws()
        .file("book.rhai", MAKING)
        .file("failing.rhai", FAILING)
}

#[test]
fn the_result_alone_is_on_stdout() {
    let test = making();
    let ended = test.runbook(&["run", "book.rhai"]).code(0);
    assert_snapshot!(test.stable(&ended.stdout), @r#"
    {
      "name": "test",
      "vpc_id": "<vpc>"
    }
    "#);
    assert_snapshot!(test.stable(&ended.stderr), @"
    <time> run <run:book>: book.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    <time> create the network: started
    <time> create the network/ec2.create_vpc: done, <vpc>
    <time> create the network: done in <duration>
    <time> made test

    made
      <vpc>  ec2.create_vpc  create the network
    ✓ <run:book> succeeded in <duration>
    ");
}

#[test]
fn a_run_without_a_result_prints_none() {
    let test = Test::new().file(
        "book.rhai",
        "fn main(params) { run::step(\"rest\", || ()); }",
    );
    let ended = test.runbook(&["run", "book.rhai"]).code(0);
    assert_eq!(ended.stdout, "");
    assert_snapshot!(test.stable(&ended.stderr), @"
    <time> run <run:book>: book.rhai, without AWS
    <time> rest: started
    <time> rest: done in <duration>
    ✓ <run:book> succeeded in <duration>
    ");
}

#[track_caller]
fn events(ended: &Ended) -> Vec<Value> {
    assert_eq!(ended.stderr, "");
    let events: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        events
            .iter()
            .all(|event| event["event"].is_string() && event["at"].is_string()),
        "{}",
        ended.stdout
    );
    events
}

#[test]
fn as_json_every_line_is_an_event() {
    let test = making();
    let events = events(
        &test
            .runbook(&["run", "book.rhai", "--output", "json"])
            .code(0),
    );
    let names: Vec<&str> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    let expected = [
        "run_started",
        "step_started",
        "effect_started",
        "effect_finished",
        "step_finished",
        "log",
        "run_ended",
    ];
    assert_eq!(names, expected);
    let ended = &events[6];
    assert_eq!(
        (&ended["succeeded"], &ended["value"]["name"]),
        (&true.into(), &"test".into())
    );
    assert_eq!(ended["made"][0]["id"], ended["value"]["vpc_id"]);
}

#[test]
fn as_json_a_failure_is_the_last_event() {
    let test = making();
    let events = events(
        &test
            .runbook(&["--output", "json", "run", "failing.rhai"])
            .code(1),
    );
    let [.., ended, error] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(
        (&ended["event"], &ended["succeeded"]),
        (&"run_ended".into(), &false.into())
    );
    assert_eq!(
        (&error["event"], &error["message"], &error["exit_code"]),
        (&"error".into(), &"no".into(), &1.into())
    );
    assert_eq!(error["place"]["file"], "failing.rhai");
    assert!(
        error["hints"][0]
            .as_str()
            .unwrap()
            .starts_with("runbook resume ")
    );
}

#[test]
fn as_json_what_is_refused_is_an_event_too() {
    let events = events(
        &making()
            .runbook(&["run", "book.rhai", "--set", "nmae=x", "--output", "json"])
            .code(2),
    );
    assert_eq!(events.len(), 1);
    assert_eq!(
        (&events[0]["event"], &events[0]["exit_code"]),
        (&"error".into(), &2.into())
    );
}

const WILD: &str =
    "a\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7} \u{202e}backwards\u{202c} \u{9b}2J\u{7f}b";

#[track_caller]
fn tame(text: &str) {
    let steers = |c: &char| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c);
    assert_eq!(text.chars().find(steers), None, "{text:?}");
}

#[test]
fn nothing_of_a_script_steers_the_terminal() {
    let script = r#"
const PARAMS = #{text: #{type: "string", required: true}};
fn main(params) {
    log::warn(params.text);
    print(params.text);
    try { run::step("echo", params.text, || 1); } catch (e) { log::error(e.message); }
    run::step("fail", || { throw params.text; })
}
"#;
    let test = Test::new().file("book.rhai", script);
    let set = format!("text={WILD}");
    let ended = test.runbook(&["run", "book.rhai", "--set", &set]).code(1);
    tame(&ended.stderr);
    for command in [
        &["show"][..],
        &["logs"],
        &["list"],
        &["show", "--output", "json"],
        &["logs", "--output", "json"],
    ] {
        let ended = test.runbook(command).code(0);
        tame(&ended.stdout);
        assert!(!ended.stdout.is_empty() && ended.stderr.is_empty());
    }
    tame(
        &test
            .runbook(&["run", "book.rhai", "--set", &set, "--output", "json"])
            .code(1)
            .stdout,
    );
    tame(
        &test
            .runbook(&["run", "book.rhai", "--set", WILD])
            .code(2)
            .stderr,
    );
}

#[test]
fn a_result_is_the_same_data_in_safe_characters() {
    let test = Test::new().file("book.rhai", "fn main(params) { \"a\\x1b[31m\\u202ez\" }");
    let ended = test.runbook(&["run", "book.rhai"]).code(0);
    tame(&ended.stdout);
    assert_eq!(ended.json(), "a\u{1b}[31m\u{202e}z");
}

#[test]
fn print_is_a_log_line() {
    let test = Test::new().file("book.rhai", "fn main(params) {\n    print(\"printed\");\n    debug(\"not for people\");\n    run::step(\"loud\", || log::error(\"trouble\"))\n}");
    let ended = test.runbook(&["run", "book.rhai"]).code(0);
    assert_eq!(ended.stdout, "");
    assert_snapshot!(test.stable(&ended.stderr), @"
    <time> run <run:book>: book.rhai, without AWS
    <time> printed
    <time> loud: started
    <time> loud: error: trouble
    <time> loud: done in <duration>
    ✓ <run:book> succeeded in <duration>
    ");
}

#[test]
fn nobody_reads_the_output_any_more() {
    let test = Test::new().file(
        "book.rhai",
        "fn main(params) {\n    for n in 0..500 { log::info(`line ${n}`); }\n    \"done\"\n}",
    );
    test.runbook(&["run", "book.rhai"]).code(0);
    for command in [
        &["logs"][..],
        &["show"],
        &["list"],
        &["logs", "--output", "json"],
        &["run", "book.rhai", "--output", "json"],
        &["--help"],
    ] {
        let mut child = test.spawn(command);
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), said.contains("panicked")),
            (Some(0), false),
            "{command:?}: {said}"
        );
    }
}

#[test]
fn a_run_outlives_whoever_reads_its_progress() {
    let test = Test::new().file(
        "book.rhai",
        "fn main(params) {\n    for n in 0..500 { log::info(`line ${n}`); }\n    \"done\"\n}",
    );
    let mut child = test.spawn(&["run", "book.rhai"]);
    drop(child.stderr.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stdout),
        (Some(0), b"\"done\"\n".to_vec())
    );
}

#[test]
fn without_a_terminal_there_are_plain_lines() {
    let test = Test::new()
        .aws()
        .file("gate.rhai", GATE)
        .env("TERM", "xterm-256color");
    let live = test.live(&["run", "gate.rhai"], "waiting");
    live.signal(rustix::process::Signal::INT);
    tame(&live.ended().code(130).stderr);
}
