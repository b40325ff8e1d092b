//! Places: a record answers the call that made it, not an equal one elsewhere in the script.

use base::exit::Exit;
use serde_json::json;

use super::aws::Act;
use super::bench::Bench;
use super::log::Log;

/// A read decides whether the first of two equal calls is made.
fn two(call: &str) -> String {
    format!(
        "if !ec2::describe_vpcs(#{{}}).vpcs.is_empty() {{ {call}; }}
        {call};
        ec2::create_vpc(#{{cidr_block: \"10.0.0.0/16\"}}).vpc.vpc_id"
    )
}

/// The run is killed before this key is recorded; the read says otherwise on the resume.
fn killed_after_the_first(script: &str, before: &str) -> (Bench, Log) {
    let bench = Bench::new(script);
    bench
        .aws
        .next("describe_vpcs", Act::Answer(json!({"vpcs": [{}]})));
    let first = bench.start();
    first.value();
    let cut = first.log.until(|entry| entry.record.key() == before);
    bench
        .aws
        .next("describe_vpcs", Act::Answer(json!({"vpcs": []})));
    (bench, cut)
}

#[test]
fn a_record_of_another_place_is_a_divergence() {
    for (call, key) in [
        (
            "ec2::create_internet_gateway()",
            "ec2.create_internet_gateway",
        ),
        ("run::step(\"a step\", || 1)", "a step"),
        ("run::step(\"a step\", \"az1\", || 1)", "a step[az1]"),
        ("run::wait_until(\"a wait\", #{}, || 1)", "a wait"),
        ("run::retry(\"a retry\", #{}, || 1)", "a retry"),
    ] {
        let (bench, cut) = killed_after_the_first(&two(call), &format!("{key}#2"));
        let calls = bench.aws.count("create_internet_gateway");
        let resumed = bench.resume(&cut);
        let report = resumed.failed(Exit::Diverged);
        let places: Vec<&str> = report.message.split("test.rhai:").skip(1).collect();
        assert!(
            report
                .message
                .starts_with(&format!("`{key}` was recorded at test.rhai:3:"))
        );
        assert!(places[1].starts_with("4:"), "{}", report.message);
        assert_eq!(bench.aws.count("create_internet_gateway"), calls);
    }
}

#[test]
fn a_step_that_was_cut_off_or_failed_elsewhere_is_not_taken_up() {
    let tried =
        "try { run::step(\"a step\", || { ec2::create_internet_gateway(); throw 1; }); } catch {}";
    let (bench, cut) = killed_after_the_first(&two(tried), "a step#2");
    bench.resume(&cut).failed(Exit::Diverged);

    let step = "run::step(\"a step\", || ec2::create_internet_gateway())";
    let (bench, cut) = killed_after_the_first(&two(step), "a step/ec2.create_internet_gateway");
    bench.resume(&cut).failed(Exit::Diverged);
}

#[test]
fn a_sleep_elsewhere_is_slept_by_itself() {
    let (bench, cut) = killed_after_the_first(&two("run::sleep(\"0s\")"), "sleep#2");
    let resumed = bench.resume(&cut);
    resumed.value();
    let lines = resumed.lines();
    let slept = "wait_finished sleep#2 2".to_owned();
    assert!(lines.contains(&slept), "{lines:?}");
}

#[test]
fn lines_of_an_edited_script_say_nothing() {
    let script = two("ec2::create_internet_gateway()");
    let (bench, cut) = killed_after_the_first(&script, "ec2.create_internet_gateway#2");
    bench.edit(&format!("// One line more.\n{script}"));
    bench.resume_edited(&cut).value();
}
