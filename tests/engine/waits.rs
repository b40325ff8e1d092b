//! `run::wait_until`, `run::retry`, `run::sleep` and the model's waiters; none of these tests waits.

use std::time::Duration;

use jiff::Timestamp;
use runbook::exit::Exit;
use runbook::journal::entry::{Record, WaitStarted};
use runbook::run::event::Event;
use serde_json::json;

use super::aws::Act;
use super::bench::Bench;
use super::ended::Ended;

fn starts(ended: &Ended) -> Vec<WaitStarted> {
    let starts = ended
        .log
        .entries()
        .into_iter()
        .filter_map(|entry| match entry.record {
            Record::WaitStarted(started) => Some(started),
            _ => None,
        });
    starts.collect()
}

fn deadlines(ended: &Ended) -> Vec<Option<Timestamp>> {
    starts(ended)
        .into_iter()
        .map(|started| started.deadline)
        .collect()
}

/// Whether the run is about to pause for longer than a test may.
fn pauses(event: &Event) -> bool {
    matches!(event, Event::Waiting(waiting)
        if (waiting.attempt > 0 || waiting.what == "sleep") && waiting.left != Some(Duration::ZERO))
}

#[test]
fn a_wait_ends_with_the_first_answer_and_is_not_repeated() {
    let bench = Bench::new(
        r#"let found = run::wait_until("the VPC", #{every: "0s", timeout: "1h"}, || {
            let vpcs = ec2::describe_vpcs(#{}).vpcs;
            if vpcs.is_empty() { return; }
            if vpcs.len() == 1 { return false; }
            vpcs.len()
        });
        ec2::create_internet_gateway();
        found"#,
    );
    for count in 0..3 {
        bench.aws.next(
            "describe_vpcs",
            Act::Answer(json!({"vpcs": vec![0; count]})),
        );
    }
    bench.aws.next("create_internet_gateway", Act::NotSent);
    let first = bench.start();
    assert_eq!(bench.aws.count("describe_vpcs"), 3);
    assert_eq!(bench.resume(&first.log).value(), 2);
    assert_eq!(bench.aws.count("describe_vpcs"), 3);
}

