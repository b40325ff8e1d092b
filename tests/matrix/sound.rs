//! Scripts that are right: nothing is found, and it is said what was tried.

use super::{everywhere, script, sound, told};
use crate::build::rehearsal::{assert_nothing_left, rehearsing};
use crate::build::{RUNBOOK, SITE};
use crate::harness::tell;

const SMALL: &str = r#"
import "aws/ec2" as ec2;

fn main(params) {
    let vpc_id = run::step("make the network", || ec2::create_vpc(#{cidr_block: "10.7.0.0/16"}).vpc.vpc_id);
    run::wait_until("it to be there", #{every: "1ms", timeout: "60s"}, || {
        let found = ec2::describe_vpcs(#{vpc_ids: [vpc_id]}).vpcs;
        if found.is_empty() { () } else { found.len() }
    });
    vpc_id
}
"#;

#[test]
fn killed_everywhere_a_small_runbook_ends_the_same() {
    let test = script(SMALL);
    let ended = everywhere(&test, &[]);
    let summary = sound(&ended);
    assert_eq!(summary["possible_duplicates"], 0, "{summary}");
    let (points, _) = told(&ended);
    assert!(points.is_empty(), "{points:?}");
    // A kill between the call and its outcome is settled by looking; one in the middle of a wait needs no settling.
    for kind in [
        "before an intent",
        "after an intent, before the call",
        "after a call, before its outcome",
        "after an outcome",
        "in the middle of a wait",
    ] {
        assert!(
            summary["kinds"][kind].as_u64().unwrap() > 0,
            "{kind}: {summary}"
        );
    }
    assert!(summary["adopted"].as_u64().unwrap() > 0, "{summary}");
    // Eight entries: a kill before and after each, but for those that others stand for.
    let twice = summary["kinds"]["and again on the way"].as_u64().unwrap();
    let (runs, merged) = (
        summary["runs"].as_u64().unwrap(),
        summary["merged"].as_u64().unwrap(),
    );
    assert_eq!(runs - twice + merged, 16, "{summary}");
    assert!(merged > 0 && twice > 0, "{summary}");
    assert_nothing_left(&test);
}

#[test]
fn a_share_of_the_builds_points_ends_the_same() {
    let test = rehearsing();
    let polls = ["--set", "interval_poll=1ms", "--set", "interval_routes=1ms"];
    let build = [
        "rehearse",
        "--crash-everywhere",
        RUNBOOK,
        "--site",
        SITE,
        "--share",
        "1/12",
        "--seed",
        "3",
    ];
    let ended = test.runbook(&[&build[..], &polls].concat()).code(0);
    tell(&ended.stdout);
    assert!(
        ended.stdout.contains("seed 3, share 1/12"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains(
            "doubled 0, leaked 0, missing 0, changed 0, not finished 0, possible duplicates 0"
        ),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("found in AWS and adopted"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_run_that_stops_in_doubt_and_says_so_is_no_failure() {
    let test = script(
        r#"import "aws/sns" as sns;
        fn main(params) {
            let topic = sns::create_topic(#{name: "news"}).topic_arn;
            run::step("tell", || sns::publish(#{topic_arn: topic, message: "it begins"}).message_id);
        }"#,
    );
    let (_, summary) = told(&everywhere(&test, &[]).code(0));
    assert!(
        summary["stopped_in_doubt"].as_u64().unwrap() >= 2,
        "{summary}"
    );
    assert_eq!(summary["failures"], 0);
}
