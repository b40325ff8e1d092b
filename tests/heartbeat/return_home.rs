//! A route goes back to the NAT that it belongs to, late enough and not too often.

use super::world::{HEALTHY, World};

/// NAT c died, NAT a took its route, and NAT c is back.
fn back_again() -> World {
    let world = World::new();
    world.stop(&world.nat_c);
    world.decides("take");
    world.start(&world.nat_c);
    world
}

#[test]
fn given_back_after_rise_and_hold_down_and_not_before() {
    let world = back_again();
    for ups in 1..=3 {
        world.pass(1.0);
        let kept = world.decides("kept");
        assert!(
            kept.stderr.contains(&format!("up {ups} of 3 times")),
            "{}",
            kept.stderr
        );
    }
    world.pass(56.0);
    let kept = world.decides("kept");
    assert!(kept.stderr.contains("held for 1 s more"), "{}", kept.stderr);
    assert_eq!(world.replaced(), (1, 0));
    world.pass(2.0);
    let ended = world.decides("give_back");
    assert!(
        ended.stderr.contains("gave back the default route"),
        "{}",
        ended.stderr
    );
    world.assert_routes(&world.nat_a, &world.nat_c);
    assert_eq!(world.replaced(), (2, 0));
    world.decides("healthy");
    assert_eq!(world.test.runs().len(), 2);
}

#[test]
fn a_failed_check_starts_the_count_anew() {
    let world = back_again();
    world.pass(100.0);
    world.decides("kept");
    world.decides("kept");
    world.check.close();
    let kept = world.decides("kept");
    assert!(!kept.stderr.contains("round 2"), "{}", kept.stderr);
    world.check.reopen();
    world.decides("kept");
    world.decides("kept");
    assert_eq!(world.replaced(), (1, 0));
    world.decides("give_back");
}

#[test]
fn not_given_back_to_one_that_is_sick_or_does_not_run() {
    let world = back_again();
    world.pass(100.0);
    world.say("sick next=304 within=4 why=no masquerade for 10.0.0.0/16");
    for _ in 1..=4 {
        world.decides("kept");
    }
    world.say(HEALTHY);
    world.stop(&world.nat_c);
    for _ in 1..=4 {
        world.decides("kept");
    }
    assert_eq!(world.replaced(), (1, 0));
    world.assert_routes(&world.nat_a, &world.nat_a);
}

#[test]
fn after_a_change_counting_decides_nothing_for_a_while_but_aws_does() {
    let world = back_again();
    world.pass(100.0);
    world.decides("kept");
    world.decides("kept");
    world.decides("give_back");
    world.check.close();
    world.pass(1.0);
    let held = world.decides("hold_down");
    assert!(
        held.stderr.contains("held for 59 s more"),
        "{}",
        held.stderr
    );
    assert_eq!(world.replaced(), (2, 0));
    world.stop(&world.nat_c);
    world.decides("take");
    assert_eq!(world.replaced(), (3, 0));
}

#[test]
fn a_reboot_starts_the_hold_down_anew_and_forgets_no_change() {
    let world = back_again();
    let boot = [
        ("RUNBOOK_HOST_BOOT_ID", "another"),
        ("RUNBOOK_HOST_UPTIME", "20.0"),
    ];
    for _ in 1..=4 {
        let ended = world.tick_with(&boot).code(0);
        assert_eq!(ended.json()["decision"], "kept", "{}", ended.stderr);
        assert!(
            ended.stderr.contains("held for 40 s more"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn one_that_cannot_serve_what_it_holds_gives_it_back_at_once() {
    let world = back_again();
    let ended = world
        .tick_with(&[("RUNBOOK_HOST_IP_FORWARD", "false")])
        .code(0);
    assert_eq!(ended.json()["decision"], "give_back", "{}", ended.stderr);
    world.assert_routes(&world.nat_a, &world.nat_c);
}

#[test]
fn the_own_route_is_reclaimed_from_one_that_aws_calls_gone() {
    let world = World::new();
    world.route(
        &world.private_a,
        "0.0.0.0/0",
        &format!("InstanceId={}", world.nat_c),
    );
    let ended = world.decides("healthy");
    assert!(
        ended.stderr.contains("MyVPC private segment AZ1"),
        "{}",
        ended.stderr
    );
    assert_eq!(world.replaced(), (0, 0));
    world.stop(&world.nat_c);
    world.decides("take");
    world.assert_routes(&world.nat_a, &world.nat_a);
    assert_eq!(world.replaced(), (2, 0));
}

#[test]
fn the_own_route_is_reclaimed_from_one_that_is_judged_dead() {
    let world = World::new();
    world.route(
        &world.private_a,
        "0.0.0.0/0",
        &format!("InstanceId={}", world.nat_c),
    );
    world.route(
        &world.private_c,
        "0.0.0.0/0",
        &format!("InstanceId={}", world.nat_a),
    );
    world.check.close();
    let ended = world.decides("reclaim");
    assert!(
        ended
            .stderr
            .contains("reclaimed the default route of MyVPC private segment AZ1"),
        "{}",
        ended.stderr
    );
    world.assert_routes(&world.nat_a, &world.nat_a);
    assert_eq!(world.replaced(), (1, 0));
}
