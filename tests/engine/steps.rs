//! Steps: their keys, their checkpoints, and what is run again.

use base::command::Command;
use base::exit::Exit;
use serde_json::json;

use super::aws::Act;
use super::bench::Bench;

#[test]
fn a_finished_step_is_not_run_again() {
    let bench = Bench::new(
        r#"let id = run::step("make the VPC", || {
            ec2::describe_vpcs(#{});
            ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id
        });
        run::step("make the gateway", || { ec2::create_internet_gateway(); });
        id"#,
    );
    bench
        .aws
        .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    let first = bench.start();
    first.failed(Exit::Failed);

    let second = bench.resume(&first.log);
    assert_eq!(second.value(), "make the VPC/ec2.create_vpc");
    assert_eq!(second.steps_reused(), ["make the VPC"]);
    assert_eq!(second.steps_run(), ["make the gateway"]);
    assert_eq!(
        (
            bench.aws.count("create_vpc"),
            bench.aws.count("describe_vpcs")
        ),
        (1, 1)
    );
    assert_eq!(
        second.lines(),
        [
            "step_started make the VPC 1",
            "effect_intended make the VPC/ec2.create_vpc 1",
            "effect_finished make the VPC/ec2.create_vpc 1",
            "step_finished make the VPC 1",
            "step_started make the gateway 1",
            "effect_intended make the gateway/ec2.create_internet_gateway 1",
            "effect_failed make the gateway/ec2.create_internet_gateway 1",
            "step_failed make the gateway 1",
            "step_started make the gateway 2",
            "effect_intended make the gateway/ec2.create_internet_gateway 2",
            "effect_finished make the gateway/ec2.create_internet_gateway 2",
            "step_finished make the gateway 2",
        ]
    );
}

#[test]
fn a_key_is_the_path_of_names_with_items_and_occurrences() {
    let ended = Bench::new(
        r#"run::step("outer", || {
            run::step("inner", || 1);
            run::step("inner", || 2);
        });
        run::step("inner", || 3);
        for zone in ["a", "b"] { run::step("zone", zone, || zone); }
        run::step("zone", "a", || 4);
        run::step("zone", 7, || 5);
        run::step("zone", #{name: "10.0.0.0/16", size: 1}, || 6);"#,
    )
    .start();
    let keys = [
        "outer",
        "outer/inner",
        "outer/inner#2",
        "inner",
        "zone[a]",
        "zone[b]",
        "zone[a]#2",
        "zone[7]",
        "zone[10.0.0.0/16]",
    ];
    assert_eq!(ended.steps_run(), keys);
}

#[test]
fn each_occurrence_has_its_own_checkpoint() {
    let bench = Bench::new(
        r#"let values = [];
        for number in 1..4 { values.push(run::step("count", || number * 10)); }
        for zone in ["a", "b"] { values.push(run::step("zone", zone, || zone)); }
        ec2::create_vpc(#{cidr_block: "10.0.0.0/16"});
        values"#,
    );
    bench
        .aws
        .next("create_vpc", Act::Refuse("VpcLimitExceeded"));
    let first = bench.start();
    let second = bench.resume(&first.log);
    assert_eq!(second.value(), json!([10, 20, 30, "a", "b"]));
    assert_eq!(
        second.steps_reused(),
        ["count", "count#2", "count#3", "zone[a]", "zone[b]"]
    );
}

#[test]
fn an_interrupted_step_keeps_what_was_finished_inside_it() {
    let bench = Bench::new(
        r#"run::step("outer", || {
            let one = run::step("one", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
            let two = ec2::create_subnet(#{vpc_id: one, cidr_block: "10.0.0.0/24"}).subnet.subnet_id;
            ec2::create_internet_gateway();
            run::step("three", || [one, two])
        })"#,
    );
    bench
        .aws
        .next("create_internet_gateway", Act::Refuse("LimitExceeded"));
    let first = bench.start();
    let second = bench.resume(&first.log);
    assert_eq!(
        second.value(),
        json!(["outer/one/ec2.create_vpc", "outer/ec2.create_subnet"])
    );
    assert_eq!(second.steps_run(), ["outer", "outer/three"]);
    assert_eq!(
        (
            bench.aws.count("create_vpc"),
            bench.aws.count("create_subnet")
        ),
        (1, 1)
    );
}

#[test]
fn what_keys_are_built_with_is_refused_in_names() {
    for name in ["a/b", "a[b", "a#2", "", " "] {
        let ended = Bench::new(&format!(
            r#"run::step("{name}", || ec2::create_internet_gateway())"#
        ))
        .start();
        ended.failed(Exit::Failed);
        assert!(
            ended.said().contains("cannot be a step's name"),
            "{}",
            ended.said()
        );
        assert_eq!(ended.lines(), [""; 0]);
    }
}

#[test]
fn a_failed_step_says_where() {
    let ended = Bench::new("run::step(\"break\", || {\n    throw \"no good\";\n})").start();
    let report = ended.failed(Exit::Failed);
    assert_eq!(report.message, "no good");
    let excerpt = report.excerpt.as_ref().unwrap();
    assert_eq!(
        (excerpt.line, excerpt.text.trim()),
        (3, "throw \"no good\";")
    );
    assert_eq!(report.hints, [Command::resume(&ended.log.id).into()]);
}
