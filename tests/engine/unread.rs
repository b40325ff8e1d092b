//! A live run reads its log when it begins and when it ends, and at no effect: what one costs does not grow with their
//! number.

use journal::entry::Settled;
use run::cloud::Found;
use serde_json::json;

use super::aws::{Act, Look};
use super::bench::Bench;
use super::ended::Ended;

/// The first read is where the log becomes unreadable, the second where it is mended.
const SCRIPT: &str = r#"
import "aws/ec2" as ec2;
import "aws/opsworks" as opsworks;

fn main(params) {
    ec2::describe_vpcs(#{});
    let stack = opsworks::create_stack(#{
        name: "a", region: "eu-west-1", service_role_arn: "arn:a", default_instance_profile_arn: "arn:b"
    });
    opsworks::update_stack(#{stack_id: stack.stack_id, custom_json: "{}"});
    ec2::create_route(#{route_table_id: "rtb-1", gateway_id: "igw-1", destination_cidr_block: "0.0.0.0/0"});
    ec2::describe_vpcs(#{});
}
"#;

fn bench() -> Bench {
    let bench = Bench::new("");
    bench.write(SCRIPT);
    bench
}

fn spoil_between_the_reads(bench: &Bench) {
    let (spoiler, mender) = (bench.aws.clone(), bench.aws.clone());
    let spoil = Act::After(Box::new(move || spoiler.spoil_log()));
    bench.aws.next("describe_vpcs", spoil);
    let mend = Act::After(Box::new(move || mender.mend_log()));
    bench.aws.next("describe_vpcs", mend);
}

fn settled(ended: &Ended) -> Vec<(String, Settled)> {
    let outcomes = ended.outcomes().into_iter();
    outcomes
        .map(|outcome| (outcome.key, outcome.settled))
        .collect()
}

#[test]
fn no_effect_reads_the_log() {
    let bench = bench();
    spoil_between_the_reads(&bench);
    let stack = json!({"stack_id": "s-1"});
    bench.aws.next("create_stack", Act::Answer(stack));
    bench.aws.next("create_route", Act::DoAndLose);
    bench.aws.next_look(Look::Finds(Found::Absent));
    bench
        .aws
        .next("create_route", Act::Refuse("RouteAlreadyExists"));
    let ended = bench.start();
    ended.value();
    let marked = bench.aws.calls("update_stack")[0].input["custom_json"].to_string();
    assert!(marked.contains("opsworks.create_stack"), "{marked}");
    assert_eq!(
        settled(&ended),
        [
            ("opsworks.create_stack".to_owned(), Settled::Called),
            ("opsworks.update_stack".to_owned(), Settled::Called),
            ("ec2.create_route".to_owned(), Settled::Adopted),
        ]
    );
}

#[test]
fn no_doubt_reads_the_log() {
    let bench = bench();
    let stack = json!({"stack_id": "s-1"});
    bench.aws.next("create_stack", Act::Answer(stack));
    let log = bench.start().log;
    spoil_between_the_reads(&bench);
    let until_the_route_is_intended = log.cut(6);
    let ended = bench.resume(&until_the_route_is_intended);
    ended.value();
    assert_eq!(settled(&ended)[2].1, Settled::Adopted);
}
