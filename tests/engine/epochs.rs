//! New identities towards AWS: tokens that are spent, and what a person has taken back.

use std::sync::{Arc, Barrier};

use base::exit::Exit;
use run::cloud::Found;
use run::rewind;
use serde_json::json;

use super::aws::{Act, Look};
use super::bench::Bench;
use super::ended::Ended;

const INSTANCE: &str = r#"ec2::run_instances(#{image_id: "ami-1", min_count: 1, max_count: 1})"#;

fn epochs(ended: &Ended) -> Vec<(u32, u32)> {
    let intents = ended.intents().into_iter();
    intents
        .map(|intent| (intent.attempt, intent.epoch))
        .collect()
}

/// Launches an instance whose reply is lost; it is terminated before it is asked for again.
fn terminated() -> Bench {
    let bench = Bench::new(INSTANCE);
    bench.aws.next("run_instances", Act::DoAndLose);
    bench
        .aws
        .next("run_instances", Act::Refuse("IdempotentInstanceTerminated"));
    bench
}

#[test]
fn a_spent_token_is_followed_by_a_new_one() {
    let bench = terminated();
    bench.aws.next_look(Look::Finds(Found::CallAgain));
    bench.aws.next_look(Look::Finds(Found::Absent));
    let ended = bench.start();
    ended.value();
    assert_eq!(epochs(&ended), [(1, 1), (2, 1), (3, 2)]);
    let tokens: Vec<_> = bench
        .aws
        .calls("run_instances")
        .iter()
        .map(|call| call.input["client_token"].clone())
        .collect();
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[1], tokens[2]);
}

#[test]
fn a_spent_token_with_something_left_is_for_a_person() {
    let bench = terminated();
    bench.aws.next_look(Look::Finds(Found::CallAgain));
    bench
        .aws
        .next_look(Look::Finds(Found::Several(vec!["i-1".into()])));
    let ended = bench.start();
    let report = ended.failed(Exit::InDoubt);
    assert!(
        report.hints[0].line("runbook").contains("--adopt i-1 "),
        "{report:?}"
    );
    assert_eq!(bench.aws.count("run_instances"), 2);
}

