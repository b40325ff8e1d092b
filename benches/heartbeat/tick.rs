//! One healthy tick: what it costs, beside the script that did the job before, against the same emulator.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use base::clock::pause;
use serde_json::Value;

use super::port::Port;
use super::world::Lab;
use super::world::nat::Nat;
use super::{Ground, LIMIT, say};

const TICKS: usize = 20;
const USAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/heartbeat/usage.py");
/// For so long a resident heartbeat is watched.
const WATCHED: Duration = Duration::from_mins(1);

const SETTINGS: [(&str, &str); 3] = [
    ("probe_interval", r#""200ms""#),
    ("probe_timeout", r#""1s""#),
    ("recheck", r#""1s""#),
];

/// What one tick used up, on average.
#[derive(Clone, Copy, Default)]
struct Cost {
    cpu_ms: f64,
    peak_mib: f64,
    calls: f64,
    /// What its files made the kernel write; sockets, pipes and files in memory do not count.
    stored: f64,
}

pub(crate) fn measure(ground: &Ground) {
    let lab = ground.lab();
    say("one healthy tick          CPU ms  peak MiB  API calls  bytes to disk");
    let port = Port::new(&lab);
    let before = average(&lab, || port.command());
    row("check.sh (ping, AWS CLI)", before);
    let nat = publishing(&lab);
    let cron = average(&lab, || nat.tick_command(&[]));
    row("runbook run", cron);
    let every = resident(&lab, &nat);
    row("runbook every 2s", every);
    say(&format!(
        "({TICKS} ticks each; the resident one over {} s)",
        WATCHED.as_secs()
    ));
    for (name, now) in [("run", cron), ("every", every)] {
        let (cpu, memory) = (before.cpu_ms / now.cpu_ms, before.peak_mib / now.peak_mib);
        say(&format!(
            "check.sh over `runbook {name}`: {cpu:.1} times the CPU, {memory:.1} times the memory"
        ));
    }
}

/// Returns the first NAT after both have published their words: what is measured from then on changes nothing.
fn publishing(lab: &Lab) -> Nat {
    let [nat, other] = ["nat1", "nat2"].map(|host| Nat::new(lab, host, &SETTINGS));
    for nat in [&nat, &other] {
        let output = nat.tick(&[]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    nat
}

fn row(name: &str, cost: Cost) {
    let Cost {
        cpu_ms,
        peak_mib,
        calls,
        stored,
    } = cost;
    say(&format!(
        "{name:<24} {cpu_ms:>7.1} {peak_mib:>9.1} {calls:>10.1} {stored:>14.0}"
    ));
}

/// Runs it some times; what its way into the namespace costs is left out.
fn average(lab: &Lab, command: impl Fn() -> Command) -> Cost {
    let mut sum = Cost::default();
    let calls = lab.seen().len();
    for _ in 0..TICKS {
        let told = used(&command());
        let number = |name: &str| told[name].as_f64().unwrap();
        sum.cpu_ms += number("cpu_ms");
        sum.peak_mib = sum.peak_mib.max(number("peak_kib") / 1024.0);
        sum.stored += number("stored");
    }
    let calls = lab.seen().len() - calls;
    per_tick(sum, calls, TICKS)
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn per_tick(sum: Cost, calls: usize, ticks: usize) -> Cost {
    let ticks = ticks as f64;
    Cost {
        cpu_ms: sum.cpu_ms / ticks,
        peak_mib: sum.peak_mib,
        calls: calls as f64 / ticks,
        stored: sum.stored / ticks,
    }
}

/// Runs `ip netns exec <space> usage.py <program> <arguments>`.
fn used(command: &Command) -> Value {
    let mut measured = Command::new(command.get_program());
    let entry = 3;
    measured.args(command.get_args().take(entry));
    measured.args(["python3", USAGE]);
    measured.args(command.get_args().skip(entry));
    measured.env_clear();
    measured.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    if let Some(folder) = command.get_current_dir() {
        measured.current_dir(folder);
    }
    let output = measured.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let said_also = String::from_utf8_lossy(&output.stderr);
    let told: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}{said_also}"));
    assert_eq!(told["code"], 0, "{said_also}");
    told
}

/// Watches the resident form; a tick makes two calls, and so ticks are counted.
fn resident(lab: &Lab, nat: &Nat) -> Cost {
    // What it says is no write of a tick.
    symlink("/dev/null", nat.path("log")).unwrap();
    let resident = nat.every("2s");
    let before = lab.seen().len();
    lab.until_seen(
        || "two ticks".into(),
        LIMIT,
        |seen| seen.len() >= before + 4,
    );
    let read = || (stat(resident.id()), io(resident.id()), lab.seen().len());
    let (cpu, stored, calls) = read();
    pause(WATCHED);
    let (cpu_after, stored_after, calls_after) = read();
    let ticks = usize::try_from(WATCHED.as_secs() / 2).unwrap();
    let sum = Cost {
        cpu_ms: cpu_after - cpu,
        peak_mib: peak(resident.id()),
        calls: 0.0,
        stored: stored_after - stored,
    };
    per_tick(sum, calls_after - calls, ticks)
}

/// Returns milliseconds of CPU, in the kernel's hundredths of a second.
fn stat(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, after_name) = stat.rsplit_once(") ").unwrap();
    let fields: Vec<&str> = after_name.split(' ').collect();
    let hundredths: f64 = fields[11..=14]
        .iter()
        .map(|field| field.parse::<f64>().unwrap())
        .sum();
    hundredths * 10.0
}

fn io(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/io")).unwrap();
    number(&text, "write_bytes:")
}

fn peak(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    number(&text, "VmHWM:") / 1024.0
}

fn number(text: &str, name: &str) -> f64 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
