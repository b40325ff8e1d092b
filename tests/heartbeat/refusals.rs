//! What is wrong is named, and no route is changed for it.

use super::world::World;

/// The tick fails with these words and changes nothing, though the watched NAT is gone.
#[track_caller]
fn refused(world: &World, said: &[&str]) {
    let ended = world.tick().code(1);
    for said in said {
        assert!(
            ended.stderr.contains(said),
            "no `{said}` in {}",
            ended.stderr
        );
    }
    assert_eq!(world.replaced(), (0, 0));
    assert!(world.test.runs().is_empty());
}

#[test]
fn an_instance_that_is_no_nat() {
    let world = World::new();
    world.stop(&world.nat_c);
    let ended = world
        .tick_with(&[("RUNBOOK_HOST_INSTANCE_ID", "i-0123456789abcdef0")])
        .code(1);
    let said = "this instance, i-0123456789abcdef0, is not among the NATs";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert_eq!(world.replaced(), (0, 0));
}

#[test]
fn a_host_in_a_foreign_zone() {
    let world = World::new();
    let ended = world
        .tick_with(&[("RUNBOOK_HOST_AVAILABILITY_ZONE", "ap-northeast-1d")])
        .code(1);
    assert!(
        ended
            .stderr
            .contains("this host is in ap-northeast-1d, which is not among"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_configured_nat_that_does_not_exist() {
    let world = World::new();
    world.site("", "nat_id = \"i-0123456789abcdef0\"\n");
    world.check.close();
    let said = "`zones[ap-northeast-1c].nat_id` is i-0123456789abcdef0, which AWS does not know";
    refused(&world, &[said]);
    world.assert_routes(&world.nat_a, &world.nat_c);
}

#[test]
fn a_configured_nat_is_found_by_its_id() {
    let world = World::new();
    world.site("", &format!("nat_id = \"{}\"\n", world.nat_c));
    world.decides("healthy");
    world.stop(&world.nat_c);
    world.decides("take");
    world.assert_routes(&world.nat_a, &world.nat_a);
}

#[test]
fn two_nats_that_run_in_one_zone() {
    let world = World::new();
    let second = world.launch();
    // The routes tell which of them it is, as long as they lead to one.
    world.decides("healthy");
    world.stop(&world.nat_c);
    world.stop(&second);
    world.decides("take");
    world.start(&world.nat_c);
    world.start(&second);
    world.check.close();
    world.decides("kept");
    world.ec2(&format!(
        "DeleteRoute&RouteTableId={}&DestinationCidrBlock=127.0.0.2/32",
        world.public_a
    ));
    let said = world.tick().code(1).stderr;
    for part in ["2 instances run as the NATs", &world.nat_c, &second] {
        assert!(said.contains(part), "{said}");
    }
    world.assert_routes(&world.nat_a, &world.nat_a);
}

#[test]
fn a_table_without_a_default_route() {
    let world = World::new();
    world.ec2(&format!(
        "DeleteRoute&RouteTableId={}&DestinationCidrBlock=0.0.0.0/0",
        world.private_c
    ));
    world.stop(&world.nat_c);
    for _ in 1..=2 {
        refused(
            &world,
            &[
                "MyVPC private segment AZ2",
                &world.private_c,
                "has no default route",
            ],
        );
    }
}

#[test]
fn a_table_that_is_not_there() {
    let world = World::new();
    world.site("vpc_name = \"Other\"", "");
    refused(&world, &["there is no route table `Other p"]);
}

#[test]
fn a_target_of_somebody_else_is_left_alone_and_said_once() {
    let world = World::new();
    let gateway = world.ec2("CreateInternetGateway");
    let (_, gateway) = gateway.split_once("<internetGatewayId>").unwrap();
    let gateway = gateway.split('<').next().unwrap();
    world.ec2(&format!(
        "AttachInternetGateway&InternetGatewayId={gateway}&VpcId={}",
        world.vpc
    ));
    world.route(
        &world.private_c,
        "0.0.0.0/0",
        &format!("GatewayId={gateway}"),
    );
    world.check.close();
    let first = world.decides("left");
    assert_eq!(
        first.stderr.matches("the route is not changed").count(),
        2,
        "{}",
        first.stderr
    );
    let second = world.decides("left");
    assert_eq!(
        second.stderr.matches("the route is not changed").count(),
        1,
        "{}",
        second.stderr
    );
    assert_eq!(world.target(&world.private_c, "0.0.0.0/0"), gateway);
    assert_eq!(world.replaced(), (0, 0));
}

#[test]
fn aws_out_of_reach_or_busy_changes_nothing() {
    let world = World::new();
    world.decides("healthy");
    world.stop(&world.nat_c);
    world.refuse("DescribeRouteTables", "InternalFailure", 1);
    let ended = world.tick().code(1);
    assert!(ended.stderr.contains("InternalFailure"), "{}", ended.stderr);
    world.refuse("DescribeInstances", "RequestLimitExceeded", 1);
    let ended = world.decides("take");
    world.assert_routes(&world.nat_a, &world.nat_a);
    assert!(ended.stderr.contains("took over"), "{}", ended.stderr);
}

#[test]
fn a_refused_change_is_told_once_and_confuses_nothing() {
    let world = World::new();
    world.site("notify = [{ command = [\"tee\", \"-a\", \"news\"] }]", "");
    world.decides("healthy");
    world.refuse("ReplaceRoute", "UnauthorizedOperation", 1000);
    world.stop(&world.nat_c);
    let ended = world.decides("refused");
    for said in [
        "could not take over",
        "UnauthorizedOperation",
        "allow ec2:ReplaceRoute",
    ] {
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    world.decides("sick");
    world.pass(61.0);
    world.decides("sick");
    world.assert_routes(&world.nat_a, &world.nat_c);
    let news = std::fs::read_to_string(world.test.path("news")).unwrap();
    assert_eq!(news.matches("could not take over").count(), 1, "{news}");
    world.refuse("ReplaceRoute", "UnauthorizedOperation", 0);
    world.pass(61.0);
    world.decides("take");
    world.assert_routes(&world.nat_a, &world.nat_a);
    let news = std::fs::read_to_string(world.test.path("news")).unwrap();
    assert_eq!(
        news.matches("took over the default route").count(),
        1,
        "{news}"
    );
}

#[test]
fn a_change_that_the_table_does_not_show_is_not_told_before_it_does() {
    let world = World::new();
    world.site("notify = [{ command = [\"tee\", \"-a\", \"news\"] }]", "");
    world.decides("healthy");
    world.stop(&world.nat_c);
    world.lag("ReplaceRoute", 10_000.0);
    let ended = world.decides("unconfirmed");
    assert!(
        ended.stderr.contains("the table does not show yet"),
        "{}",
        ended.stderr
    );
    assert!(!world.test.path("news").exists());
    world.lag("ReplaceRoute", 0.0);
    world.decides("kept");
    let news = std::fs::read_to_string(world.test.path("news")).unwrap();
    assert_eq!(
        news.matches("took over the default route").count(),
        1,
        "{news}"
    );
    assert_eq!(world.replaced(), (1, 0));
}
