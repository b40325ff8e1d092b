//! Effects and reads: what is recorded, when, and under which identity.

use std::sync::{Arc, Mutex};

use base::exit::Exit;
use journal::entry::{Ending, Record, Settled};
use models::call::Repeat;
use serde_json::json;

use super::aws::Act;
use super::bench::Bench;

const VPC: &str = r#"ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id"#;

#[test]
fn reads_are_live_and_not_recorded() {
    let bench = Bench::new(&format!(
        "ec2::describe_vpcs(#{{}}); {VPC}; ec2::describe_vpcs(#{{}}).vpcs.len()"
    ));
    for count in 0..4 {
        bench.aws.next(
            "describe_vpcs",
            Act::Answer(json!({"vpcs": vec![0; count]})),
        );
    }
    let first = bench.start();
    assert_eq!(first.value(), 1);
    assert_eq!(
        first.lines(),
        [
            "effect_intended ec2.create_vpc 1",
            "effect_finished ec2.create_vpc 1"
        ]
    );
    let end = first.log.len() - 1;
    assert_eq!(bench.resume(&first.log.cut(end)).value(), 3);
    assert_eq!(
        (
            bench.aws.count("describe_vpcs"),
            bench.aws.count("create_vpc")
        ),
        (4, 1)
    );
}

#[test]
fn an_outcome_is_on_disk_before_the_next_call() {
    let bench = Bench::new(&format!("{VPC}; ec2::create_internet_gateway();"));
    let seen: Arc<Mutex<Option<Record>>> = Arc::default();
    let (aws, keep) = (bench.aws.clone(), Arc::clone(&seen));
    let look = move || *keep.lock().unwrap() = aws.on_disk("ec2.create_vpc");
    bench
        .aws
        .next("create_internet_gateway", Act::After(Box::new(look)));
    bench.start().value();
    let Some(Record::EffectFinished(outcome)) = seen.lock().unwrap().take() else {
        panic!("{seen:?}")
    };
    assert_eq!(
        (outcome.settled, outcome.request_id.as_deref()),
        (Settled::Called, Some("request-1"))
    );
    assert_eq!(outcome.output, json!({"vpc": {"vpc_id": "ec2.create_vpc"}}));
}

