//! Replies that never came, and runs cut off between a call and its outcome.

use std::time::Duration;

use base::exit::Exit;
use journal::entry::{Ending, Record, Settled};
use run::cloud::Found;
use run::event::Event;
use serde_json::json;

use super::aws::{Act, Look};
use super::bench::Bench;
use super::log::Log;

const HOUR: Duration = Duration::from_hours(1);

/// A script with one effect of each class that a look-up or a repeat settles.
const CLASSES: [(&str, &str); 4] = [
    (
        "create_vpc",
        r#"ec2::create_vpc(#{cidr_block: "10.0.0.0/16"})"#,
    ),
    (
        "create_route",
        r#"ec2::create_route(#{route_table_id: "rtb-1", destination_cidr_block: "0.0.0.0/0", gateway_id: "igw-1"})"#,
    ),
    (
        "run_instances",
        r#"ec2::run_instances(#{image_id: "ami-1", min_count: 1, max_count: 1})"#,
    ),
    (
        "modify_instance_attribute",
        r#"ec2::modify_instance_attribute(#{instance_id: "i-1", source_dest_check: #{value: false}})"#,
    ),
];

/// Those of them that are looked up before they are called again.
const LOOKED_UP: [usize; 2] = [0, 1];

fn intended(log: &Log) -> Log {
    log.until(|entry| matches!(entry.record, Record::EffectIntended(_)))
}

#[test]
fn a_lost_reply_is_settled_in_the_same_run() {
    for happened in [true, false] {
        for (index, (operation, script)) in CLASSES.into_iter().enumerate() {
            let bench = Bench::new(script);
            let undisturbed = bench.start().value();
            bench.aws.set_world(super::world::World::default());
            let act = if happened { Act::DoAndLose } else { Act::Lose };
            bench.aws.next(operation, act);
            let ended = bench.start();
            assert_eq!(ended.value(), undisturbed, "{operation}");
            assert_eq!(bench.aws.world().count(operation), 1, "{operation}");
            let doubts = ended
                .events
                .iter()
                .filter(|event| matches!(event, Event::EffectInDoubt { .. }));
            assert_eq!(doubts.count(), 1, "{operation}");
            // What was made again since nothing was seen is looked at once more at the end.
            let looks = 1 + usize::from(!happened && LOOKED_UP.contains(&index));
            assert_eq!(bench.aws.looked().len(), looks, "{operation}");
        }
    }
}

#[test]
fn a_run_cut_off_at_a_call_is_settled_on_resume() {
    for (operation, script) in CLASSES {
        let bench = Bench::new(script);
        let whole = bench.start();
        let cut = intended(&whole.log);
        for happened in [true, false] {
            bench.aws.set_world(if happened {
                bench.aws.world()
            } else {
                super::world::World::default()
            });
            let resumed = bench.resume(&cut);
            assert_eq!(resumed.value(), whole.value(), "{operation} {happened}");
            assert_eq!(
                bench.aws.world().count(operation),
                1,
                "{operation} {happened}"
            );
            let told = resumed.events.iter().any(|event| {
                matches!(event, Event::EffectInDoubt { reason, .. } if reason == "the run was cut off during this call")
            });
            assert!(told, "{operation} {happened}");
        }
    }
}

#[test]
fn what_is_found_is_adopted_and_not_called_again() {
    for (operation, script) in LOOKED_UP.map(|index| CLASSES[index]) {
        let bench = Bench::new(script);
        bench.aws.next(operation, Act::DoAndLose);
        let ended = bench.start();
        ended.value();
        assert_eq!(ended.outcomes()[0].settled, Settled::Adopted, "{operation}");
        assert_eq!(bench.aws.count(operation), 1, "{operation}");
        let looked = &bench.aws.looked()[0];
        let identity = &looked.identity;
        assert_eq!(
            (looked.again, identity.run.as_str(), identity.epoch),
            (false, ended.log.id.as_str(), 1)
        );
        assert_eq!(identity.key, ended.outcomes()[0].key);
    }
}

