//! What is measured is what is judged: the check routes lead through the watched NAT.

use super::world::World;

const TO: &str = "127.0.0.2/32";

#[test]
fn a_check_route_that_leads_elsewhere_is_repaired() {
    let world = World::new();
    world.route(&world.public_a, TO, &format!("InstanceId={}", world.nat_a));
    let ended = world.decides("repair");
    assert!(
        ended
            .stderr
            .contains("repaired the check route 127.0.0.2/32"),
        "{}",
        ended.stderr
    );
    assert_eq!(world.target(&world.public_a, TO), world.nat_c);
    world.assert_routes(&world.nat_a, &world.nat_c);
    world.decides("healthy");
    assert_eq!(world.replaced(), (1, 0));
}

#[test]
fn a_check_route_is_left_where_the_settings_say_so_and_then_nothing_is_counted() {
    let world = World::new();
    world.site("repair_check_route = false", "");
    world.route(&world.public_a, TO, &format!("InstanceId={}", world.nat_a));
    world.check.close();
    let first = world.decides("unmeasured");
    let second = world.decides("unmeasured");
    for (ended, warned) in [(first, 2), (second, 1)] {
        let said = ended.stderr.matches("leads to").count();
        assert!(said >= warned, "{}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), warned, "{}", ended.stderr);
    }
    assert_eq!(world.replaced(), (0, 0));
}

#[test]
fn without_its_check_route_a_nat_is_not_judged() {
    let world = World::new();
    world.ec2(&format!(
        "DeleteRoute&RouteTableId={}&DestinationCidrBlock={TO}",
        world.public_a
    ));
    world.check.close();
    let ended = world.decides("unmeasured");
    assert!(
        ended.stderr.contains("has no route 127.0.0.2/32"),
        "{}",
        ended.stderr
    );
    world.assert_routes(&world.nat_a, &world.nat_c);
}

#[test]
fn a_replaced_nat_is_found_by_its_tags_and_gets_its_route_back() {
    let world = World::new();
    world.terminate(&world.nat_c);
    world.decides("take");
    let successor = world.launch();
    world.pass(100.0);
    world.decides("repair");
    assert_eq!(world.target(&world.public_a, TO), successor);
    world.pass(100.0);
    world.decides("kept");
    world.decides("give_back");
    world.assert_routes(&world.nat_a, &successor);
    assert_eq!(world.replaced(), (3, 0));
}
