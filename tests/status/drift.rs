//! Each thing that is wrong is told once, with what to type next.

use insta::assert_snapshot;

use super::world::{OPSWORKS, World};
use crate::harness::emulator;

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
            "the traffic of ap-northeast-1a goes through <i>, though its NAT <i> runs -> wait for the heartbeat to give it back, and look again; or aws ec2 replace-route --route-table-id <rtb> --destination-cidr-block 0.0.0.0/0 --instance-id <i>",
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
    assert_snapshot!(only(&world), @"the NAT <i> of ap-northeast-1a is terminated, and nobody carries its traffic -> runbook run replace-nat.rhai --set zone=ap-northeast-1a");
    world.change(&["route", "MyVPC private segment AZ1", "0.0.0.0/0", "nat2"]);
    world.change(&["carrier", "MyVPC private segment AZ1", "nat2"]);
    assert_snapshot!(only(&world), @"the NAT <i> of ap-northeast-1a is terminated; its traffic goes through <i> of ap-northeast-1c since <time> -> runbook run replace-nat.rhai --set zone=ap-northeast-1a");
    let ended = world.status(&[]).code(1);
    assert_snapshot!(world.stable(&ended.stdout), @"
    MyVPC <vpc> 10.0.0.0/16, account <account>, ap-northeast-1, ec2; as the settings have it
    ├─ Internet gateway <igw>
    ├─ ap-northeast-1a, watches ap-northeast-1c
    │  ├─ public MyVPC public segment AZ1: <subnet> 10.0.0.0/24, <rtb>
    │  ├─ private MyVPC private segment AZ1: <subnet> 10.0.128.0/24, <rtb>
    │  ├─ NAT: <i> t4g.nano, terminated
    │  └─ traffic: through <i> of ap-northeast-1c since <time> (heartbeat)
    └─ ap-northeast-1c, watches ap-northeast-1a
       ├─ public MyVPC public segment AZ2: <subnet> 10.0.1.0/24, <rtb>
       ├─ private MyVPC private segment AZ2: <subnet> 10.0.129.0/24, <rtb>
       ├─ NAT: <i> t4g.nano, running, <public>, heartbeat healthy, <duration> ago
       └─ traffic: through its own NAT <i> since <time> (build)

    1 thing is wrong:
      1. the NAT <i> of ap-northeast-1a is terminated; its traffic goes through <i> of ap-northeast-1c since <time>
         next: runbook run replace-nat.rhai --set zone=ap-northeast-1a
    ");
    assert_snapshot!(world.stable(&ended.stderr), @"error: 1 thing is wrong with MyVPC");
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

#[test]
fn a_stopped_nat_may_be_started() {
    let world = World::built();
    world.change(&["stop", "nat2"]);
    assert_snapshot!(only(&world), @"the NAT <i> of ap-northeast-1c is stopped, and nobody carries its traffic -> aws ec2 start-instances --instance-ids <i>; or runbook run replace-nat.rhai --set zone=ap-northeast-1c");
}

#[test]
fn on_opsworks_a_dead_nat_is_told_once_too() {
    let world = World::built_on(OPSWORKS);
    world.change(&["terminate", "nat1"]);
    assert_snapshot!(only(&world), @"the NAT <i> of ap-northeast-1a is terminated, and nobody carries its traffic -> runbook run replace-nat.rhai --set zone=ap-northeast-1a");
}

#[test]
fn a_heartbeat_that_is_not_well_is_told() {
    let world = World::built();
    for (change, said) in [
        (
            &[
                "say",
                "nat1",
                "sick next=304 within=4 why=ip_forward is off",
            ][..],
            "is sick: ip_forward is off -> journalctl",
        ),
        (
            &["say", "nat1", "healthy t=1000000000 next=304 within=4"],
            ", and promised one every <duration> -> journalctl",
        ),
        (&["silence", "nat1"], "has not published a status yet -> "),
    ] {
        world.change(change);
        let told = only(&world);
        let begins = "the heartbeat of <i> in ap-northeast-1a ";
        assert!(told.starts_with(begins) && told.contains(said), "{told}");
    }
    let ended = world.status(&["--set", "heartbeat=none"]).code(0);
    assert!(ended.stdout.contains("no heartbeat"), "{}", ended.stdout);
}

#[test]
fn a_second_nat_in_a_zone_is_told() {
    let world = World::built();
    world.change(&["twin", "nat1"]);
    assert_snapshot!(only(&world), @"<i> is running in ap-northeast-1a as a NAT beside <i> -> runbook list; and if no replacement is under way: aws ec2 terminate-instances --instance-ids <i>");
}

#[test]
fn what_was_renamed_is_found_and_told() {
    let world = World::built();
    world.change(&["rename", "subnet", "MyVPC private segment AZ1", "Another"]);
    assert_snapshot!(only(&world), @r#"the name of <subnet> is "Another", asked was "MyVPC private segment AZ1" -> aws ec2 describe-subnets --subnet-ids <subnet>; put it right, or correct the site file"#);
    world.change(&[
        "rename",
        "route_table",
        "MyVPC private segment AZ1",
        "Another",
    ]);
    let wrong = world.wrong(&[]);
    assert_eq!(wrong.len(), 2, "{wrong:#?}");
}

#[test]
fn of_a_half_built_network_what_is_missing_is_told() {
    let world = World::empty();
    let account = world.test.account();
    emulator(account)
        .refuse(
            account,
            "RunInstances",
            "InsufficientInstanceCapacity",
            1000,
        )
        .unwrap();
    world.build().code(1);
    let ended = world.status(&[]).code(1);
    assert_snapshot!(world.stable(&ended.stdout), @"
    MyVPC <vpc> 10.0.0.0/16, account <account>, ap-northeast-1, ec2; as the settings have it
    ├─ Internet gateway <igw>
    ├─ ap-northeast-1a, watches ap-northeast-1c
    │  ├─ public MyVPC public segment AZ1: <subnet> 10.0.0.0/24, <rtb>
    │  ├─ private MyVPC private segment AZ1: <subnet> 10.0.128.0/24, <rtb>
    │  ├─ NAT: none
    │  └─ traffic: no route
    └─ ap-northeast-1c, watches ap-northeast-1a
       ├─ public MyVPC public segment AZ2: <subnet> 10.0.1.0/24, <rtb>
       ├─ private MyVPC private segment AZ2: <subnet> 10.0.129.0/24, <rtb>
       ├─ NAT: none
       └─ traffic: no route

    2 things are wrong:
      1. ap-northeast-1a has no NAT, and nobody carries its traffic
         next: runbook list, and runbook resume for a build that has stopped; or runbook run replace-nat.rhai --set zone=ap-northeast-1a
      2. ap-northeast-1c has no NAT, and nobody carries its traffic
         next: runbook list, and runbook resume for a build that has stopped; or runbook run replace-nat.rhai --set zone=ap-northeast-1c
    ");
    let ended = world.status(&["--set", "run=last"]).code(1);
    assert!(
        ended
            .stderr
            .contains("has recorded no network: it is failed; see: runbook show "),
        "{}",
        ended.stderr
    );
}