#[test]
fn an_error_inside_a_wait_ends_it() {
    let bench =
        Bench::new(r#"run::wait_until("it", #{timeout: "1h"}, || ec2::describe_vpcs(#{}))"#);
    bench
        .aws
        .next("describe_vpcs", Act::Refuse("UnauthorizedOperation"));
    let ended = bench.start();
    ended.failed(Exit::Failed);
    assert_eq!(ended.lines(), ["wait_started it 1", "wait_failed it 1"]);
}

const FOREVER: &str = r#"run::wait_until("it", #{every: "1h", timeout: "2h"}, || { ec2::describe_vpcs(#{}); false })"#;

#[test]
fn a_wait_answers_ctrl_c_and_keeps_its_deadline() {
    let bench = Bench::new(FOREVER).interrupt_at(pauses);
    let first = bench.start();
    first.failed(Exit::Interrupted);
    let second = bench.resume(&first.log);
    second.failed(Exit::Interrupted);
    assert_eq!(second.lines(), ["wait_started it 1", "wait_started it 2"]);
    assert_eq!(deadlines(&second)[0], deadlines(&second)[1]);
    assert!(deadlines(&second)[0].is_some());
}

#[test]
fn after_the_deadline_a_wait_tries_once_more() {
    let bench = Bench::new(FOREVER).interrupt_at(pauses);
    let first = bench.start();
    first.failed(Exit::Interrupted);
    let second = bench.resume(&first.log.aged(3));
    second.failed(Exit::Failed);
    assert_eq!(bench.aws.count("describe_vpcs"), 2);
    assert!(
        second.said().contains("`it` did not come about"),
        "{}",
        second.said()
    );
    assert_eq!(second.lines().pop().unwrap(), "wait_failed it 2");
}

#[test]
fn a_wait_that_failed_gets_a_new_deadline() {
    let bench = Bench::new(
        r#"run::wait_until("it", #{timeout: "0s"}, || { ec2::describe_vpcs(#{}); false })"#,
    );
    let first = bench.start();
    first.failed(Exit::Failed);
    let second = bench.resume(&first.log.aged(1));
    second.failed(Exit::Failed);
    let both = deadlines(&second);
    assert!(
        both[0].unwrap() + jiff::SignedDuration::from_mins(30) < both[1].unwrap(),
        "{both:?}"
    );
    assert_eq!(bench.aws.count("describe_vpcs"), 2);
}

const RETRIED: &str = r#"run::retry("the network", #{every: "0s", attempts: 3}, || {
    let vpc = run::step("the VPC", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
    ec2::create_subnet(#{vpc_id: vpc, cidr_block: "10.0.0.0/24"});
    ec2::create_internet_gateway().internet_gateway.internet_gateway_id
})"#;

#[test]
fn each_attempt_of_a_retry_has_the_same_keys() {
    let bench = Bench::new(RETRIED);
    bench
        .aws
        .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    bench.aws.next("create_internet_gateway", Act::NotSent);
    let ended = bench.start();
    assert_eq!(ended.value(), "the network/ec2.create_internet_gateway");
    assert_eq!(
        (
            bench.aws.count("create_vpc"),
            bench.aws.count("create_subnet")
        ),
        (1, 1)
    );
    assert_eq!(bench.aws.count("create_internet_gateway"), 3);
    let last: Vec<(u32, u32)> = ended.intents()[2..]
        .iter()
        .map(|intent| (intent.attempt, intent.epoch))
        .collect();
    assert_eq!(last, [(1, 1), (2, 1), (3, 1)]);
    assert_eq!(ended.steps_run(), ["the network/the VPC"]);
}

#[test]
fn a_retry_gives_up_after_its_attempts_and_can_be_resumed() {
    let bench = Bench::new(RETRIED);
    for _ in 0..3 {
        bench
            .aws
            .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    }
    let first = bench.start();
    first.failed(Exit::Failed);
    assert!(
        first.said().contains("3 attempts; the last one failed"),
        "{}",
        first.said()
    );
    assert_eq!(
        bench.resume(&first.log).value(),
        "the network/ec2.create_internet_gateway"
    );
    assert_eq!(
        (
            bench.aws.count("create_vpc"),
            bench.aws.count("create_internet_gateway")
        ),
        (1, 4)
    );
}

#[test]
fn a_retry_repeats_only_the_errors_it_names() {
    let script = r#"run::retry("it", #{every: "0s", attempts: 9, on: ["IncorrectState", "Busy"]}, || ec2::describe_vpcs(#{}))"#;
    let bench = Bench::new(script);
    for code in ["IncorrectState", "Busy", "UnauthorizedOperation"] {
        bench.aws.next("describe_vpcs", Act::Refuse(code));
    }
    let ended = bench.start();
    ended.failed(Exit::Failed);
    assert!(
        ended.said().contains("UnauthorizedOperation"),
        "{}",
        ended.said()
    );
    assert_eq!(bench.aws.count("describe_vpcs"), 3);
}

#[test]
fn a_retry_does_not_repeat_what_does_not_mend_by_itself() {
    for mistake in [r#"throw "no good""#, "ec2::describe_vpcs(input)", "[1][5]"] {
        let ended = Bench::new(&format!(
            r#"let input = #{{}};
            input["vpc_idz"] = 1;
            run::retry("it", #{{every: "0s"}}, || {{ log::info("try"); {mistake} }})"#
        ))
        .start();
        ended.failed(Exit::Failed);
        assert_eq!(ended.logged().len(), 1, "{mistake}");
    }
}

const SLEEP: &str = r#"run::sleep("1h"); ec2::create_internet_gateway(); "rested""#;

#[test]
fn a_sleep_answers_ctrl_c_and_only_its_rest_is_slept() {
    let bench = Bench::new(SLEEP).interrupt_at(pauses);
    let first = bench.start();
    first.failed(Exit::Interrupted);
    let second = bench.resume(&first.log);
    second.failed(Exit::Interrupted);
    assert_eq!(deadlines(&second)[0], deadlines(&second)[1]);

    bench.aws.next("create_internet_gateway", Act::NotSent);
    let third = bench.resume(&second.log.aged(2));
    third.failed(Exit::Failed);
    assert_eq!(bench.resume(&third.log).value(), "rested");
    assert_eq!(starts(&third).len(), 3);
}

#[test]
fn a_waiter_judges_what_it_reads() {
    let script = r#"ec2::wait_instance_running(#{instance_ids: ["i-1"]}); 7"#;
    let state = |name: &str| {
        Act::Answer(json!({"reservations": [{"instances": [{"state": {"name": name}}]}]}))
    };

    let bench = Bench::new(script);
    bench.aws.next("describe_instances", state("running"));
    assert_eq!(bench.start().value(), 7);

    bench.aws.next("describe_instances", state("terminated"));
    let ended = bench.start();
    ended.failed(Exit::Failed);
    assert!(
        ended.said().contains("can no longer succeed"),
        "{}",
        ended.said()
    );

    let bench = Bench::new(script)
        .interrupt_at(|event| matches!(event, Event::Waiting(waiting) if waiting.attempt == 1));
    bench.aws.next("describe_instances", state("pending"));
    bench.start().failed(Exit::Interrupted);
}
