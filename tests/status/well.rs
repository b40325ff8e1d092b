//! A network that is as it should be.

use insta::assert_snapshot;

use super::world::{OPSWORKS, World};

#[test]
fn it_is_told_as_a_tree_and_leaves_no_run() {
    let world = World::built();
    let ended = world.status(&[]).code(0);
    assert_eq!(ended.stderr, "");
    assert_snapshot!(world.stable(&ended.stdout), @"
    MyVPC <vpc> 10.0.0.0/16, account <account>, ap-northeast-1, ec2; as the settings have it
    ├─ Internet gateway <igw>
    ├─ ap-northeast-1a, watches ap-northeast-1c
    │  ├─ public MyVPC public segment AZ1: <subnet> 10.0.0.0/24, <rtb>
    │  ├─ private MyVPC private segment AZ1: <subnet> 10.0.128.0/24, <rtb>
    │  ├─ NAT: <i> t4g.nano, running, <public>, heartbeat healthy, <duration> ago
    │  └─ traffic: through its own NAT <i> since <time> (build)
    └─ ap-northeast-1c, watches ap-northeast-1a
       ├─ public MyVPC public segment AZ2: <subnet> 10.0.1.0/24, <rtb>
       ├─ private MyVPC private segment AZ2: <subnet> 10.0.129.0/24, <rtb>
       ├─ NAT: <i> t4g.nano, running, <public>, heartbeat healthy, <duration> ago
       └─ traffic: through its own NAT <i> since <time> (build)

    nothing is wrong
    ");
    world.assert_no_run(1);
}

#[test]
fn programs_get_the_same_as_data() {
    let world = World::built();
    let data = world.data(&[]);
    assert_eq!(data["wrong"].as_array().unwrap().len(), 0);
    let zone = &data["zones"][1];
    assert_eq!(zone["name"], "ap-northeast-1c");
    assert_eq!(zone["traffic"]["through"], "own");
    assert_eq!(zone["traffic"]["target"], zone["nats"][0]["ec2_id"]);
    assert_eq!(zone["nats"][0]["state"], "running");
    assert_eq!(zone["segments"][1]["name"], "MyVPC private segment AZ2");
}

#[test]
fn so_is_one_of_an_opsworks_stack() {
    let world = World::built_on(OPSWORKS);
    let ended = world.status(&[]).code(0);
    assert_snapshot!(world.stable(&ended.stdout), @"
    MyVPC <vpc> 10.0.0.0/16, account <account>, ap-northeast-1, opsworks; as the settings have it
    ├─ Internet gateway <igw>
    ├─ ap-northeast-1a, watches ap-northeast-1c
    │  ├─ public MyVPC public segment AZ1: <subnet> 10.0.0.0/24, <rtb>
    │  ├─ private MyVPC private segment AZ1: <subnet> 10.0.128.0/24, <rtb>
    │  ├─ NAT: <i> t3.micro, running, <public>, no heartbeat
    │  └─ traffic: through its own NAT <i> since <time> (build)
    └─ ap-northeast-1c, watches ap-northeast-1a
       ├─ public MyVPC public segment AZ2: <subnet> 10.0.1.0/24, <rtb>
       ├─ private MyVPC private segment AZ2: <subnet> 10.0.129.0/24, <rtb>
       ├─ NAT: <i> t3.micro, running, <public>, no heartbeat
       └─ traffic: through its own NAT <i> since <time> (build)

    nothing is wrong
    ");
    world.status(&["--set", "run=last"]).code(0);
}

/// Two who look at the same time must both see.
#[test]
fn reports_do_not_wait_for_each_other() {
    let world = World::built();
    let reports = [(); 3].map(|()| world.spawn());
    for report in reports {
        let ended = crate::harness::Ended::from(report.wait_with_output().unwrap());
        let ended = ended.code(0);
        assert!(
            ended.stdout.contains("nothing is wrong"),
            "{}",
            ended.stderr
        );
    }
}
