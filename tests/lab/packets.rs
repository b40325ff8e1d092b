//! The lab itself: what the account says is where the packets go, and what is broken is broken.

use std::fs;
use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::time::Duration;

use base::clock::Stopwatch;

use super::lab;
use super::world::edge::Fault;
use super::world::relay::Mood;
use super::world::{Lab, Meter};

const LIMIT: Duration = Duration::from_secs(20);
/// Longer than any answer takes here.
const SILENCE: Duration = Duration::from_millis(500);
const NAT1: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 11);
const NAT2: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 12);

fn replace(lab: &Lab, segment: usize, target: (&str, &str)) {
    let table = lab.account.tables[segment].clone();
    let input = [
        ("RouteTableId", &*table),
        ("DestinationCidrBlock", "0.0.0.0/0"),
        target,
    ];
    lab.call("ReplaceRoute", &input);
}

fn pings(lab: &Lab, from: &str, to: &str) -> bool {
    let mut command = lab.space(from).command("ping");
    command
        .args(["-c", "1", "-W", "1", to])
        .stdout(Stdio::null());
    command.status().unwrap().success()
}

/// Fails if anything comes through from now on.
#[track_caller]
fn assert_silent(meter: &Meter) {
    let from = meter.now();
    meter.until(from + SILENCE);
    let packets = meter.since(from);
    let passed = packets.iter().filter(|packet| packet.via.is_some());
    assert!(!packets.is_empty());
    assert_eq!(passed.count(), 0, "{packets:?}");
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_replaced_route_moves_the_packets() {
    let lab = lab();
    let (one, two) = (lab.meter("client1"), lab.meter("client2"));
    one.until_via(NAT1, LIMIT);
    two.until_via(NAT2, LIMIT);
    let start = one.now();
    replace(&lab, 1, ("InstanceId", &lab.account.instance("nat2")));
    one.until_via(NAT2, LIMIT);
    let target = lab.target("private segment AZ1", "0.0.0.0/0");
    assert_eq!(target.as_deref(), Some("nat2"));
    assert_eq!(one.lost(start), 0, "{:?}", one.since(start));
    assert_eq!(one.moves(Duration::ZERO), 1);
    assert!(one.outage(start) < SILENCE, "{:?}", one.since(start));
    assert_eq!(two.moves(Duration::ZERO), 0);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_call_through_the_relay_moves_the_packets_too() {
    let lab = lab();
    let meter = lab.meter("client1");
    meter.until_via(NAT1, LIMIT);
    let input = [
        ("RouteTableId", &*lab.account.tables[1]),
        ("DestinationCidrBlock", "0.0.0.0/0"),
        ("InstanceId", &lab.account.instance("nat2")),
    ];
    let (status, answer) = lab.ask_from("nat2", "ReplaceRoute", &input).unwrap();
    assert_eq!(status, 200, "{answer}");
    meter.until_via(NAT2, LIMIT);
    let seen = lab.seen();
    assert_eq!(
        (seen[0].host, &*seen[0].action, seen[0].status),
        ("nat2", "ReplaceRoute", 200)
    );
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn the_account_steers_more_than_routes() {
    let lab = lab();
    let meter = lab.meter("client1");
    meter.until_via(NAT1, LIMIT);
    let nat1 = lab.account.instance("nat1");
    lab.check_source("nat1", true);
    assert_silent(&meter);
    assert!(pings(&lab, "nat2", "10.0.0.10") && pings(&lab, "nat1", "1.1.1.1"));
    lab.check_source("nat1", false);
    meter.until_via(NAT1, LIMIT);
    lab.call("StopInstances", &[("InstanceId.1", &nat1)]);
    assert_silent(&meter);
    let target = lab.target("private segment AZ1", "0.0.0.0/0");
    assert_eq!(target.as_deref(), Some("blackhole"));
    assert!(!pings(&lab, "nat2", "10.0.0.10"));
    lab.call("StartInstances", &[("InstanceId.1", &nat1)]);
    meter.until_via(NAT1, LIMIT);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_private_address_does_not_pass_the_internet_gateway() {
    let lab = lab();
    let meter = lab.meter("client1");
    meter.until_via(NAT1, LIMIT);
    replace(&lab, 1, ("GatewayId", &lab.account.gateway));
    assert_silent(&meter);
    let target = lab.target("private segment AZ1", "0.0.0.0/0");
    assert_eq!(target.as_deref(), Some("inet"));
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn a_nat_checks_the_other_one_through_it() {
    let lab = lab();
    let seen = || ["1.1.1.1", "8.8.4.4", "10.0.1.10"].map(|to| pings(&lab, "nat1", to));
    assert_eq!(seen(), [true, true, true]);
    for (fault, expected) in [
        (Fault::Dead("nat2"), [true, false, false]),
        (Fault::Uplink("nat2"), [true, false, true]),
        (Fault::Link("nat1", "nat2"), [true, false, false]),
        (Fault::Uplink("nat1"), [false, true, true]),
        (
            Fault::Target(Ipv4Addr::new(8, 8, 4, 4)),
            [true, false, true],
        ),
    ] {
        lab.break_off(fault);
        assert_eq!(seen(), expected, "{fault:?}");
        lab.mend(fault);
    }
    assert_eq!(seen(), [true, true, true]);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn some_of_the_packets_are_lost() {
    let lab = lab();
    lab.break_off(Fault::Loss(30));
    let mut ping = lab.space("nat1").command("ping");
    let output = ping
        .args(["-c", "300", "-i", "0.002", "-W", "1", "1.1.1.1"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (before, _) = said.split_once("% packet loss").unwrap();
    let lost: f64 = before.rsplit(' ').next().unwrap().parse().unwrap();
    assert!((15.0..45.0).contains(&lost), "{lost} % of 300 lost");
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn aws_can_be_out_of_reach_or_unwell() {
    let lab = lab();
    let ask = |from| match lab.ask_from(from, "DescribeInstances", &[]) {
        Ok((status, _)) => status,
        Err(error) => panic!("{error}"),
    };
    assert_eq!(ask("nat1"), 200);
    lab.break_off(Fault::Aws("nat1"));
    let error = lab.ask_from("nat1", "DescribeInstances", &[]).unwrap_err();
    assert_eq!((error.kind(), ask("nat2")), (ErrorKind::TimedOut, 200));
    lab.mend(Fault::Aws("nat1"));
    lab.aws(Mood::Throttled);
    assert_eq!(ask("nat1"), 503);
    lab.aws(Mood::Forbidden("DescribeInstances"));
    assert_eq!(ask("nat1"), 403);
    lab.aws(Mood::Slow(SILENCE));
    let stopwatch = Stopwatch::start();
    assert_eq!(ask("nat1"), 200);
    assert!(stopwatch.elapsed() >= SILENCE);
}

#[test]
#[ignore = "needs root, iproute2, nftables and ping"]
fn nothing_is_left_of_a_lab_even_of_a_killed_ones() {
    let lab = lab();
    let prefix = lab.name().to_owned();
    let ours = |prefix: &str| {
        let names = fs::read_dir("/run/netns").unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(prefix)).count()
    };
    assert_eq!(ours(&format!("{prefix}-")), 7);
    let mut sleeper = lab
        .space("nat1")
        .command("sleep")
        .arg("1000")
        .spawn()
        .unwrap();
    drop(lab);
    assert_eq!(ours(&format!("{prefix}-")), 0);
    assert!(!sleeper.wait().unwrap().success());
    // No process has an id so large.
    let killed = "runbook-lab-4194305-0";
    let made = Command::new("ip")
        .args(["netns", "add", &format!("{killed}-vpc")])
        .status();
    assert!(made.unwrap().success());
    super::world::ground::sweep();
    assert_eq!(ours(killed), 0);
}
