//! Places: a record answers the call that made it, not an equal one elsewhere in the script.

use runbook::exit::Exit;
use serde_json::json;

use super::aws::Act;
use super::bench::Bench;

const TWO_CALLS: &str =
    "if !ec2::describe_vpcs(#{}).vpcs.is_empty() { ec2::create_internet_gateway(); }
    ec2::create_internet_gateway();
    ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"}).vpc.vpc_id";

/// The run is killed after its first call, which a read had asked for; the read says otherwise on the resume.
fn killed_after_the_first_call() -> (Bench, super::log::Log) {
    let bench = Bench::new(TWO_CALLS);
    bench
        .aws
        .next("describe_vpcs", Act::Answer(json!({"vpcs": [{}]})));
    let first = bench.start();
    first.value();
    let cut = first
        .log
        .until(|entry| entry.record.key() == "ec2.create_internet_gateway#2");
    bench
        .aws
        .next("describe_vpcs", Act::Answer(json!({"vpcs": []})));
    (bench, cut)
}

#[test]
fn a_record_of_another_place_is_a_divergence() {
    let (bench, cut) = killed_after_the_first_call();
    let calls = bench.aws.count("create_internet_gateway");
    let resumed = bench.resume(&cut);
    let report = resumed.failed(Exit::Diverged);
    assert_eq!(
        report.message,
        "`ec2.create_internet_gateway` was recorded at test.rhai:3:52; the script now makes the call at test.rhai:4:10"
    );
    assert_eq!(bench.aws.count("create_internet_gateway"), calls);
}

#[test]
fn lines_of_an_edited_script_say_nothing() {
    let (bench, cut) = killed_after_the_first_call();
    bench.edit(&format!("// One line more.\n{TWO_CALLS}"));
    bench.resume_edited(&cut).value();
}
