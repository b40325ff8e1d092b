//! AWS out of reach, throttled, slow, or refusing: nothing is changed on a guess, and nothing is given up.

use std::time::Duration;

use super::scene::{BACK, LIMIT, NAT1, NAT2, SOON, Scene, TAKEN};
use super::world::edge::Fault;
use super::world::relay::Mood;

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn out_of_reach_of_aws_healthy_nats_stay_as_they_are() {
    healthy_while(|scene, broken| {
        for host in ["nat1", "nat2"] {
            scene.lab.set(Fault::Aws(host), broken);
        }
    });
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn throttled_healthy_nats_stay_as_they_are() {
    healthy_while(|scene, broken| {
        let mood = if broken { Mood::Throttled } else { Mood::Well };
        scene.lab.aws(mood);
    });
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn with_a_slow_aws_healthy_nats_stay_as_they_are() {
    healthy_while(|scene, broken| {
        let slow = Mood::Slow(Duration::from_secs(1));
        scene.lab.aws(if broken { slow } else { Mood::Well });
    });
}

/// Has something be broken for a while.
#[track_caller]
fn healthy_while(set: impl Fn(&Scene, bool)) {
    let mut scene = Scene::start(&[("answers_within", r#""20s""#)]);
    set(&scene, true);
    let start = scene.one.now();
    scene.one.until(start + Duration::from_secs(6));
    set(&scene, false);
    for host in ["nat1", "nat2"] {
        scene.rounds(host, 3);
    }
    scene.assert_unmoved();
    scene.assert_untouched(&scene.one);
    scene.assert_untouched(&scene.two);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_death_without_aws_is_answered_once_aws_is_back() {
    let mut scene = Scene::start(&[]);
    scene.lab.break_off(Fault::Aws("nat2"));
    scene.die("nat1");
    let died = scene.one.now();
    scene.one.until(died + Duration::from_secs(6));
    scene.assert_changes(&[]);
    scene.lab.mend(Fault::Aws("nat2"));
    scene.one.until_via(NAT2, LIMIT);
    scene.assert_changes(&[TAKEN]);
    scene.assert_untouched(&scene.two);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_death_while_aws_throttles_is_answered_once_it_does_not() {
    let mut scene = Scene::start(&[]);
    scene.lab.aws(Mood::Throttled);
    scene.die("nat1");
    let died = scene.one.now();
    scene.one.until(died + Duration::from_secs(6));
    scene.assert_changes(&[]);
    scene.lab.aws(Mood::Well);
    scene.one.until_via(NAT2, LIMIT);
    scene.assert_changes(&[TAKEN]);
    scene.assert_untouched(&scene.two);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_slow_aws_makes_the_take_over_slower_and_nothing_else() {
    let mut scene = Scene::start(&[("answers_within", r#""8s""#)]);
    scene.lab.aws(Mood::Slow(Duration::from_millis(700)));
    let died = scene.one.now();
    scene.die("nat1");
    scene.one.until_via(NAT2, LIMIT);
    assert!(scene.one.outage(died) < SOON * 2);
    scene.assert_changes(&[TAKEN]);
    scene.revive("nat1");
    scene.one.until_via(NAT1, LIMIT);
    scene.assert_changes(&[TAKEN, BACK]);
    scene.assert_untouched(&scene.two);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_right_that_is_missing_is_named() {
    let mut scene = Scene::start(&[]);
    scene.lab.aws(Mood::Forbidden("ReplaceRoute"));
    scene.die("nat1");
    // The advice is the last line of a tick that failed.
    scene.until_said("nat2", "ec2:ReplaceRoute");
    scene.assert_changes(&[]);
    assert!(
        scene.nats[1].log().contains("UnauthorizedOperation"),
        "{}",
        scene.nats[1].log()
    );
}