#[test]
fn a_call_carries_its_origin_and_whether_it_may_be_repeated() {
    let bench = Bench::new(
        r#"ec2::describe_vpcs(#{});
        run::step("make", || {
            ec2::create_vpc(#{cidr_block: "10.0.0.0/16"});
            ec2::run_instances(#{image_id: "ami-1", min_count: 1, max_count: 1});
        });"#,
    );
    let ended = bench.start();
    for (operation, key, repeat) in [
        ("describe_vpcs", "", Repeat::Safe),
        ("create_vpc", "make/ec2.create_vpc", Repeat::Never),
        ("run_instances", "make/ec2.run_instances", Repeat::Safe),
    ] {
        let call = &bench.aws.calls(operation)[0];
        assert_eq!(call.origin, format!("run/{} effect/{key}", ended.log.id));
        assert_eq!(call.repeat, repeat, "{operation}");
    }
}

#[test]
fn the_journal_keeps_the_input_without_our_marks() {
    let bench = Bench::new(VPC);
    let ended = bench.start();
    assert_eq!(
        ended.intents()[0].input,
        json!({"cidr_block": "10.0.0.0/16"})
    );
    let tags = &bench.aws.calls("create_vpc")[0].input["tag_specifications"][0]["tags"];
    let run = json!({"key": "runbook:run", "value": ended.log.id.as_str()});
    assert_eq!(
        *tags,
        json!([run, {"key": "runbook:effect", "value": "ec2.create_vpc"}])
    );
}

#[test]
fn a_refused_effect_is_issued_again_on_resume() {
    let bench = Bench::new(
        r#"ec2::run_instances(#{image_id: "ami-1", min_count: 1, max_count: 1}); "done""#,
    );
    bench
        .aws
        .next("run_instances", Act::Refuse("InsufficientInstanceCapacity"));
    let first = bench.start();
    first.failed(Exit::Failed);
    let second = bench.resume(&first.log);
    assert_eq!(second.value(), "done");
    let issued: Vec<(u32, u32)> = second
        .intents()
        .iter()
        .map(|intent| (intent.attempt, intent.epoch))
        .collect();
    assert_eq!(issued, [(1, 1), (2, 1)]);
    let calls = bench.aws.calls("run_instances");
    assert!(calls[0].input["client_token"].is_string());
    assert_eq!(calls[0], calls[1]);
}

#[test]
fn another_input_after_a_refusal_is_another_effect() {
    let bench =
        Bench::new(r#"ec2::run_instances(#{image_id: "ami-1", min_count: 1, max_count: 1});"#);
    bench
        .aws
        .next("run_instances", Act::Refuse("InvalidAMIID.NotFound"));
    let first = bench.start();
    bench.edit(r#"ec2::run_instances(#{image_id: "ami-2", min_count: 1, max_count: 1});"#);
    let second = bench.resume_edited(&first.log);
    second.value();
    let issued: Vec<(u32, u32)> = second
        .intents()
        .iter()
        .map(|intent| (intent.attempt, intent.epoch))
        .collect();
    assert_eq!(issued, [(1, 1), (2, 2)]);
    let token =
        |index: usize| bench.aws.calls("run_instances")[index].input["client_token"].clone();
    assert_ne!(token(0), token(1));
}

#[test]
fn another_input_after_success_is_a_divergence() {
    let bench = Bench::new(&format!("{VPC}; ec2::create_internet_gateway();"));
    bench
        .aws
        .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    let first = bench.start();
    let before = bench.aws.total();
    bench.edit(r#"ec2::create_vpc(#{cidr_block: "10.9.0.0/16"}); ec2::create_internet_gateway();"#);
    let second = bench.resume_edited(&first.log);
    let report = second.failed(Exit::Diverged);
    assert!(
        report
            .message
            .starts_with("`ec2.create_vpc` was recorded with different input"),
        "{report:?}"
    );
    assert!(
        report.causes[0].contains(r#"{"cidr_block":"10.0.0.0/16"}"#),
        "{report:?}"
    );
    assert!(
        report.causes[0].contains("which made ec2.create_vpc"),
        "{report:?}"
    );
    assert!(
        report.causes[1].contains(r#"{"cidr_block":"10.9.0.0/16"}"#),
        "{report:?}"
    );
    assert!(matches!(second.ending(), Ending::Diverged { key, .. } if key == "ec2.create_vpc"));
    assert_eq!(bench.aws.total(), before);

    bench.edit(&format!("{VPC}; ec2::create_internet_gateway(); 7"));
    assert_eq!(bench.resume_edited(&second.log).value(), 7);
    assert_eq!(bench.aws.count("create_vpc"), 1);
}

/// Tags are a part of the input like any other, though the engine adds its own to them.
#[test]
fn other_tags_after_success_are_a_divergence() {
    let tagged = |name: &str| {
        format!(
            r#"ec2::create_vpc(#{{cidr_block: "10.0.0.0/16",
            tag_specifications: [#{{resource_type: "vpc", tags: [#{{key: "Name", value: "{name}"}}]}}]}}); throw "stop";"#
        )
    };
    let bench = Bench::new(&tagged("blue"));
    let first = bench.start();
    first.failed(Exit::Failed);
    bench.edit(&tagged("green"));
    let second = bench.resume_edited(&first.log);
    let report = second.failed(Exit::Diverged);
    assert!(
        report.causes[0].contains("blue") && report.causes[1].contains("green"),
        "{report:?}"
    );
    assert_eq!(bench.aws.count("create_vpc"), 1);
}

#[test]
fn an_error_of_aws_can_be_caught_with_its_fields() {
    let bench = Bench::new(&format!(
        "try {{ {VPC} }} catch (e) {{ return [e.code, e.message, e.service, e.operation, e.request_id]; }}"
    ));
    bench
        .aws
        .next("create_vpc", Act::Refuse("VpcLimitExceeded"));
    let ended = bench.start();
    assert_eq!(
        ended.value(),
        json!([
            "VpcLimitExceeded",
            "refused by the test",
            "ec2",
            "create_vpc",
            "request-2"
        ])
    );
    assert_eq!(
        ended.lines(),
        [
            "effect_intended ec2.create_vpc 1",
            "effect_failed ec2.create_vpc 1"
        ]
    );
}

#[test]
fn a_call_that_was_not_sent_can_be_caught_too() {
    let bench = Bench::new(&format!("try {{ {VPC} }} catch (e) {{ return e.code; }}"));
    bench.aws.next("create_vpc", Act::NotSent);
    assert_eq!(bench.start().value(), "NotSent");
    assert_eq!(bench.aws.world().count("create_vpc"), 0);
}

#[test]
fn an_input_that_the_model_refuses_is_neither_sent_nor_recorded() {
    let bench = Bench::new(r#"let input = #{}; input["cidr_blok"] = 1; ec2::create_vpc(input)"#);
    let ended = bench.start();
    ended.failed(Exit::Failed);
    assert!(ended.said().contains("cidr_block"), "{}", ended.said());
    assert_eq!((bench.aws.total(), ended.lines().len()), (0, 0));
}

#[test]
fn what_was_made_is_told_in_order_over_all_attempts() {
    let bench = Bench::new(&format!(
        "let id = {VPC};
        ec2::run_instances(#{{image_id: \"ami-1\", min_count: 2, max_count: 2}});
        ec2::create_subnet(#{{vpc_id: id, cidr_block: \"10.0.0.0/24\"}})"
    ));
    bench
        .aws
        .next("create_subnet", Act::Refuse("InvalidSubnet.Range"));
    let first = bench.start();
    let ids = |made: Vec<run::event::Created>| {
        made.into_iter()
            .map(|made| made.id)
            .collect::<Vec<String>>()
    };
    assert_eq!(
        ids(first.made()),
        [
            "ec2.create_vpc",
            "ec2.run_instances:1",
            "ec2.run_instances:2"
        ]
    );
    let second = bench.resume(&first.log);
    let last = second.made().pop().unwrap();
    assert_eq!(
        (last.key.as_str(), last.operation.as_str()),
        ("ec2.create_subnet", "ec2.create_subnet")
    );
    assert_eq!(ids(second.made()).len(), 4);
}
