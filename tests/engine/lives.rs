//! A run's life: its start, its end, and who may take it up again.

use base::command::Command;
use base::exit::Exit;
use journal::entry::{Ending, Record, Target};
use run::event::{Created, Event};
use run::{life, pinned};

use super::aws::Act;
use super::bench::{Bench, target};

const SCRIPT: &str = r#"let vpc = run::step("make", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
    ec2::create_internet_gateway();
    vpc"#;

#[test]
fn a_run_pins_its_sources_and_its_target() {
    let bench = Bench::new(SCRIPT);
    let ended = bench.start();
    let Record::RunStarted(started) = ended.log.entries().remove(0).record else {
        panic!("no start")
    };
    assert_eq!(started.target, Some(target()));
    assert_eq!(started.sources[0].text, bench.read());
    let made = Created {
        key: "make/ec2.create_vpc".into(),
        operation: "ec2.create_vpc".into(),
        id: "make/ec2.create_vpc".into(),
    };
    let Some(Event::RunEnded(told)) = ended.events.last() else {
        panic!("the last event is {:?}", ended.events.last())
    };
    assert_eq!(
        (&told.created[0], told.value.as_ref()),
        (&made, Some(&ended.value()))
    );
}

#[test]
fn a_script_knows_its_run() {
    let bench =
        Bench::new("ec2::create_internet_gateway(); [run::id(), run::account(), run::region()]");
    let ended = bench.start();
    assert_eq!(
        ended.value(),
        serde_json::json!([ended.log.id.as_str(), "123456789012", "eu-west-1"])
    );
    let ended = Bench::new("run::account()").start();
    ended.failed(Exit::Failed);
    assert!(ended.said().contains("uses no AWS"), "{}", ended.said());
}

#[test]
fn a_failed_run_says_how_to_go_on() {
    let bench = Bench::new(SCRIPT);
    bench
        .aws
        .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    let ended = bench.start();
    let report = ended.failed(Exit::Failed);
    assert_eq!(report.message, "`ec2.create_internet_gateway` failed");
    assert_eq!(
        report.causes,
        ["LimitExceeded: refused by the test (request id request-2)"]
    );
    assert_eq!(report.hints, [Command::resume(&ended.log.id).into()]);
    assert!(
        matches!(ended.ending(), Ending::Failed { error } if error.code.as_deref() == Some("LimitExceeded"))
    );
}

#[test]
fn a_resume_counts_its_attempts() {
    let bench = Bench::new(SCRIPT);
    for _ in 0..2 {
        bench
            .aws
            .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    }
    let third = bench.resume(&bench.resume(&bench.start().log).log);
    third.value();
    let attempts: Vec<u32> = third
        .log
        .entries()
        .iter()
        .filter_map(|entry| match &entry.record {
            Record::RunResumed(resumed) => Some(resumed.attempt),
            Record::RunEnded(ended) => Some(ended.attempt),
            _ => None,
        })
        .collect();
    assert_eq!(attempts, [1, 2, 2, 3, 3]);
}

#[test]
fn a_resume_uses_the_pinned_sources_unless_it_is_given_others() {
    let bench = Bench::new(SCRIPT);
    bench
        .aws
        .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    let first = bench.start();
    bench.edit(&SCRIPT.replace(
        "\n    vpc",
        "\n    [vpc, run::step(\"new\", || \"edited\")]",
    ));
    bench
        .aws
        .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    let edited = bench.resume_edited(&first.log);
    edited.failed(Exit::Failed);
    assert_eq!(bench.resume(&first.log).value(), "make/ec2.create_vpc");

    // What was accepted once stays.
    let again = bench.resume(&edited.log);
    assert_eq!(
        again.value(),
        serde_json::json!(["make/ec2.create_vpc", "edited"])
    );
    assert_eq!(
        (again.steps_reused(), again.steps_run()),
        (vec!["make".into()], vec!["new".into()])
    );
}

#[test]
fn of_several_accepted_edits_the_latest_stays() {
    let bench = Bench::new(SCRIPT);
    let refuse = || {
        let refusal = Act::Refuse("LimitExceeded");
        bench.aws.next("create_internet_gateway", refusal);
    };
    refuse();
    let mut ended = bench.start();
    for edit in ["first", "second"] {
        bench.edit(&SCRIPT.replace("\n    vpc", &format!("\n    \"{edit}\"")));
        refuse();
        ended = bench.resume_edited(&ended.log);
        ended.failed(Exit::Failed);
    }
    assert_eq!(bench.resume(&ended.log).value(), "second");
}

#[test]
fn steps_may_be_inserted_reordered_and_taken_out() {
    let made = |name: &str| {
        format!(
            r#"run::step("{name}", || ec2::create_internet_gateway().internet_gateway.internet_gateway_id)"#
        )
    };
    let bench = Bench::new(&format!(
        "[{}, {}, {}, {}]",
        made("a"),
        made("b"),
        made("c"),
        made("d")
    ));
    for act in [Act::Do, Act::Do, Act::Do, Act::NotSent] {
        bench.aws.next("create_internet_gateway", act);
    }
    let first = bench.start();
    bench.edit(&format!("[{}, {}, {}]", made("c"), made("new"), made("a")));
    let second = bench.resume_edited(&first.log);
    let ids = ["c", "new", "a"].map(|name| format!("{name}/ec2.create_internet_gateway"));
    assert_eq!(second.value(), serde_json::json!(ids));
    assert_eq!(second.steps_run(), ["new"]);
}

#[test]
fn a_run_that_succeeded_is_not_resumed() {
    let bench = Bench::new(SCRIPT);
    let ended = bench.start();
    let report = life::resumable(&bench.open(&ended.log)).unwrap_err();
    assert_eq!(report.exit, Exit::Usage);
    assert!(report.message.contains("has succeeded"), "{report:?}");
    let before = bench.aws.total();
    let again = bench.resume(&ended.log);
    assert!(again.said().contains("cannot follow"), "{}", again.said());
    assert_eq!(again.log.text, ended.log.text);
    assert_eq!(bench.aws.total(), before);
}

#[test]
fn a_run_that_did_not_is() {
    let bench = Bench::new(SCRIPT);
    bench
        .aws
        .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    let ended = bench.start();
    assert_eq!(life::resumable(&bench.open(&ended.log)), Ok(()));
    assert_eq!(life::resumable(&bench.open(&ended.log.cut(3))), Ok(()));
}

#[test]
fn another_account_is_refused() {
    let other = Target {
        account: "210987654321".into(),
        ..target()
    };
    let report = pinned::same_account(&target(), &other).unwrap_err();
    assert_eq!(report.exit, Exit::Usage);
    assert!(
        report.message.contains("`123456789012`") && report.message.contains("`210987654321`"),
        "{report:?}"
    );
    let caller = Target {
        caller: "arn:aws:iam::123456789012:user/other".into(),
        ..target()
    };
    assert_eq!(pinned::same_account(&target(), &caller), Ok(()));
}
