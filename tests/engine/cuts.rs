//! Crash tests: the log of a whole run is cut at every point, and what is left is resumed.

use super::bench::Bench;
use super::ended::Ended;
use super::log::Log;
use super::world::World;
use journal::entry::{Entry, Record};

/// One of everything, one after the other.
const SEQUENCE: &str = r#"
    let vpc = run::step("make the VPC", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
    let subnets = [];
    for block in ["10.0.0.0/24", "10.0.1.0/24"] {
        subnets.push(run::step("make a subnet", block, || {
            let id = ec2::create_subnet(#{vpc_id: vpc, cidr_block: block}).subnet.subnet_id;
            run::step("route it", || {
                let table = ec2::create_route_table(#{vpc_id: vpc}).route_table.route_table_id;
                ec2::associate_route_table(#{route_table_id: table, subnet_id: id});
                ec2::create_route(#{route_table_id: table, destination_cidr_block: "0.0.0.0/0", gateway_id: "igw-1"});
            });
            id
        }));
    }
    let drawn = [run::random(1, 1), run::uuid().len()];
    log::info("half of it is done");
    let instances = run::retry("the instances", #{every: "0s", attempts: 2}, || {
        ec2::run_instances(#{image_id: "ami-1", min_count: 2, max_count: 2}).instances
    });
    run::sleep("0s");
    ec2::modify_instance_attribute(#{instance_id: instances[1].instance_id, source_dest_check: #{value: false}});
    run::wait_until("the check", #{every: "0s", timeout: "1h"}, || { ec2::describe_vpcs(#{}); true });
    #{vpc: vpc, subnets: subnets, drawn: drawn, instances: instances}"#;

/// The zones side by side, with equal names in each.
const BRANCHES: &str = r#"
    let vpc = ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id;
    run::step("all zones", || run::parallel(["a", "b"], |zone| {
        let subnet = run::step("make", || ec2::create_subnet(#{vpc_id: vpc, cidr_block: "10.0.0.0/24"}).subnet.subnet_id);
        let table = ec2::create_route_table(#{vpc_id: vpc}).route_table.route_table_id;
        ec2::associate_route_table(#{route_table_id: table, subnet_id: subnet});
        [subnet, table]
    }))"#;

#[test]
fn a_run_killed_anywhere_ends_as_if_it_had_not_been() {
    everywhere(&Bench::new(SEQUENCE));
}

#[test]
fn branches_killed_anywhere_end_as_if_they_had_not_been() {
    everywhere(&Bench::new(BRANCHES));
}

#[test]
fn a_run_killed_again_while_it_recovers_ends_the_same() {
    let bench = Bench::new(
        r#"let vpc = run::step("make the VPC", || ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id);
        ec2::create_route(#{route_table_id: vpc, destination_cidr_block: "0.0.0.0/0", gateway_id: "igw-1"});
        vpc"#,
    );
    let whole = Whole::of(&bench);
    for entries in 1..whole.ended.log.len() {
        for world in whole.worlds(&whole.ended.log.cut(entries)) {
            bench.aws.set_world(world);
            let second = bench.resume(&whole.ended.log.cut(entries));
            let all = bench.aws.world();
            for again in entries + 1..second.log.len() {
                let cut = second.log.cut(again);
                for world in worlds(&all, &cut) {
                    whole.resumed(&bench, &cut, world);
                }
            }
        }
    }
}

/// Resumes from each length of the log, whole and torn, with the call in flight done and not done.
fn everywhere(bench: &Bench) {
    let whole = Whole::of(bench);
    for entries in 1..whole.ended.log.len() {
        let cut = whole.ended.log.cut(entries);
        let torn = whole.ended.log.torn(entries);
        whole.resumed(bench, &torn, whole.worlds(&torn).remove(0));
        for world in whole.worlds(&cut) {
            whole.resumed(bench, &cut, world);
        }
    }
}

/// A run that nothing disturbed.
struct Whole {
    ended: Ended,
    world: World,
}

impl Whole {
    fn of(bench: &Bench) -> Self {
        let ended = bench.start();
        ended.value();
        Self {
            ended,
            world: bench.aws.world(),
        }
    }

    fn worlds(&self, log: &Log) -> Vec<World> {
        worlds(&self.world, log)
    }

    /// Resumes a cut log in a world, and compares everything with the undisturbed run.
    fn resumed(&self, bench: &Bench, cut: &Log, world: World) {
        let (at, things) = (cut.len(), world.0.len());
        bench.aws.set_world(world);
        let ended = bench.resume(cut);
        assert_eq!(
            ended.value(),
            self.ended.value(),
            "cut at {at}, {things} things"
        );
        assert_eq!(
            bench.aws.world().census(),
            self.world.census(),
            "cut at {at}, {things} things"
        );
        let again: Vec<String> = ended
            .steps_run()
            .into_iter()
            .filter(|key| finished(cut).contains(key))
            .collect();
        assert_eq!(again, [""; 0], "cut at {at}, {things} things");
        bench.open(&ended.log);
    }
}

/// Returns the worlds that may be behind a log: what has an outcome has happened, what has only an intent may have.
pub(super) fn worlds(all: &World, log: &Log) -> Vec<World> {
    let keys = |wanted: fn(&Record) -> bool| -> Vec<String> {
        let records = entries(log).into_iter().map(|entry| entry.record);
        records
            .filter(wanted)
            .map(|record| record.key().to_owned())
            .collect()
    };
    let done = keys(|record| matches!(record, Record::EffectFinished(_)));
    let begun = keys(|record| matches!(record, Record::EffectIntended(_)));
    if begun.iter().all(|key| done.contains(key)) {
        return vec![all.only(&done)];
    }
    vec![all.only(&done), all.only(&begun)]
}

fn finished(log: &Log) -> Vec<String> {
    let keys = entries(log)
        .into_iter()
        .filter_map(|entry| match entry.record {
            Record::StepFinished { key, .. } => Some(key),
            _ => None,
        });
    keys.collect()
}

/// Returns the whole entries; the last line may be torn.
fn entries(log: &Log) -> Vec<Entry> {
    log.text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
