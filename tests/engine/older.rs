//! A journal that was put back to an earlier state, where no checkpoints tell: what AWS shows is not made again.

use base::exit::Exit;
use journal::entry::Settled;
use run::cloud::Found;

use super::aws::Look;
use super::bench::Bench;

const SCRIPT: &str = r#"
    let vpc = ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}).vpc.vpc_id;
    let subnet = ec2::create_subnet(#{vpc_id: vpc, cidr_block: "10.0.0.0/24"}).subnet.subnet_id;
    let table = ec2::create_route_table(#{vpc_id: vpc}).route_table.route_table_id;
    ec2::associate_route_table(#{route_table_id: table, subnet_id: subnet});
    ec2::run_instances(#{image_id: "ami-1", min_count: 1, max_count: 1}).instances[0].instance_id"#;

#[test]
fn nothing_that_was_made_since_is_made_again() {
    let bench = Bench::new(SCRIPT);
    let whole = bench.start();
    let (value, made) = (whole.value(), bench.aws.world().census());
    for entries in 1..whole.log.len() {
        let ended = bench.resume(&whole.log.cut(entries));
        assert_eq!(ended.value(), value, "cut at {entries}");
        assert_eq!(bench.aws.world().census(), made, "cut at {entries}");
    }
}

#[test]
fn what_is_found_is_recorded_as_adopted() {
    let bench = Bench::new(SCRIPT);
    let whole = bench.start();
    let calls = bench.aws.count("create_vpc");
    let ended = bench.resume(&whole.log.cut(1));
    assert_eq!(bench.aws.count("create_vpc"), calls);
    assert_eq!(ended.outcomes()[0].settled, Settled::Adopted);
}

#[test]
fn of_several_that_are_found_a_person_says_which() {
    let bench = Bench::new(SCRIPT);
    let whole = bench.start();
    let calls = bench.aws.count("create_vpc");
    let ids = vec!["vpc-1".to_owned(), "vpc-2".to_owned()];
    bench.aws.next_look(Look::Finds(Found::Several(ids)));
    let ended = bench.resume(&whole.log.cut(1));
    ended.failed(Exit::InDoubt);
    assert_eq!(bench.aws.count("create_vpc"), calls);
}
