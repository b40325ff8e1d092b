//! Each thing that is wrong is told once, with what to type next.

use insta::assert_snapshot;

use super::world::World;

#[track_caller]
fn only(world: &World) -> String {
    let wrong = world.wrong(&[]);
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    world.status(&[]).code(1);
    wrong[0].clone()
}

#[test]
fn each_drift_is_named() {
    let world = World::built();
    let (private, public) = ("MyVPC private segment AZ1", "MyVPC public segment AZ2");
    let drifts: [(&[&str], &[&str], &str); 5] = [
        (
            &["remove", public, "8.8.8.8/32"],
            &["add", public, "8.8.8.8/32", "nat1"],
            "<rtb> has no route 8.8.8.8/32 to <i> -> aws ec2 describe-route-tables --route-table-ids <rtb>",
        ),
        (
            &["add", private, "9.9.9.9/32", "nat1"],
            &["remove", private, "9.9.9.9/32"],
            "<rtb> has a route that nobody asked for: 9.9.9.9/32 to <i>",
        ),
        (
            &["check", "nat2", "on"],
            &["check", "nat2", "off"],
            "the NAT <i> of ap-northeast-1c forwards nothing: its source/destination check is on -> aws ec2 modify-instance-attribute --instance-id <i> --no-source-dest-check",
        ),
        (
            &["route", private, "0.0.0.0/0", "nat2"],
            &["route", private, "0.0.0.0/0", "nat1"],
            "the traffic of ap-northeast-1a goes through <i>, though its NAT <i> runs -> aws ec2 replace-route --route-table-id <rtb> --destination-cidr-block 0.0.0.0/0 --instance-id <i>",
        ),
        (
            &["remove", private, "0.0.0.0/0"],
            &["add", private, "0.0.0.0/0", "nat1"],
            "nobody carries the traffic of ap-northeast-1a, though its NAT <i> runs -> aws ec2 create-route ",
        ),
    ];
    for (drift, mend, said) in drifts {
        world.change(drift);
        let told = only(&world);
        assert!(told.starts_with(said), "{told}");
        world.change(mend);
    }
    world.status(&[]).code(0);
}

#[test]
fn a_dead_nat_is_told_with_who_carries_its_traffic() {
    let world = World::built();
    world.change(&["terminate", "nat1"]);
    assert_snapshot!(only(&world), @"");
    world.change(&["route", "MyVPC private segment AZ1", "0.0.0.0/0", "nat2"]);
    world.change(&["carrier", "MyVPC private segment AZ1", "nat2"]);
    assert_snapshot!(only(&world), @"");
    let ended = world.status(&[]).code(1);
    assert_snapshot!(world.test.stable(&ended.stdout), @"");
    assert_snapshot!(world.test.stable(&ended.stderr), @"");
}

#[test]
fn several_things_are_each_told() {
    let world = World::built();
    world.change(&["check", "nat1", "on"]);
    world.change(&["remove", "MyVPC public segment AZ2", "8.8.8.8/32"]);
    let ended = world.status(&[]).code(1);
    for said in ["2 things are wrong:\n  1. the NAT i-", "\n  2. rtb-"] {
        assert!(ended.stdout.contains(said), "{}", ended.stdout);
    }
    assert!(
        ended
            .stderr
            .contains("error: 2 things are wrong with MyVPC"),
        "{}",
        ended.stderr
    );
}