const THREE: &str = r#"
    let a = run::step("a", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
    let b = run::step("b", || ec2::create_subnet(#{vpc_id: a, cidr_block: "10.0.0.0/24"}).subnet.subnet_id);
    let c = run::step("c", || ec2::create_subnet(#{vpc_id: a, cidr_block: "10.0.1.0/24"}).subnet.subnet_id);
    [a, b, c]"#;

/// Rewinds a copy of the run and resumes it.
fn rewound(bench: &Bench, ended: &Ended, to: &str) -> (rewind::Rewind, Ended) {
    let journal = bench.open(&ended.log);
    let plan = rewind::plan(&journal, to).unwrap();
    rewind::rewind(&journal, to, &plan, super::resolve::by()).unwrap();
    (plan, bench.go_on(journal))
}

#[test]
fn a_rewind_does_anew_what_came_after() {
    let bench = Bench::new(THREE);
    let first = bench.start();
    let (plan, second) = rewound(&bench, &first, "b");
    assert_eq!(
        plan.forgotten,
        ["c/ec2.create_subnet", "c", "b/ec2.create_subnet", "b"]
    );
    let left: Vec<_> = plan.left.iter().map(|left| left.resource.clone()).collect();
    assert_eq!(
        left,
        [
            Some("b/ec2.create_subnet".to_owned()),
            Some("c/ec2.create_subnet".to_owned())
        ]
    );
    assert_eq!(second.steps_reused(), ["a"]);
    assert_eq!(second.steps_run(), ["b", "c"]);
    let again: Vec<_> = epochs(&second).split_off(3);
    assert_eq!(again, [(2, 2), (2, 2)]);
    assert_eq!(bench.aws.count("create_subnet"), 4);
    let marks: Vec<_> = bench
        .aws
        .calls("create_subnet")
        .iter()
        .map(|call| call.input["tag_specifications"][0]["tags"][1]["value"].clone())
        .collect();
    assert_ne!(marks[0], marks[2]);
    assert_eq!(
        second.value(),
        json!([
            "a/ec2.create_vpc",
            "b/ec2.create_subnet~1",
            "c/ec2.create_subnet~1"
        ])
    );
}

#[test]
fn a_rewind_that_was_cut_off_has_gone_back_less_far() {
    let bench = Bench::new(THREE);
    let first = bench.start();
    let whole = rewound(&bench, &first, "a").1;
    for cut in first.log.len() + 1..=first.log.len() + 7 {
        let resumed = bench.resume(&whole.log.cut(cut));
        assert!(resumed.result.is_ok(), "cut at {cut}: {}", resumed.said());
    }
}

#[test]
fn a_finished_step_around_the_key_is_forgotten_too() {
    let bench = Bench::new(&format!(r#"run::step("all", || {{ {THREE} }})"#));
    let (plan, second) = rewound(&bench, &bench.start(), "all/c");
    assert_eq!(plan.forgotten, ["all/c/ec2.create_subnet", "all/c", "all"]);
    assert_eq!(second.steps_run(), ["all", "all/c"]);
}

#[test]
fn branches_beside_the_key_are_kept_and_what_follows_them_is_not() {
    let script = r#"
        let made = run::parallel(#{
            a: || run::step("x", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id),
            b: || run::step("x", || ec2::create_vpc(#{cidr_block: "10.1.0.0/16"}).vpc.vpc_id),
        });
        run::step("after", || made.a + made.b)"#;
    let bench = Bench::new(script);
    // Only what overlaps in the journal is known to have run side by side.
    let both = Arc::new(Barrier::new(2));
    for _ in 0..2 {
        let both = Arc::clone(&both);
        let meet = move || {
            both.wait();
        };
        bench.aws.next("create_vpc", Act::After(Box::new(meet)));
    }
    let first = bench.start();
    let (plan, second) = rewound(&bench, &first, "a");
    assert_eq!(plan.forgotten, ["after", "a/x/ec2.create_vpc", "a/x"]);
    assert_eq!(second.steps_reused(), ["b/x"]);
    assert_eq!(bench.aws.count("create_vpc"), 3);
}

#[test]
fn what_is_in_doubt_is_not_forgotten() {
    let bench = Bench::new(THREE);
    let cut = bench.start().log.until(|entry| {
        matches!(&entry.record, journal::entry::Record::EffectIntended(intent) if intent.key.starts_with("b/"))
    });
    let journal = bench.open(&cut);
    let report = rewind::plan(&journal, "a").unwrap_err();
    assert_eq!(report.exit, Exit::InDoubt);
    assert!(report.message.contains("`b/ec2.create_subnet` is in doubt"));
}

#[test]
fn an_unknown_key_comes_back_with_the_nearest() {
    let bench = Bench::new(THREE);
    let journal = bench.open(&bench.start().log);
    let report = rewind::plan(&journal, "b/ec2.create_subnets").unwrap_err();
    assert_eq!(report.exit, Exit::Usage);
    assert_eq!(report.hints, ["did you mean `b/ec2.create_subnet`?".into()]);
}

#[test]
fn a_noted_value_is_made_anew_after_a_rewind() {
    let bench = Bench::new(r#"run::step("a", || 1); run::uuid()"#);
    let first = bench.start();
    let (plan, second) = rewound(&bench, &first, "a");
    assert_eq!(plan.forgotten.len(), 2);
    assert_ne!(first.value(), second.value());
}

#[test]
fn waits_begin_anew_after_a_rewind() {
    let script =
        r#"run::step("a", || 1); run::wait_until("w", #{every: "1ms", timeout: "1m"}, || true)"#;
    let bench = Bench::new(script);
    let (plan, second) = rewound(&bench, &bench.start(), "a");
    assert_eq!(plan.forgotten, ["w", "a"]);
    assert_eq!(
        second.lines().split_off(6),
        [
            "step_started a 2",
            "step_finished a 2",
            "wait_started w 2",
            "wait_finished w 2"
        ]
    );
}
