//! `run::wait_until`, `run::retry`, `run::sleep` and the model's waiters; none of these tests waits.

use std::time::Duration;

use base::exit::Exit;
use jiff::Timestamp;
use journal::entry::{Entry, Record, WaitStarted};
use run::event::Event;
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
        second.said().contains("`it` timed out after "),
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
        first
            .said()
            .contains("gave up after 3 attempts; the last attempt failed"),
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

const FAILING: &str =
    r#"run::retry("it", #{every: "0s", attempts: 4}, || ec2::create_internet_gateway())"#;

/// Four refusals, and whatever is called beyond them succeeds.
fn failing(script: &str) -> Bench {
    let bench = Bench::new(script);
    for _ in 0..4 {
        bench
            .aws
            .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    }
    bench
}

#[test]
fn attempts_are_counted_over_a_kill() {
    let whole = failing(FAILING).start();
    whole.failed(Exit::Failed);
    for entries in 2..whole.log.len() - 1 {
        let bench = failing(FAILING);
        let log = whole.log.cut(entries);
        let refused = log.entries();
        let refused = refused
            .iter()
            .filter(|entry| matches!(entry.record, Record::EffectFailed { .. }))
            .count();
        let ended = bench.resume(&log);
        ended.failed(Exit::Failed);
        assert!(ended.said().contains("4 attempts"), "{}", ended.said());
        let calls = bench.aws.count("create_internet_gateway");
        assert_eq!(refused + calls, 4, "cut at {entries}: {:#?}", ended.lines());
    }
}

#[test]
fn attempts_are_counted_over_two_kills() {
    let whole = failing(FAILING).start();
    let refused = |entry: &Entry| matches!(entry.record, Record::EffectFailed { .. });
    let first = whole.log.until(refused);
    let bench = failing(FAILING)
        .interrupt_at(|event| matches!(event, Event::Waiting(waiting) if waiting.attempt == 2));
    let second = bench.resume(&first);
    second.failed(Exit::Interrupted);
    assert_eq!(bench.aws.count("create_internet_gateway"), 1);
    let bench = failing(FAILING);
    bench.resume(&second.log).failed(Exit::Failed);
    assert_eq!(bench.aws.count("create_internet_gateway"), 2);
}

#[test]
fn attempts_of_a_waiter_are_counted_over_a_kill() {
    let bench = Bench::new(r#"ec2::wait_instance_running(#{instance_ids: ["i-1"]})"#)
        .interrupt_at(|event| matches!(event, Event::Waiting(waiting) if waiting.attempt > 0));
    let pending = json!({"reservations": [{"instances": [{"state": {"name": "pending"}}]}]});
    let mut log = None;
    for count in 1..=40 {
        bench
            .aws
            .next("describe_instances", Act::Answer(pending.clone()));
        let ended = log
            .as_ref()
            .map_or_else(|| bench.start(), |log| bench.resume(log));
        let exit = if count < 40 {
            Exit::Interrupted
        } else {
            Exit::Failed
        };
        ended.failed(exit);
        log = Some(ended.log);
    }
}

#[test]
fn a_wait_that_only_looks_does_not_record_each_look() {
    let bench = Bench::new(
        r#"run::wait_until("it", #{every: "0s"}, || ec2::describe_vpcs(#{}).vpcs.len() > 0)"#,
    );
    for count in [0, 0, 0, 1] {
        let vpcs = json!({"vpcs": vec![0; count]});
        bench.aws.next("describe_vpcs", Act::Answer(vpcs));
    }
    let ended = bench.start();
    assert_eq!(ended.lines(), ["wait_started it 1", "wait_finished it 1"]);
}

/// Each attempt sleeps, takes the time, and is refused.
const ANEW: &str = r#"run::retry("it", #{every: "0s", attempts: 3}, || {
    run::sleep("0s");
    let at = run::now();
    let id = run::uuid();
    log::info(`${at} ${id}`);
    run::step("inner", || { run::now(); ec2::create_internet_gateway() });
})"#;

#[test]
fn each_attempt_has_its_own_time_and_sleeps_anew() {
    let whole = failing(ANEW).start();
    whole.failed(Exit::Failed);
    let keys = |kind: &str| -> Vec<String> {
        let lines = whole.lines().into_iter();
        lines
            .filter_map(|line| line.strip_prefix(kind).map(str::to_owned))
            .collect()
    };
    assert_eq!(
        keys("noted "),
        [
            "it/run.now",
            "it/run.uuid",
            "it/inner/run.now",
            "it/[attempt 2] run.now",
            "it/inner/[attempt 2] run.now",
            "it/[attempt 3] run.now",
            "it/inner/[attempt 3] run.now"
        ]
    );
    assert_eq!(
        keys("wait_finished "),
        [
            "it/sleep 1",
            "it/[attempt 2] sleep 1",
            "it/[attempt 3] sleep 1"
        ]
    );
    let logged = whole.logged();
    let part = |line: usize, at: usize| logged[line].split(' ').nth(at).unwrap().to_owned();
    assert!(
        part(0, 0) < part(1, 0) && part(1, 0) < part(2, 0),
        "{logged:?}"
    );
    assert!(
        part(0, 1) == part(1, 1) && part(1, 1) == part(2, 1),
        "{logged:?}"
    );
}

#[test]
fn a_resume_takes_up_the_attempt_that_was_cut_off() {
    let whole = failing(ANEW).start();
    let noted = |key: &'static str| move |entry: &Entry| entry.record.key() == key;
    let cut = whole.log.until(noted("it/[attempt 2] run.now"));
    let bench = failing(ANEW);
    let ended = bench.resume(&cut);
    ended.failed(Exit::Failed);
    assert_eq!(bench.aws.count("create_internet_gateway"), 2);
    let (before, after) = (whole.logged(), ended.logged());
    assert_eq!((after.len(), &after[0]), (2, &before[1]));
    assert_ne!(after[1], before[2]);

    // What failed for good begins anew, under numbers that go on.
    let lines = bench.resume(&ended.log).lines();
    assert!(
        lines.contains(&"noted it/[attempt 4] run.now".to_owned()),
        "{lines:#?}"
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
