//! One network namespace.

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::process::Command;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::ground::run;

/// Removed, with the processes in it, when it is dropped.
pub(crate) struct Space {
    name: String,
}

impl Space {
    pub(super) fn new(name: &str) -> Self {
        Self::try_new(name).unwrap()
    }

    pub(super) fn try_new(name: &str) -> Result<Self, String> {
        run(Command::new("ip").args(["netns", "add", name]), "")?;
        let space = Self::adopt(name.to_owned());
        space.try_ip("link set lo up\n")?;
        // Packets come in on one wire and leave on another, as in AWS; nobody is to be told of a shorter way.
        for (setting, value) in [
            ("rp_filter", 0),
            ("send_redirects", 0),
            ("accept_redirects", 0),
        ] {
            for which in ["all", "default"] {
                space.set(&format!("conf/{which}/{setting}"), value)?;
            }
        }
        Ok(space)
    }

    pub(super) fn adopt(name: String) -> Self {
        Self { name }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns a command that will run in here.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }

    /// Does something on a thread that is in here: sockets stay where they were made.
    pub(crate) fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let inside = || {
            let space = File::open(format!("/run/netns/{}", self.name)).unwrap();
            move_into_link_name_space(space.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
            work()
        };
        thread::scope(|scope| scope.spawn(inside).join().unwrap())
    }

    /// Sets `net.ipv4.<setting>`.
    pub(crate) fn set(&self, setting: &str, value: u8) -> Result<(), String> {
        let path = format!("/proc/sys/net/ipv4/{setting}");
        self.enter(|| fs::write(&path, value.to_string()))
            .map_err(|error| format!("{path}: {error}"))
    }

    /// Runs lines of `ip`.
    #[track_caller]
    pub(super) fn ip(&self, lines: &str) {
        self.try_ip(lines).unwrap();
    }

    pub(super) fn try_ip(&self, lines: &str) -> Result<(), String> {
        let mut command = Command::new("ip");
        run(command.args(["-n", &self.name, "-batch", "-"]), lines).map(drop)
    }

    /// Loads rules of nftables, all at once.
    #[track_caller]
    pub(crate) fn nft(&self, rules: &str) {
        self.try_nft(rules).unwrap();
    }

    pub(super) fn try_nft(&self, rules: &str) -> Result<(), String> {
        run(self.command("nft").args(["-f", "-"]), rules).map(drop)
    }

    fn kill_all(&self) {
        let pids = run(Command::new("ip").args(["netns", "pids", &self.name]), "");
        for pid in pids.unwrap_or_default().lines() {
            if let Some(pid) = pid.parse().ok().and_then(Pid::from_raw) {
                // It may have ended since.
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        self.kill_all();
        // A panic here would hide the one that led here.
        let _ = run(Command::new("ip").args(["netns", "del", &self.name]), "");
    }
}
