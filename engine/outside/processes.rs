//! Ends processes with all that they have started.
//!
//! The system tells a child by its parent, whatever group or session it has made its own. One whose parent has ended
//! before is nobody's child any more, and is not found.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, kill_process};

use base::clock;

/// Between two looks whether the killed have ended.
const PAUSE: Duration = Duration::from_millis(10);
/// So often is looked: who does not end by then waits for a disk.
const LOOKS: u32 = 100;

/// Ends all that this process has started, and returns once they have ended.
pub fn end_all() {
    let ended = end_below(getpid());
    let alive = || ended.iter().any(|pid| is_alive(*pid));
    for _ in 0..LOOKS {
        if !alive() {
            return;
        }
        clock::pause(PAUSE);
    }
}

/// Kills all that the process has started, and returns which that was.
pub(super) fn end_below(root: Pid) -> Vec<Pid> {
    let mut found: Vec<Pid> = Vec::new();
    loop {
        let all = below(root);
        let fresh: Vec<Pid> = all.into_iter().filter(|pid| !found.contains(pid)).collect();
        if fresh.is_empty() {
            break;
        }
        // What is stopped starts nothing more while the rest is looked for.
        for pid in &fresh {
            signal(*pid, Signal::STOP);
        }
        found.extend(fresh);
    }
    for pid in &found {
        signal(*pid, Signal::KILL);
    }
    found
}

/// Who is gone need not be told.
fn signal(pid: Pid, signal: Signal) {
    kill_process(pid, signal).ok();
}

fn below(root: Pid) -> Vec<Pid> {
    let mut children: HashMap<Pid, Vec<Pid>> = HashMap::new();
    for (pid, parent) in processes() {
        children.entry(parent).or_default().push(pid);
    }
    let (mut found, mut next) = (Vec::new(), vec![root]);
    while let Some(parent) = next.pop() {
        let own = children.remove(&parent).unwrap_or_default();
        found.extend(&own);
        next.extend(own);
    }
    found
}

/// Returns each process that is alive, with its parent.
fn processes() -> Vec<(Pid, Pid)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let named = entries.filter_map(|entry| entry.file_name().to_str().and_then(number));
    named.filter_map(|pid| Some((pid, parent(pid)?))).collect()
}

fn is_alive(pid: Pid) -> bool {
    parent(pid).is_some()
}

/// Returns the parent of a process that has not ended. Its name, in brackets, may have any character.
fn parent(pid: Pid) -> Option<Pid> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let mut words = rest.split_whitespace();
    let state = words.next()?;
    words.next().and_then(number).filter(|_| state != "Z")
}

fn number(text: &str) -> Option<Pid> {
    text.parse().ok().and_then(Pid::from_raw)
}
