//! What the heartbeat is worth: how long a private client is cut off when its NAT dies, and what a healthy tick costs,
//! beside the same tick of the script that did the job before.
//!
//! All in network namespaces, against the emulator; needs root, iproute2, nftables and ping. `cargo bench --bench
//! heartbeat` measures everything; `-- tick`, `-- resident`, `-- cron` and `-- loss` measure a part.

#![expect(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]

mod cron;
mod loss;
mod port;
mod resident;
mod tick;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/lab/world/mod.rs"]
mod world;

use std::io::{Write, stderr, stdout};
use std::net::Ipv4Addr;
use std::time::Duration;

use rehearse::{Emulator, Options, Provisioned};
use world::{Lab, ground};

const NAT1: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 11);
const NAT2: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 12);

/// Longer than anything here may take; a measurement that takes longer has failed.
const LIMIT: Duration = Duration::from_mins(4);

/// The emulator, and labs in it.
struct Ground {
    emulator: Emulator,
}

fn main() {
    if let Err(reason) = ground::fit() {
        say(&format!("skipped: no network of our own: {reason}"));
        return;
    }
    let provisioned = rehearse::provision(&say_to_stderr).unwrap();
    let ground = Ground::new(&provisioned);
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let asked: Vec<_> = asked.iter().filter(|word| !word.starts_with('-')).collect();
    for (name, measure) in PARTS {
        if asked.is_empty() || asked.iter().any(|word| *word == name) {
            measure(&ground);
        }
    }
}

type Part = (&'static str, fn(&Ground));

const PARTS: [Part; 4] = [
    ("tick", tick::measure),
    ("resident", resident::measure),
    ("cron", cron::measure),
    ("loss", loss::measure),
];

impl Ground {
    fn new(provisioned: &Provisioned) -> Self {
        let emulator = rehearse::start(provisioned, &Options { pace: 0.0 }).unwrap();
        Self { emulator }
    }

    /// Returns a lab in an account of its own.
    fn lab(&self) -> Lab {
        let number = uuid::Uuid::new_v4().as_u128() % 900_000_000_000 + 100_000_000_000;
        Lab::new(&self.emulator.endpoint(), &number.to_string())
    }
}

fn say(line: &str) {
    // Whoever closed the pipe does not want to know.
    let _ = writeln!(stdout(), "{line}");
}

fn say_to_stderr(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}

/// Says median and worst of times.
fn report(what: &str, times: &[Duration], bound: Option<Duration>) {
    let mut sorted = times.to_vec();
    sorted.sort();
    let (Some(worst), Some(median)) = (sorted.last(), sorted.get(sorted.len() / 2)) else {
        return;
    };
    let verdict = bound.map_or(String::new(), |bound| {
        let verdict = if *worst <= bound { "kept" } else { "BROKEN" };
        format!(", bound {} s {verdict}", bound.as_secs())
    });
    let (median, worst) = (median.as_secs_f64(), worst.as_secs_f64());
    let count = times.len();
    say(&format!(
        "{what}: median {median:.2} s, worst {worst:.2} s of {count}{verdict}"
    ));
}