#[test]
fn what_is_issued_again_has_the_same_identity() {
    for (operation, script) in CLASSES {
        let bench = Bench::new(script);
        bench.aws.next(operation, Act::Lose);
        let ended = bench.start();
        ended.value();
        let calls = bench.aws.calls(operation);
        assert_eq!(calls.len(), 2, "{operation}");
        assert_eq!(calls[0], calls[1], "{operation}");
        let issued: Vec<(u32, u32)> = ended
            .intents()
            .iter()
            .map(|intent| (intent.attempt, intent.epoch))
            .collect();
        assert_eq!(issued, [(1, 1), (2, 1)], "{operation}");
    }
}

/// The engine pauses two seconds between two looks.
#[test]
fn what_is_not_seen_yet_is_looked_up_again_and_not_called_again() {
    let (operation, script) = CLASSES[0];
    let bench = Bench::new(script).window(HOUR);
    bench.aws.next(operation, Act::DoAndLose);
    bench.aws.next_look(Look::Finds(Found::Absent));
    bench.start().value();
    assert_eq!(
        (bench.aws.count(operation), bench.aws.looked().len()),
        (1, 2)
    );
}

#[test]
fn ctrl_c_while_looking_leaves_the_doubt_to_a_resume() {
    for (operation, script) in LOOKED_UP.map(|index| CLASSES[index]) {
        let bench = Bench::new(script).window(HOUR);
        bench.aws.next(operation, Act::DoAndLose);
        bench.aws.next_look(Look::Interrupted(Found::Absent));
        let first = bench.start();
        first.failed(Exit::Interrupted);
        assert_eq!(bench.aws.count(operation), 1, "{operation}");

        let second = bench.resume(&first.log);
        second.value();
        assert_eq!(
            (
                bench.aws.count(operation),
                bench.aws.world().count(operation)
            ),
            (1, 1),
            "{operation}"
        );
    }
}

#[test]
fn the_window_is_counted_from_the_call_also_on_resume() {
    let (operation, script) = CLASSES[0];
    let bench = Bench::new(script).window(HOUR);
    let cut = intended(&bench.start().log);

    bench.aws.set_world(super::world::World::default());
    bench.aws.next_look(Look::Interrupted(Found::Absent));
    bench.resume(&cut).failed(Exit::Interrupted);
    assert_eq!(bench.aws.count(operation), 1);

    bench.aws.next_look(Look::Finds(Found::Absent));
    bench.aws.next_look(Look::Interrupted(Found::Absent));
    bench.resume(&cut.aged(2)).value();
    assert_eq!(
        (
            bench.aws.count(operation),
            bench.aws.world().count(operation)
        ),
        (2, 1)
    );
}

#[test]
fn an_unsafe_call_stays_in_doubt() {
    let bench = Bench::new(
        r#"sns::publish(#{topic_arn: "arn:aws:sns:eu-west-1:123456789012:t", message: "hello"})"#,
    );
    bench.aws.next("publish", Act::DoAndLose);
    let first = bench.start();
    let report = first.failed(Exit::InDoubt);
    assert!(
        report.message.contains("`sns.publish` is in doubt"),
        "{report:?}"
    );
    assert!(
        first.said().contains("the connection was reset"),
        "{}",
        first.said()
    );
    assert!(matches!(first.ending(), Ending::InDoubt { key, .. } if key == "sns.publish"));

    bench.resume(&first.log).failed(Exit::InDoubt);
    assert_eq!(bench.aws.count("publish"), 1);
}

