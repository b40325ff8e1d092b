//! `runbook run` once a minute, as cron starts it: one death in each of twenty labs side by side.
//!
//! The labs' minutes are three seconds apart, so that their ticks do not meet. The deaths are spread evenly from the end of a
//! tick, which is the worst moment, to the next one.

use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use base::clock::{Stopwatch, pause};

use super::world::edge::Fault;
use super::world::nat::Nat;
use super::world::{Lab, Meter};
use super::{Ground, LIMIT, NAT1, NAT2, report, say};

const LABS: u32 = 20;
const MINUTE: Duration = Duration::from_mins(1);
const BOUND: Duration = Duration::from_secs(66);
/// After this many ticks of both the death comes.
const HEALTHY: u32 = 2;

const SETTINGS: [(&str, &str); 7] = [
    ("probe_interval", r#""200ms""#),
    ("probe_timeout", r#""1s""#),
    ("fall", "3"),
    ("recheck", r#""1s""#),
    // A minute, and what a tick may be late by: a dead NAT's word must be overdue within the bound.
    ("answers_within", r#""62s""#),
    ("beat", r#""30s""#),
    ("hold_down", r#""60s""#),
];

pub(crate) fn measure(ground: &Ground) {
    let labs: Vec<Lab> = (0..LABS).map(|_| ground.lab()).collect();
    let start = Stopwatch::start();
    let times: Vec<Duration> = thread::scope(|scope| {
        let one = |(number, lab)| scope.spawn(move || death(lab, start, number));
        let running: Vec<_> = (0..LABS).zip(&labs).map(one).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    report(
        "from death to traffic, cron's minute, fall 3",
        &times,
        Some(BOUND),
    );
    say(&format!(
        "each death, the earliest in its minute first: {times:.1?}"
    ));
}

fn death(lab: &Lab, start: Stopwatch, number: u32) -> Duration {
    let nats = ["nat1", "nat2"].map(|host| Nat::new(lab, host, &SETTINGS));
    let meter = lab.meter("client1");
    let first = MINUTE / LABS * number;
    for tick in 0..HEALTHY {
        until(start, first + MINUTE * tick);
        end(nats.iter().map(begin).collect());
    }
    meter.until_via(NAT1, LIMIT);
    let left = (first + MINUTE * HEALTHY).saturating_sub(start.elapsed());
    pause(left / LABS * number);
    let died = meter.now();
    lab.break_off(Fault::Dead("nat1"));
    let mut started = Vec::new();
    for minute in HEALTHY.. {
        until(start, first + MINUTE * minute);
        started.push(begin(&nats[1]));
        if let Some(sent) = seen_by(&meter, died, start, first + MINUTE * (minute + 1)) {
            end(started);
            return sent.saturating_sub(died);
        }
        assert!(meter.now() < died + LIMIT, "nobody took the route");
    }
    unreachable!("the minutes do not end")
}

fn end(ticks: Vec<Child>) {
    for mut tick in ticks {
        tick.wait().unwrap();
    }
}

/// Returns when the first packet was sent that came by the other NAT; none if none came by then.
fn seen_by(meter: &Meter, died: Duration, start: Stopwatch, end: Duration) -> Option<Duration> {
    while start.elapsed() < end {
        if let Some(sent) = meter.first_via(NAT2, died) {
            return Some(sent);
        }
        pause(Duration::from_millis(20));
    }
    None
}

fn begin(nat: &Nat) -> Child {
    let mut command = nat.tick_command(&[]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn until(start: Stopwatch, time: Duration) {
    pause(time.saturating_sub(start.elapsed()));
}
