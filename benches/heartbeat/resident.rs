//! `runbook every 2s` with `fall = 3`, `recheck = "1s"`: four deaths in each of five labs side by side.
//!
//! The NAT dies at a random moment, its heartbeat with it, and AWS does not know. The time runs from there to the first packet of
//! the private client that comes through again. Then the NAT comes back, and the packets lost while the route is given back
//! are counted. The hold-down is short, which has no part in a first take-over.

use std::thread;
use std::time::Duration;

use base::clock::pause;

use super::world::edge::Fault;
use super::world::nat::{Nat, Resident};
use super::world::{Lab, Meter};
use super::{Ground, LIMIT, NAT1, NAT2, report, say};

const LABS: usize = 5;
const DEATHS: usize = 4;
const BOUND: Duration = Duration::from_secs(8);

const SETTINGS: [(&str, &str); 7] = [
    ("probe_interval", r#""200ms""#),
    ("probe_timeout", r#""1s""#),
    ("fall", "3"),
    ("rise", "5"),
    ("recheck", r#""1s""#),
    ("answers_within", r#""3s""#),
    ("hold_down", r#""5s""#),
];

/// What one death did.
struct Told {
    cut_off: Duration,
    lost_at_give_back: usize,
}

pub(crate) fn measure(ground: &Ground) {
    let labs: Vec<Lab> = (0..LABS).map(|_| ground.lab()).collect();
    let told: Vec<Told> = thread::scope(|scope| {
        let running: Vec<_> = labs.iter().map(|lab| scope.spawn(|| deaths(lab))).collect();
        let told = running.into_iter().map(|one| one.join().unwrap());
        told.flatten().collect()
    });
    let times: Vec<Duration> = told.iter().map(|told| told.cut_off).collect();
    report(
        "from death to traffic, every 2s, fall 3",
        &times,
        Some(BOUND),
    );
    let lost: Vec<usize> = told.iter().map(|told| told.lost_at_give_back).collect();
    let worst = lost.iter().max().copied().unwrap_or_default();
    let sum: usize = lost.iter().sum();
    say(&format!(
        "packets lost at give-back, of 10 a second: {sum} in all, worst {worst} of {}",
        lost.len()
    ));
    say(&format!("each death: {times:.2?}"));
}

fn deaths(lab: &Lab) -> Vec<Told> {
    let (first, second) = (
        Nat::new(lab, "nat1", &SETTINGS),
        Nat::new(lab, "nat2", &SETTINGS),
    );
    let _resident = second.every("2s");
    let mut resident = first.every("2s");
    let meter = lab.meter("client1");
    meter.until_via(NAT1, LIMIT);
    for nat in [&first, &second] {
        nat.until_published(lab, LIMIT);
    }
    let mut told = Vec::new();
    for _ in 0..DEATHS {
        pause(some_of(Duration::from_secs(4)));
        told.push(death(lab, &meter, &first, &mut resident));
    }
    told
}

fn death(lab: &Lab, meter: &Meter, nat: &Nat, resident: &mut Resident) -> Told {
    let died = meter.now();
    lab.break_off(Fault::Dead("nat1"));
    resident.kill();
    let cut_off = meter.until_via(NAT2, LIMIT).saturating_sub(died);
    lab.mend(Fault::Dead("nat1"));
    *resident = nat.every("2s");
    let taken = meter.now();
    meter.until_via(NAT1, LIMIT);
    let lost_at_give_back = meter.lost(taken);
    // The ask of the next death must not find the words of this one.
    pause(Duration::from_secs(6));
    Told {
        cut_off,
        lost_at_give_back,
    }
}

/// Returns a random part of a time.
fn some_of(whole: Duration) -> Duration {
    let percent = uuid::Uuid::new_v4().as_u128() % 100;
    whole * u32::try_from(percent).unwrap_or(0) / 100
}