#[test]
fn a_script_may_say_that_twice_is_as_good_as_once() {
    let call = r#"#{topic_arn: "arn:aws:sns:eu-west-1:123456789012:t", message: "hello"}"#;
    let stop = Bench::new(&format!(r#"sns::publish({call}, #{{on_doubt: "stop"}})"#));
    stop.aws.next("publish", Act::Lose);
    let first = stop.start();
    first.failed(Exit::InDoubt);
    let retry = Bench::new(&format!(r#"sns::publish({call}, #{{on_doubt: "retry"}})"#));
    retry.aws.next("publish", Act::Lose);
    retry.start().value();
    assert_eq!(retry.aws.count("publish"), 2);
    // Also for one that is in doubt already.
    stop.edit(&format!(r#"sns::publish({call}, #{{on_doubt: "retry"}})"#));
    stop.resume_edited(&first.log).value();
}

#[test]
fn no_script_can_say_it_of_what_the_engine_looks_up() {
    let bench =
        Bench::new(r#"ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}, #{on_doubt: "retry"})"#);
    bench.aws.next("create_vpc", Act::DoAndLose);
    bench.start().value();
    assert_eq!(bench.aws.world().count("create_vpc"), 1);
}

#[test]
fn an_unknown_option_of_a_call_is_refused() {
    for (options, said) in [
        ("again", r#""retry" or "stop", not `again`"#),
        ("", r#""retry" or "stop", not ``"#),
    ] {
        let bench = Bench::new(&format!(
            r#"let how = "{options}"; ec2::create_vpc(#{{cidr_block: "10.0.0.0/16"}}, #{{on_doubt: how}})"#
        ));
        let ended = bench.start();
        assert!(ended.said().contains(said), "{}", ended.said());
        assert_eq!(bench.aws.total(), 0);
    }
}

#[test]
fn an_aws_that_cannot_be_asked_leaves_the_doubt_for_a_resume() {
    let (operation, script) = CLASSES[0];
    let bench = Bench::new(script);
    bench.aws.next(operation, Act::DoAndLose);
    bench.aws.next_look(Look::Unreachable);
    let first = bench.start();
    first.failed(Exit::Failed);
    assert!(
        first.said().contains("no route to host"),
        "{}",
        first.said()
    );
    assert_eq!(first.lines(), ["effect_intended ec2.create_vpc 1"]);

    let second = bench.resume(&first.log);
    assert_eq!(second.value(), json!({"vpc": {"vpc_id": "ec2.create_vpc"}}));
    assert_eq!(
        (
            bench.aws.count(operation),
            bench.aws.world().count(operation)
        ),
        (1, 1)
    );
}

#[test]
fn another_input_while_in_doubt_is_a_divergence() {
    let bench = Bench::new(CLASSES[0].1);
    let cut = intended(&bench.start().log);
    bench.edit(r#"ec2::create_vpc(#{cidr_block: "10.9.0.0/16"})"#);
    let second = bench.resume_edited(&cut);
    second.failed(Exit::Diverged);
    assert_eq!(
        (bench.aws.count("create_vpc"), bench.aws.looked().len()),
        (1, 0)
    );
}

#[test]
fn replies_that_never_come_end_the_run_and_not_the_doubt() {
    for (operation, script) in CLASSES {
        let bench = Bench::new(script);
        for _ in 0..1000 {
            bench.aws.next(operation, Act::Lose);
        }
        let first = bench.start();
        first.failed(Exit::Failed);
        assert!(matches!(first.ending(), Ending::Failed { .. }));
        assert!(
            first.lines().pop().unwrap().starts_with("effect_intended"),
            "{operation}"
        );
        assert!(bench.aws.count(operation) < 10, "{operation}");
    }
}

#[test]
fn a_repeat_that_is_not_looked_at_does_not_settle_the_first_call() {
    let repeats = [|| Act::NotSent, || Act::Refuse("RequestLimitExceeded")];
    let cases = CLASSES[2..]
        .iter()
        .flat_map(|case| repeats.map(|repeat| (case, repeat)));
    for ((operation, script), repeat) in cases {
        let bench = Bench::new(&format!("try {{ return {script}; }} catch {{ return 7; }}"));
        bench.aws.next(operation, Act::DoAndLose);
        bench.aws.next(operation, repeat());
        let first = bench.start();
        first.failed(Exit::Failed);
        assert!(
            first.lines().pop().unwrap().starts_with("effect_intended"),
            "{operation}"
        );
        assert_ne!(bench.resume(&first.log).value(), 7);
        assert_eq!(bench.aws.world().count(operation), 1, "{operation}");
    }
}

#[test]
fn ctrl_c_ends_the_repeating() {
    let (operation, script) = CLASSES[3];
    let bench =
        Bench::new(script).interrupt_at(|event| matches!(event, Event::EffectInDoubt { .. }));
    bench.aws.next(operation, Act::Lose);
    bench.start().failed(Exit::Interrupted);
    assert_eq!(bench.aws.count(operation), 1);
}
