//! NATs that die, that AWS takes away, that come back, and that are replaced.

use std::time::Duration;

use super::scene::{BACK, LIMIT, NAT1, NAT2, NAT3, SOON, Scene, TAKEN};
use super::world::edge::Fault;
use super::world::nat::Nat;

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_killed_nat_is_stood_in_for_and_gets_its_route_back() {
    let mut scene = Scene::start(&[]);
    let died = scene.one.now();
    scene.die("nat1");
    scene.one.until_via(NAT2, LIMIT);
    assert!(scene.one.outage(died) < SOON);
    scene.assert_changes(&[TAKEN]);
    scene.revive("nat1");
    let taken = scene.one.now();
    scene.one.until_via(NAT1, LIMIT);
    assert_eq!((scene.one.lost(taken), scene.one.moves(taken)), (0, 1));
    scene.rounds("nat2", 3);
    scene.rounds("nat1", 3);
    scene.assert_changes(&[TAKEN, BACK]);
    scene.assert_untouched(&scene.two);
    assert_eq!(scene.nats[1].runs().len(), 2, "a run for each change");
    assert_eq!(scene.nats[1].news().len(), 2, "{:?}", scene.nats[1].news());
    assert!(scene.nats[0].news().is_empty() && scene.nats[0].runs().is_empty());
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn what_aws_says_is_gone_is_taken_without_counting() {
    let scene = Scene::start(&[("fall", "100")]);
    let nat1 = scene.lab.account.instance("nat1");
    let stopped = scene.one.now();
    scene.lab.call("StopInstances", &[("InstanceId.1", &nat1)]);
    scene.one.until_via(NAT2, LIMIT);
    assert!(scene.one.outage(stopped) < SOON);
    scene.lab.call("StartInstances", &[("InstanceId.1", &nat1)]);
    scene.one.until_via(NAT1, LIMIT);
    scene.assert_changes(&[TAKEN, BACK]);
    scene.assert_untouched(&scene.two);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn of_two_dead_nats_the_first_one_back_serves_both_zones() {
    let mut scene = Scene::start(&[]);
    scene.die("nat1");
    scene.die("nat2");
    let dead = scene.one.now();
    scene.one.until(dead + Duration::from_secs(2));
    assert_eq!(scene.one.first_via(NAT1, dead), None);
    scene.assert_changes(&[]);
    scene.revive("nat2");
    scene.two.until_via(NAT2, LIMIT);
    scene.one.until_via(NAT2, LIMIT);
    scene.assert_changes(&[TAKEN]);
    scene.revive("nat1");
    scene.one.until_via(NAT1, LIMIT);
    scene.rounds("nat1", 4);
    scene.assert_changes(&[TAKEN, BACK]);
    assert_eq!(scene.two.moves(Duration::ZERO), 0);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_replacement_is_found_by_its_tags() {
    let mut scene = Scene::start(&[]);
    let nat1 = scene.lab.account.instance("nat1");
    scene.die("nat1");
    scene
        .lab
        .call("TerminateInstances", &[("InstanceId.1", &nat1)]);
    scene.one.until_via(NAT2, LIMIT);
    scene.lab.launch("nat3");
    let nat3 = Nat::new(&scene.lab, "nat3", &[]);
    let _resident = nat3.every("1s");
    scene.one.until_via(NAT3, LIMIT);
    let mut changes = scene.lab.changes();
    // The routes by which the second NAT checks the first lead to the new one before anything is judged by them.
    assert_eq!(
        changes.pop().as_deref(),
        Some("nat2: private segment AZ1, 0.0.0.0/0 to nat3")
    );
    changes.sort();
    let check = |target| format!("nat2: public segment AZ2, {target}/32 to nat3");
    let expected = [TAKEN.to_owned(), check("208.67.222.222"), check("8.8.8.8")];
    assert_eq!(changes, expected);
    scene.assert_untouched(&scene.two);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_nat_that_only_answers_pings_is_stood_in_for() {
    let scene = Scene::start(&[]);
    let broken = scene.one.now();
    scene.lab.check_source("nat1", true);
    scene.one.until_via(NAT2, LIMIT);
    assert!(scene.one.outage(broken) < SOON);
    scene.assert_changes(&[TAKEN]);
    scene.lab.check_source("nat1", false);
    scene.one.until_via(NAT1, LIMIT);
    scene.assert_changes(&[TAKEN, BACK]);
    scene.assert_untouched(&scene.two);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_nat_that_forwards_no_more_is_stood_in_for() {
    let scene = Scene::start(&[]);
    scene.lab.space("nat1").set("ip_forward", 0).unwrap();
    scene.one.until_via(NAT2, LIMIT);
    scene.assert_changes(&[TAKEN]);
    scene.lab.space("nat1").set("ip_forward", 1).unwrap();
    scene.one.until_via(NAT1, LIMIT);
    scene.assert_changes(&[TAKEN, BACK]);
    scene.assert_untouched(&scene.two);
}

/// Everything that it tests of itself is as it should be, and nothing comes through.
#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_nat_that_drops_what_it_should_forward_is_stood_in_for() {
    let scene = Scene::start(&[]);
    let drop = "table ip lab_drop { chain forward { type filter hook forward priority 0; policy drop; }; }\n";
    scene.lab.space("nat1").nft(drop);
    scene.one.until_via(NAT2, LIMIT);
    scene.assert_changes(&[TAKEN]);
    scene.until_said("nat2", "though the NAT itself answers");
    scene.lab.space("nat1").nft("delete table ip lab_drop\n");
    scene.one.until_via(NAT1, LIMIT);
    scene.assert_changes(&[TAKEN, BACK]);
    scene.assert_untouched(&scene.two);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn who_cannot_serve_takes_nothing() {
    let mut scene = Scene::start(&[]);
    scene.lab.space("nat2").nft("flush ruleset\n");
    scene.die("nat1");
    let dead = scene.one.now();
    scene.rounds("nat2", 12);
    scene.assert_changes(&[]);
    assert_eq!(scene.one.first_via(NAT2, dead), None);
    scene.lab.masquerade("nat2");
    scene.one.until_via(NAT2, LIMIT);
    scene.assert_changes(&[TAKEN]);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn of_two_sick_nats_none_takes_anything() {
    let scene = Scene::start(&[]);
    for host in ["nat1", "nat2"] {
        scene.lab.check_source(host, true);
    }
    for host in ["nat1", "nat2"] {
        scene.rounds(host, 12);
    }
    scene.assert_changes(&[]);
    for host in ["nat1", "nat2"] {
        scene.lab.check_source(host, false);
    }
    scene.one.until_via(NAT1, LIMIT);
    scene.two.until_via(NAT2, LIMIT);
    for host in ["nat1", "nat2"] {
        scene.rounds(host, 4);
    }
    scene.assert_changes(&[]);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_nat_that_died_in_a_partition_is_stood_in_for() {
    let mut scene = Scene::start(&[]);
    scene.lab.break_off(Fault::Link("nat1", "nat2"));
    scene.rounds("nat2", 8);
    scene.assert_changes(&[]);
    scene.die("nat1");
    scene.one.until_via(NAT2, LIMIT);
    scene.assert_changes(&[TAKEN]);
}

/// One pager is out of order, and then it is not; the other one is told at once, and nobody waits for either.
#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn news_that_cannot_be_told_wait_and_hold_up_nothing() {
    let mut scene = Scene::start(&[]);
    let [well, late] = ["pager", "late"].map(|name| scene.nats[1].path(name).display().to_string());
    let broken = format!(r#"["sh", "-c", "test -e {late}.works && exec {well} late"]"#);
    let notify = format!("[{{ command = {broken} }}, {{ command = [{well:?}] }}]");
    scene.stop("nat2");
    scene.nats[1].site(&[("notify", &notify)]);
    scene.revive("nat2");
    scene.die("nat1");
    scene.one.until_via(NAT2, LIMIT);
    scene.rounds("nat2", 3);
    let told = scene.nats[1].news();
    assert_eq!(told.len(), 1, "{told:?}");
    std::fs::write(format!("{late}.works"), "").unwrap();
    scene.until_nat("nat2", "the late pager is told", |nat| {
        nat.news().len() == 2
    });
    assert_eq!(scene.nats[1].news(), [told[0].clone(), told[0].clone()]);
    scene.assert_changes(&[TAKEN]);
}
