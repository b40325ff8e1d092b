//! What AWS refuses because it is there already, or not there yet.

use std::time::Duration;

use base::exit::Exit;
use journal::entry::Settled;
use run::cloud::Found;
use serde_json::json;

use super::aws::{Act, Look};
use super::bench::Bench;

const ROUTE: &str = r#"try {
    return ec2::create_route(#{route_table_id: "rtb-1", destination_cidr_block: "0.0.0.0/0", gateway_id: "igw-1"});
} catch (e) { return e.code; }"#;

#[test]
fn a_repeat_that_is_refused_adopts_what_the_first_call_did() {
    let bench = Bench::new(ROUTE);
    bench.aws.next("create_route", Act::DoAndLose);
    bench.aws.next_look(Look::Finds(Found::Absent));
    let ended = bench.start();
    assert_eq!(ended.value(), json!({"return": true}));
    assert_eq!(ended.outcomes()[0].settled, Settled::Adopted);
    let looked: Vec<bool> = bench
        .aws
        .looked()
        .iter()
        .map(|looked| looked.again)
        .collect();
    assert_eq!(looked, [false, true]);
    assert_eq!(bench.aws.count("create_route"), 2);
}

#[test]
fn a_repeat_that_is_refused_does_not_adopt_what_somebody_else_did() {
    let bench = Bench::new(ROUTE);
    bench.aws.next("create_route", Act::Lose);
    bench
        .aws
        .next("create_route", Act::Refuse("RouteAlreadyExists"));
    let ended = bench.start();
    assert_eq!(ended.value(), "RouteAlreadyExists");
    assert_eq!(ended.outcomes(), []);
    assert_eq!(
        ended.lines().pop().unwrap(),
        "effect_failed ec2.create_route 2"
    );
    assert_eq!(bench.aws.looked().len(), 2);
}

#[test]
fn a_refusal_before_a_refusal_says_nothing_of_what_is_there() {
    let bench = Bench::new(
        r#"try { run::retry("it", #{attempts: 2, every: "1ms"}, || ec2::create_route(#{route_table_id: "rtb-1", destination_cidr_block: "0.0.0.0/0", gateway_id: "igw-1"})) } catch (e) { e.message }"#,
    );
    bench
        .aws
        .next("create_route", Act::Refuse("IncorrectInstanceState"));
    // Somebody else makes the very same route between the two.
    bench
        .aws
        .next("create_route", Act::Refuse("RouteAlreadyExists"));
    let ended = bench.start();
    assert_eq!(ended.outcomes(), []);
    assert_eq!(
        (bench.aws.looked().len(), bench.aws.count("create_route")),
        (0, 2)
    );
}

#[test]
fn a_refused_repeat_is_looked_up_until_the_window_is_over() {
    let bench = Bench::new(ROUTE).window(Duration::from_hours(1));
    let cut = bench.start().log.cut(2).aged(2);
    bench.aws.next_look(Look::Finds(Found::Absent));
    bench.aws.next_look(Look::Interrupted(Found::Absent));
    let second = bench.resume(&cut);
    second.failed(Exit::Interrupted);
    assert_eq!(
        second.lines().pop().unwrap(),
        "effect_intended ec2.create_route 2"
    );
    assert_eq!(bench.resume(&second.log).value(), json!({"return": true}));
}

#[test]
fn a_first_call_that_is_refused_adopts_nothing() {
    let bench = Bench::new(ROUTE);
    bench
        .aws
        .next("create_route", Act::Refuse("RouteAlreadyExists"));
    let ended = bench.start();
    assert_eq!(ended.value(), "RouteAlreadyExists");
    assert_eq!(
        (bench.aws.looked().len(), bench.aws.count("create_route")),
        (0, 1)
    );
}

/// The engine pauses a second before it asks again; instances come in twos, so that each is known by its own id.
#[test]
fn not_found_is_asked_again_for_what_this_run_has_just_made() {
    let bench = Bench::new(
        r#"let made = ec2::run_instances(#{image_id: "ami-1", min_count: 2, max_count: 2}).instances;
        ec2::modify_instance_attribute(#{instance_id: made[1].instance_id, source_dest_check: #{value: false}});"#,
    );
    bench.aws.next(
        "modify_instance_attribute",
        Act::Refuse("InvalidInstanceID.NotFound"),
    );
    let ended = bench.start();
    ended.value();
    assert_eq!(bench.aws.count("modify_instance_attribute"), 2);
    assert_eq!(ended.intents().len(), 2);
}

#[test]
fn not_found_is_not_asked_again_for_anything_else() {
    let bench = Bench::new(
        r#"ec2::run_instances(#{image_id: "ami-1", min_count: 1, max_count: 1});
        ec2::modify_instance_attribute(#{instance_id: "i-other", source_dest_check: #{value: false}});"#,
    );
    bench.aws.next(
        "modify_instance_attribute",
        Act::Refuse("InvalidInstanceID.NotFound"),
    );
    let ended = bench.start();
    ended.failed(Exit::Failed);
    assert!(
        ended.said().contains("InvalidInstanceID.NotFound"),
        "{}",
        ended.said()
    );
    assert_eq!(bench.aws.count("modify_instance_attribute"), 1);
}

#[test]
fn not_found_is_not_asked_again_for_what_was_made_long_ago() {
    let bench = Bench::new(
        r#"let id = ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id;
        ec2::create_subnet(#{vpc_id: id, cidr_block: "10.0.0.0/24"});"#,
    );
    bench.aws.next("create_subnet", Act::NotSent);
    let first = bench.start();
    bench
        .aws
        .next("create_subnet", Act::Refuse("InvalidVpcID.NotFound"));
    bench.resume(&first.log.aged(1)).failed(Exit::Failed);
    assert_eq!(bench.aws.count("create_subnet"), 2);
}
