//! A NAT is replaced while both heartbeats run: its zone's traffic moves once, and nobody quarrels about it.

use std::time::Duration;

use super::living::{Living, succeeded};
use super::scene::{LIMIT, NAT2, NAT3, TAKEN};
use crate::harness::{Ended, tell};

const RUNBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/replace-nat.rhai");
const ARGUMENTS: [&str; 4] = ["--set", "zone=ap-northeast-1a", "--set", "ask=false"];

/// Returns the changes of the zone's default route, in their order.
fn defaults(living: &Living) -> Vec<String> {
    let changes = living.scene.lab.changes().into_iter();
    changes
        .filter(|change| change.contains("0.0.0.0/0"))
        .collect()
}

/// Whoever did it, the zone's traffic went to the new NAT, and nobody took anything meanwhile.
#[track_caller]
fn assert_moved_to_nat3(changes: &[String]) {
    let is_move = |change: &String| change.ends_with(": private segment AZ1, 0.0.0.0/0 to nat3");
    assert!(!changes.is_empty(), "the default route was not moved");
    assert!(changes.iter().all(is_move), "{changes:?}");
}

/// The zone's client lost nothing since then and changed its way once; the other zone's did not notice.
#[track_caller]
fn assert_seamless(living: &Living, since: Duration, what: &str, ended: &Ended) {
    let client = &living.scene.one;
    let (lost, moves) = (client.lost(since), client.moves(since));
    tell(&format!(
        "{what} replaced: {lost} of {} pings lost, {moves} moves of the way",
        client.since(since).len()
    ));
    assert_eq!((lost, moves), (0, 1), "{}", ended.stderr);
    living.scene.assert_untouched(&living.scene.two);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_killed_nat_is_replaced_while_both_heartbeats_run() {
    let mut living = Living::start();
    living.scene.die("nat1");
    living.scene.one.until_via(NAT2, LIMIT);
    let taken = living.scene.one.now();
    let replacing = living.operate(RUNBOOK, &ARGUMENTS);
    let (_nat3, _resident) = living.boot("nat3");
    let ended = succeeded(replacing);
    living.scene.one.until_via(NAT3, LIMIT);
    living.scene.rounds("nat2", 4);
    assert_seamless(&living, taken, "a killed NAT", &ended);
    let changes = defaults(&living);
    assert_eq!(changes[0], TAKEN);
    assert_moved_to_nat3(&changes[1..]);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_healthy_nat_is_replaced_by_force_while_both_heartbeats_run() {
    let living = Living::start();
    let began = living.scene.one.now();
    let replacing = living.operate(
        RUNBOOK,
        &[&ARGUMENTS[..], &["--set", "force=true"]].concat(),
    );
    let (_nat3, _resident) = living.boot("nat3");
    let ended = succeeded(replacing);
    living.scene.one.until_via(NAT3, LIMIT);
    living.scene.rounds("nat2", 4);
    assert_seamless(&living, began, "a healthy NAT", &ended);
    assert_moved_to_nat3(&defaults(&living));
}

/// Nobody has taken the dead one's route: the zone has been without a way until the new one is there.
#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_nat_that_nobody_stands_in_for_is_replaced() {
    let mut living = Living::start();
    living.scene.stop("nat2");
    living.scene.die("nat1");
    living.scene.lab.check_source("nat1", true);
    let dead = living.scene.one.now();
    let replacing = living.operate(RUNBOOK, &ARGUMENTS);
    let (_nat3, _resident) = living.boot("nat3");
    succeeded(replacing);
    let back = living.scene.one.until_via(NAT3, LIMIT);
    tell(&format!(
        "a NAT without a stand-in replaced: {} ms without a way",
        back.saturating_sub(dead).as_millis()
    ));
    assert_moved_to_nat3(&defaults(&living));
    assert_eq!(living.scene.two.lost(Duration::ZERO), 0);
}

/// Cut off as soon as the default route is moved, with the check route where it was; the heartbeats go on meanwhile.
#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn cut_off_in_the_middle_it_is_resumed_while_both_heartbeats_run() {
    let mut living = Living::start();
    living.scene.die("nat1");
    living.scene.one.until_via(NAT2, LIMIT);
    let taken = living.scene.one.now();
    let mut replacing = living.operate(RUNBOOK, &ARGUMENTS);
    let (_nat3, _resident) = living.boot("nat3");
    let lab = &living.scene.lab;
    let what = || "the default route is moved to nat3".to_owned();
    lab.until_seen(what, LIMIT, |_| defaults(&living).len() > 1);
    replacing.kill().unwrap();
    replacing.wait().unwrap();
    living.scene.rounds("nat2", 4);
    succeeded(living.command(&["resume", "last"]));
    living.scene.rounds("nat2", 4);
    assert_moved_to_nat3(&defaults(&living)[1..]);
    let (lost, moves) = (living.scene.one.lost(taken), living.scene.one.moves(taken));
    assert_eq!((lost, moves), (0, 1));
    living.scene.assert_untouched(&living.scene.two);
}
