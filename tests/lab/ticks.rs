//! Single ticks, as cron starts them: side by side, killed anywhere, and what they leave.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::process::Output;

use rustix::process::Signal;
use serde_json::Value;

use super::lab;
use super::scene::{LIMIT, TAKEN};
use super::world::Lab;
use super::world::nat::Nat;
use crate::harness::entries;

#[track_caller]
fn said(output: &Output, code: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn ticks_do_not_overlap() {
    let lab = lab();
    let nat = Nat::new(&lab, "nat1", &[]);
    let mut resident = nat.every("1s");
    nat.until_published(&lab, LIMIT);
    let skipped = said(&nat.tick(&[]), 0);
    assert_eq!(skipped.lines().count(), 1, "{skipped}");
    assert!(skipped.contains(&resident.id().to_string()), "{skipped}");
    said(&nat.tick(&["--on-overlap", "fail"]), 6);
    assert!(resident.is_running());
    resident.kill();
    let healthy = said(&nat.tick(&["--on-overlap", "fail"]), 0);
    assert!(healthy.contains("healthy"), "{healthy}");
    assert!(nat.runs().is_empty());
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_resident_heartbeat_ends_when_it_is_asked_to() {
    let lab = lab();
    let nat = Nat::new(&lab, "nat1", &[]);
    let mut resident = nat.every("1s");
    nat.until_published(&lab, LIMIT);
    resident.signal(Signal::TERM);
    assert_eq!(resident.ended(), Some(0), "{}", nat.log());
    said(&nat.tick(&["--on-overlap", "fail"]), 0);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_dry_run_takes_nothing_and_leaves_nothing() {
    let lab = lab();
    let nat = Nat::new(&lab, "nat2", &[]);
    gone(&lab);
    let told = said(&nat.tick(&["--dry-run"]), 0);
    assert!(told.contains("would call ec2.replace_route"), "{told}");
    assert!(lab.changes().is_empty() && nat.runs().is_empty() && nat.news().is_empty());
    assert!(!nat.path("state/ticks").exists());
}

/// Before every entry of the run in which the route is taken, and after each intent: the call is not made then.
#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_tick_may_be_killed_anywhere() {
    let lab = lab();
    let whole = Nat::new(&lab, "nat2", &[]);
    gone(&lab);
    said(&whole.tick(&[]), 0);
    let points: Vec<String> = entries(&whole.runs()[0]).iter().flat_map(points).collect();
    assert!(points.len() > 8, "{points:?}");
    for point in &points {
        killed(&lab, point);
    }
}

fn points(entry: &Value) -> Vec<String> {
    let seq = entry["seq"].as_u64().unwrap();
    let mut points = vec![format!("before:{seq}")];
    if !entry["record"]["effect_intended"].is_null() {
        points.push(format!("after:{seq}"));
    }
    points
}

/// Kills the first tick at a point and has others follow.
#[track_caller]
fn killed(lab: &Lab, point: &str) {
    let nat = Nat::new(lab, "nat2", &[]);
    gone(lab);
    let before = lab.changes().len();
    let first = nat
        .tick_command(&[])
        .env("RUNBOOK_CRASH", point)
        .output()
        .unwrap();
    assert_eq!(first.status.signal(), Some(9), "{point}: {first:?}");
    let told = [said(&nat.tick(&[]), 0), said(&nat.tick(&[]), 0)];
    let target = lab.target("private segment AZ1", "0.0.0.0/0");
    assert_eq!(target.as_deref(), Some("nat2"), "{point}: {told:?}");
    let changes = lab.changes().split_off(before);
    // Pointing it there again changes nothing, and a lost record leaves nothing else to do.
    let taken = changes.iter().all(|change| change == TAKEN);
    assert!(taken && changes.len() <= 2, "{point}: {changes:?}");
    let ids: BTreeSet<String> = nat.news().iter().map(|news| id(news)).collect();
    assert_eq!(ids.len(), 1, "{point}: {:?}", nat.news());
}

/// The pager puts it first.
fn id(news: &str) -> String {
    news.split(' ').next().unwrap().to_owned()
}

/// Has the first NAT be gone, as AWS reports it, and its route lead to it.
fn gone(lab: &Lab) {
    let nat1 = lab.account.instance("nat1");
    lab.call("StartInstances", &[("InstanceId.1", &nat1)]);
    let input = [
        ("RouteTableId", &*lab.account.tables[1]),
        ("DestinationCidrBlock", "0.0.0.0/0"),
        ("InstanceId", &nat1),
    ];
    lab.call("ReplaceRoute", &input);
    lab.call("StopInstances", &[("InstanceId.1", &nat1)]);
}
