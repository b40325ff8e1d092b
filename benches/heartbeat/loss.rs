//! An hour of `every 2s` under 30 % loss, without the pauses: 1,800 ticks of each of two NATs, that must change nothing.
//!
//! Once with the lab's own targets and pings, and once with one ping of one target, where every third check fails.

use std::thread;

use super::world::edge::Fault;
use super::world::nat::{Nat, ONE_TARGET_EACH};
use super::world::{Lab, Meter};
use super::{Ground, NAT1, NAT2, say};

/// An hour; `RUNBOOK_LAB_TICKS` makes it another number.
const TICKS: usize = 1800;
const PERCENT: u8 = 30;

const ONE_PING: [(&str, &str); 3] = [
    ("probe_count", "1"),
    ("answers_within", r#""60s""#),
    ("zones", ONE_TARGET_EACH),
];

pub(crate) fn measure(ground: &Ground) {
    let cases: [(&str, &[(&str, &str)]); 2] =
        [("three pings, two targets", &[]), ("one ping", &ONE_PING)];
    let labs = cases.map(|(name, settings)| (name, settings, ground.lab()));
    thread::scope(|scope| {
        for (name, settings, lab) in &labs {
            scope.spawn(|| hour(name, settings, lab));
        }
    });
}

fn hour(name: &str, settings: &[(&str, &str)], lab: &Lab) {
    let nats = ["nat1", "nat2"].map(|host| Nat::new(lab, host, settings));
    let meters = ["client1", "client2"].map(|client| lab.meter(client));
    // A NAT that has never said a word of itself has none to be weighed.
    for nat in &nats {
        assert!(nat.tick(&[]).status.success(), "{}", nat.log());
    }
    lab.break_off(Fault::Unrepeated(PERCENT));
    let failed: usize = thread::scope(|scope| {
        let running: Vec<_> = nats.iter().map(|nat| scope.spawn(|| ticks(nat))).collect();
        running.into_iter().map(|one| one.join().unwrap()).sum()
    });
    let changes = lab.changes().len();
    let strayed: usize = meters.iter().zip([NAT1, NAT2]).map(strayed).sum();
    let number = number();
    say(&format!(
        "{PERCENT} % loss, {number} ticks of each NAT, {name}: {changes} routes changed, {strayed} packets went another way, {failed} ticks failed"
    ));
}

fn number() -> usize {
    let given = std::env::var("RUNBOOK_LAB_TICKS").ok();
    given.map_or(TICKS, |number| number.parse().unwrap())
}

fn ticks(nat: &Nat) -> usize {
    (0..number())
        .filter(|_| !nat.tick(&[]).status.success())
        .count()
}

/// Counts the packets of a client that came by another address than its own NAT's.
fn strayed((meter, own): (&Meter, std::net::Ipv4Addr)) -> usize {
    let packets = meter.packets();
    let ways = packets.iter().filter_map(|packet| packet.via);
    ways.filter(|via| *via != own).count()
}
