//! Two NATs with their heartbeats, two private clients with their traffic, and what became of all of them.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::lab;
use super::world::edge::Fault;
use super::world::nat::{Nat, Resident};
use super::world::{Lab, Meter};

/// A generous deadline: it is only met where something is broken.
pub(super) const LIMIT: Duration = Duration::from_mins(1);
/// A busy machine has two cores and several labs.
pub(super) const SOON: Duration = Duration::from_secs(20);

pub(super) const NAT1: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 11);
pub(super) const NAT2: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 12);
pub(super) const NAT3: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 13);

pub(super) const TAKEN: &str = "nat2: private segment AZ1, 0.0.0.0/0 to nat2";
pub(super) const BACK: &str = "nat2: private segment AZ1, 0.0.0.0/0 to nat1";

/// Everything is killed and removed when it is dropped, the lab last.
pub(super) struct Scene {
    residents: [Option<Resident>; 2],
    pub(super) nats: [Nat; 2],
    /// The traffic of the private clients in both zones.
    pub(super) one: Meter,
    pub(super) two: Meter,
    pub(super) lab: Lab,
}

impl Scene {
    /// Returns the scene with both heartbeats healthy.
    pub(super) fn start(settings: &[(&str, &str)]) -> Self {
        Self::with(lab(), |lab, host| Nat::new(lab, host, settings))
    }

    pub(super) fn with(lab: Lab, nat: impl Fn(&Lab, &'static str) -> Nat) -> Self {
        let nats = ["nat1", "nat2"].map(|host| nat(&lab, host));
        let scene = Self {
            residents: nats.each_ref().map(|nat| Some(nat.every("1s"))),
            nats,
            one: lab.meter("client1"),
            two: lab.meter("client2"),
            lab,
        };
        scene.one.until_via(NAT1, LIMIT);
        scene.two.until_via(NAT2, LIMIT);
        for nat in &scene.nats {
            nat.until_published(&scene.lab, LIMIT);
            scene.rounds(nat.host(), 2);
        }
        scene
    }

    /// Waits until a host's heartbeat has looked at the tables so many times more.
    #[track_caller]
    pub(super) fn rounds(&self, host: &str, more: usize) {
        let looks = |seen: &[super::world::relay::Seen]| {
            let own = seen.iter().filter(|seen| seen.host == host);
            own.filter(|seen| seen.action == "DescribeRouteTables")
                .count()
        };
        let before = looks(&self.lab.seen());
        let what = || format!("{host} looks {more} times more; {}", self.told());
        self.lab
            .until_seen(what, LIMIT, |seen| looks(seen) >= before + more);
    }

    /// Has a host die with its heartbeat; AWS does not know.
    pub(super) fn die(&mut self, host: &'static str) {
        self.lab.break_off(Fault::Dead(host));
        self.residents[index(host)] = None;
    }

    /// Ends a heartbeat; its host works on.
    pub(super) fn stop(&mut self, host: &str) {
        self.residents[index(host)] = None;
    }

    /// Has it start again.
    pub(super) fn revive(&mut self, host: &'static str) {
        self.lab.mend(Fault::Dead(host));
        self.residents[index(host)] = Some(self.nats[index(host)].every("1s"));
    }

    /// Waits until a heartbeat has said something.
    #[track_caller]
    pub(super) fn until_said(&self, host: &str, text: &str) {
        self.until_nat(host, text, |nat| nat.log().contains(text));
    }

    /// Waits until something holds of a host.
    #[track_caller]
    pub(super) fn until_nat(&self, host: &str, what: &str, holds: impl Fn(&Nat) -> bool) {
        let nat = &self.nats[index(host)];
        let told = || format!("{host}: {what}; {}", self.told());
        self.lab.until_seen(told, LIMIT, |_| holds(nat));
    }

    /// Fails unless the hosts have changed these routes, and no others.
    #[track_caller]
    pub(super) fn assert_changes(&self, expected: &[&str]) {
        assert_eq!(self.lab.changes(), expected, "{}", self.told());
    }

    /// Fails unless the heartbeats stand as they began: running, and nothing of theirs changed.
    #[track_caller]
    pub(super) fn assert_unmoved(&mut self) {
        self.assert_changes(&[]);
        for (resident, nat) in self.residents.iter_mut().zip(&self.nats) {
            let running = resident.as_mut().is_none_or(Resident::is_running);
            assert!(running, "{} has ended: {}", nat.host(), nat.log());
            assert_eq!(nat.news(), <[String; 0]>::default(), "{}", nat.host());
            assert!(nat.runs().is_empty(), "{:?}", nat.runs());
        }
    }

    /// Fails if a client was ever without a way, or had another one.
    #[track_caller]
    pub(super) fn assert_untouched(&self, client: &Meter) {
        let lost = client.lost(Duration::ZERO);
        assert_eq!(
            (lost, client.moves(Duration::ZERO)),
            (0, 0),
            "{}",
            self.told()
        );
    }

    fn told(&self) -> String {
        let logs = self
            .nats
            .iter()
            .map(|nat| format!("{}:\n{}", nat.host(), nat.log()));
        logs.collect::<Vec<_>>().join("\n")
    }
}

fn index(host: &str) -> usize {
    usize::from(host != "nat1")
}
