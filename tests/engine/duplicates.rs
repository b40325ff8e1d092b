//! Reads that lag for longer than the settle window: what was made twice is told.

use base::level::Level;
use journal::entry::Record;
use run::cloud::Found;
use serde_json::json;

use super::aws::{Act, Look};
use super::bench::Bench;
use super::ended::Ended;

const VPC: &str = r#"ec2::create_vpc(#{cidr_block: "10.0.0.0/16"})"#;

/// Makes a VPC whose reply is lost, and which AWS does not show until it has been made again.
fn made_twice(script: &str) -> Bench {
    let bench = Bench::new(script);
    bench.aws.next("create_vpc", Act::DoAndLose);
    bench.aws.next_look(Look::Finds(Found::Absent));
    bench
}

/// Returns the warnings in the log.
fn warned(ended: &Ended) -> Vec<String> {
    let entries = ended.log.entries().into_iter();
    let warnings = entries.filter_map(|entry| match entry.record {
        Record::Logged {
            level: Level::Warn,
            message,
            ..
        } => Some(message),
        _ => None,
    });
    warnings.collect()
}

#[test]
fn what_carries_one_mark_twice_is_told() {
    let bench = made_twice(VPC);
    let both = vec!["vpc-1".into(), "ec2.create_vpc~1".into()];
    bench.aws.next_look(Look::Finds(Found::Several(both)));
    let ended = bench.start();
    ended.value();
    assert_eq!(bench.aws.world().count("create_vpc"), 2);
    let warned = warned(&ended);
    assert_eq!(warned.len(), 1);
    assert!(warned[0].starts_with("possible duplicate: `ec2.create_vpc` was called again"));
    assert!(
        warned[0].contains("AWS now shows vpc-1, ec2.create_vpc~1 with the mark of this call"),
        "{warned:?}"
    );
    assert!(
        warned[0].contains("the run uses ec2.create_vpc~1"),
        "{warned:?}"
    );
    assert_eq!(ended.logged(), warned);
}

#[test]
fn what_is_shown_alone_is_not_told() {
    let bench = Bench::new(VPC);
    bench.aws.next("create_vpc", Act::Lose);
    let ended = bench.start();
    ended.value();
    assert_eq!(bench.aws.looked().len(), 2);
    assert!(warned(&ended).is_empty());
}

#[test]
fn the_order_in_which_aws_shows_several_does_not_matter() {
    let rules = |ids: [&str; 2]| {
        let rules = ids.map(|id| json!({"security_group_rule_id": id}));
        json!({"return": true, "security_group_rules": rules})
    };
    let bench = Bench::new(
        r#"ec2::authorize_security_group_ingress(#{group_id: "sg-1", ip_permissions: []})"#,
    );
    let operation = "authorize_security_group_ingress";
    bench.aws.next(operation, Act::Lose);
    let made = rules(["sgr-2", "sgr-1"]);
    bench.aws.next(operation, Act::Answer(made));
    bench.aws.next_look(Look::Finds(Found::Absent));
    let seen = rules(["sgr-1", "sgr-2"]);
    bench.aws.next_look(Look::Finds(Found::Done(seen)));
    let ended = bench.start();
    ended.value();
    assert_eq!(bench.aws.looked().len(), 2);
    assert!(warned(&ended).is_empty(), "{:?}", warned(&ended));
}

#[test]
fn another_than_the_run_uses_is_told() {
    let bench = made_twice(VPC);
    let ended = bench.start();
    ended.value();
    let warned = warned(&ended);
    assert!(
        warned[0].contains("AWS now shows ec2.create_vpc, and the run uses ec2.create_vpc~1"),
        "{warned:?}"
    );
}

#[test]
fn an_aws_that_still_shows_nothing_is_told_unless_the_run_has_deleted_it() {
    let delete = format!("let made = {VPC}; ec2::delete_vpc(#{{vpc_id: made.vpc.vpc_id}});");
    for (script, told) in [(VPC, 1), (delete.as_str(), 0)] {
        let bench = made_twice(script);
        bench.aws.next_look(Look::Finds(Found::Absent));
        let ended = bench.start();
        assert!(ended.result.is_ok());
        assert_eq!(warned(&ended).len(), told, "{script}");
    }
}

#[test]
fn it_is_told_once_also_where_the_run_fails_and_is_resumed() {
    let bench = made_twice(&format!("{VPC}; throw \"no\";"));
    let first = bench.start();
    assert!(first.result.is_err());
    assert_eq!(warned(&first).len(), 1);
    let second = bench.resume(&first.log);
    assert_eq!(warned(&second).len(), 1);
    assert!(second.logged().is_empty());
}

#[test]
fn it_is_told_by_a_resume_whose_own_look_was_too_early() {
    let bench = Bench::new(VPC);
    let cut = bench
        .start()
        .log
        .until(|entry| matches!(entry.record, Record::EffectIntended(_)));
    bench.aws.next_look(Look::Finds(Found::Absent));
    let resumed = bench.resume(&cut);
    assert_eq!(warned(&resumed).len(), 1);
    assert_eq!(
        resumed.value(),
        json!({"vpc": {"vpc_id": "ec2.create_vpc~1"}})
    );
}
