//! When a tick is a run, and when it is none.

use insta::assert_snapshot;

use super::SECOND;
use crate::harness::Test;

#[test]
fn a_tick_is_a_run_from_its_first_effect_on_with_all_that_came_before() {
    let test = Test::new().aws().file("second.rhai", SECOND);
    let first = test.runbook(&["run", "second.rhai"]).code(0);
    assert_snapshot!(test.stable(&first.stderr), @"<time> tick 1");
    assert!(test.runs().is_empty());
    let second = test.runbook(&["run", "second.rhai"]).code(0);
    assert_snapshot!(test.stable(&second.stderr), @"
    <time> tick 2
    <time> now
    <time> run <run:second>: second.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
    <time> ec2.create_vpc: done, <vpc>
    <time> made it

    made
      <vpc>  ec2.create_vpc  ec2.create_vpc
    ✓ <run:second> succeeded in <duration>
    ");
    let kinds: Vec<String> = test
        .journal()
        .iter()
        .map(|entry| {
            entry["record"]
                .as_object()
                .unwrap()
                .keys()
                .next()
                .unwrap()
                .clone()
        })
        .collect();
    assert_snapshot!(kinds.join(" "), @"run_started logged step_started step_finished logged effect_intended effect_finished logged run_ended");
    let third = test.runbook(&["run", "second.rhai"]).code(0);
    assert_snapshot!(test.stable(&third.stderr), @"<time> tick 3");
    assert_eq!(test.runs().len(), 1);
    assert!(test.memory().join("memory").is_file());
}

const BEATING: &str = r#"
import "aws/ec2" as ec2;

const TICK = true;

fn main(params) {
    let vpc = ec2::describe_vpcs(#{}).vpcs[0].vpc_id;
    let tags = [#{key: "beat", value: "here"}];
    ec2::create_tags(#{resources: [vpc], tags: tags}, #{beat: true});
    log::info("sent");
    try {
        ec2::create_vpc(#{cidr_block: "10.9.0.0/16"}, #{beat: true});
    } catch (error) {
        log::info(`${error.code}: ${error.message}`);
    }
    try {
        ec2::create_tags(#{resources: ["vpc-00000000000000000"], tags: tags}, #{beat: true});
    } catch (error) {
        log::info(error.code);
    }
}
"#;

#[test]
fn a_beat_is_sent_and_makes_no_run() {
    let test = Test::new().aws().file("beating.rhai", BEATING);
    let ended = test.runbook(&["run", "beating.rhai"]).code(0);
    assert_snapshot!(test.stable(&ended.stderr), @"
    <time> sent
    <time> InvalidInput: `ec2.create_vpc` cannot be a beat: its class is tagged, and only an idempotent call may be lost or made twice
    <time> InvalidVpcID.NotFound
    ");
    assert!(test.runs().is_empty());
    let sent = test.requests().to_string();
    assert!(sent.contains("CreateTags"), "{sent}");
    assert!(!sent.contains("CreateVpc"), "{sent}");
}

#[test]
fn a_tick_that_changes_nothing_leaves_every_file_as_it_was() {
    let healthy = r#"
import "aws/ec2" as ec2;

const TICK = true;

fn main(params) {
    state::put("vpcs", run::step("look", || ec2::describe_vpcs(#{}).vpcs.len()));
    state::put("seen", state::get("seen", [1, 2.5, "x"]));
    state::put("passing", 1);
    state::remove("passing");
    run::sleep("1ms");
}
"#;
    let test = Test::new().aws().file("healthy.rhai", healthy);
    test.runbook(&["run", "healthy.rhai"]).code(0);
    let before = super::files(&test.state_dir());
    assert!(before.iter().any(|(path, ..)| path.ends_with("written")));
    for _ in 0..3 {
        let ended = test.runbook(&["run", "healthy.rhai"]).code(0);
        assert_eq!((&*ended.stdout, &*ended.stderr), ("", ""));
    }
    assert_eq!(super::files(&test.state_dir()), before);
}

#[test]
fn what_a_tick_keeps_is_gone_once_it_is_removed_and_belongs_to_one_site() {
    let keeping = r#"
const PARAMS = #{verb: #{type: "choice", choices: ["put", "get", "remove"], value: "get", help: "what"}};
const TICK = true;

fn main(params) {
    if params.verb == "put" { state::put("key", #{list: [1, "two"], none: ()}); }
    if params.verb == "remove" { state::remove("key"); }
    [state::get("key"), state::get("key", "preset")]
}
"#;
    let test = Test::new().file("keeping.rhai", keeping).file("a.toml", "");
    let keep = |args: &[&str]| {
        let args = [&["run", "keeping.rhai"], args].concat();
        test.runbook(&args).code(0).json()
    };
    let nothing = serde_json::json!([null, "preset"]);
    assert_eq!(keep(&[]), nothing);
    keep(&["--set", "verb=put"]);
    let value = serde_json::json!({"list": [1, "two"], "none": null});
    assert_eq!(keep(&[]), serde_json::json!([value, value]));
    assert_eq!(keep(&["--site", "a.toml"]), nothing);
    keep(&["--set", "verb=remove"]);
    assert_eq!(keep(&[]), nothing);
}

#[test]
fn a_tick_that_fails_before_its_first_effect_has_nothing_to_resume() {
    let failing = "const TICK = true;\nfn main(params) { state::put(\"n\", 1); throw \"no\"; }";
    let test = Test::new().file("failing.rhai", failing);
    let ended = test.runbook(&["run", "failing.rhai"]).code(1);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    error: no
     --> failing.rhai:2:39
      |
    2 | fn main(params) { state::put("n", 1); throw "no"; }
      |                                       ^
    "#);
    assert!(test.runs().is_empty());
    assert!(
        test.memory().join("memory").is_file(),
        "what it put is kept"
    );
}

/// Fails after its first effect unless the gate is open, and counts.
const HALF: &str = r#"
import "aws/ec2" as ec2;

const TICK = true;

fn main(params) {
    let tick = state::get("ticks", 0) + 1;
    state::put("ticks", tick);
    let seen = run::step("look", || ec2::describe_vpcs(#{}).vpcs.len());
    ec2::create_vpc(#{cidr_block: `10.${tick}.0.0/16`});
    if ec2::describe_vpcs(#{filters: [#{name: "cidr", values: ["10.9.0.0/16"]}]}).vpcs.is_empty() {
        throw "half-way";
    }
}
"#;

#[test]
fn a_tick_that_fails_after_its_first_effect_can_be_resumed_by_hand() {
    let test = Test::new().aws().file("half.rhai", HALF);
    let ended = test.runbook(&["run", "half.rhai"]).code(1);
    assert!(
        ended.stderr.contains("    runbook resume "),
        "{}",
        ended.stderr
    );
    test.runbook(&["run", "half.rhai"]).code(1);
    test.open_the_gate();
    let id = ended.stderr.rsplit_once(' ').unwrap().1.trim().to_owned();
    let resumed = test.runbook(&["resume", &id]).code(0);
    assert!(!resumed.stderr.contains("10.3"), "{}", resumed.stderr);
    assert_eq!(test.runs().len(), 2);
    assert_eq!(
        networks(&test),
        ["10.1.0.0/16", "10.2.0.0/16", "10.9.0.0/16"]
    );
    let next = test.runbook(&["run", "half.rhai"]).code(0);
    assert!(!next.stderr.contains("superseded"), "{}", next.stderr);
    assert!(
        networks(&test).contains(&"10.3.0.0/16".to_owned()),
        "later ticks' state has lasted"
    );
}

#[test]
fn the_run_of_a_tick_keeps_its_log_and_no_checkpoints() {
    let test = Test::new().aws().file("second.rhai", SECOND);
    for _ in 0..2 {
        test.runbook(&["run", "second.rhai"]).code(0);
    }
    let run = &test.runs()[0];
    assert!(run.join("journal.jsonl").is_file());
    assert!(!run.join("checkpoints").exists());
    let shown = test.runbook(&["show", "last"]).code(0).stdout;
    assert!(shown.contains("succeeded"), "{shown}");
}

#[test]
fn state_in_an_ordinary_run_says_how_to_make_it_a_tick() {
    let script = "fn main(params) { try { state::get(\"x\") } catch (e) { log::info(e.code); } state::put(\"x\", 1); }";
    for tick in ["", "const TICK = false;\n"] {
        let test = Test::new().file("plain.rhai", &format!("{tick}{script}"));
        let ended = test.runbook(&["run", "plain.rhai"]).code(1);
        assert!(ended.stderr.contains("NotATick"), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("const TICK = true;"),
            "{}",
            ended.stderr
        );
        assert_eq!(test.runs().len(), 1);
    }
}

fn networks(test: &Test) -> Vec<String> {
    let census = test.census();
    let all = census.as_array().unwrap().iter();
    let networks = all.filter(|thing| thing["type"] == "vpc");
    let mut blocks: Vec<String> = networks
        .map(|thing| {
            thing["attributes"]["cidr_block"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    blocks.sort();
    blocks
}

#[test]
fn a_beat_whose_reply_is_lost_is_caught_and_the_tick_goes_on() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    // Hangs up on everything but who is calling.
    std::thread::spawn(move || silent(&listener));
    let script = r#"
import "aws/ec2" as ec2;

const TICK = true;

fn main(params) {
    try {
        ec2::create_tags(#{resources: ["vpc-1"], tags: []}, #{beat: true});
    } catch (error) {
        log::info(`${error.code} ${error.operation}`);
    }
}
"#;
    let test = Test::new()
        .aws()
        .env("AWS_ENDPOINT_URL", &endpoint)
        .file("beat.rhai", script);
    let ended = test.runbook(&["run", "beat.rhai"]).code(0);
    assert_snapshot!(test.stable(&ended.stderr), @"<time> Lost create_tags");
    assert!(test.runs().is_empty());
}

fn silent(listener: &std::net::TcpListener) {
    use std::io::{Read, Write};
    const CALLER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/x</Arn><UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>";
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut request = Vec::new();
        let mut bytes = [0; 4096];
        while !request.windows(8).any(|part| part == b"Version=") {
            match stream.read(&mut bytes).unwrap() {
                0 => break,
                count => request.extend_from_slice(&bytes[..count]),
            }
        }
        if String::from_utf8_lossy(&request).contains("GetCallerIdentity") {
            let length = CALLER.len();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n";
            write!(stream, "{head}Content-Length: {length}\r\n\r\n{CALLER}").unwrap();
        }
    }
}
