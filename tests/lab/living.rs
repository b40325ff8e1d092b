//! A network that `build.rhai` has built, its NATs in namespaces with their heartbeats, and an operator outside of it.

use std::process::{Child, Command, Stdio};

use super::assert_fit;
use super::scene::{LIMIT, Scene};
use super::world::Lab;
use super::world::hosts::AWS;
use super::world::nat::{Nat, ONE_TARGET_EACH, Resident};
use crate::build;
use crate::harness::{Ended, Test, emulator};

/// What the lab's heartbeats need beside their presets: the tags and the targets that `build.rhai` gives.
const SETTINGS: [(&str, &str); 3] = [
    ("nat_tags", r#"{ "runbook:role" = "nat" }"#),
    // The emulator gives addresses of its own.
    ("direct_probe", r#""""#),
    ("zones", ONE_TARGET_EACH),
];

/// The example site in a lab: an operator's patience is short here, and the heartbeats are the lab's own.
const SITE: [&str; 12] = [
    "--site",
    build::EC2_SITE,
    "--set",
    "heartbeat=none",
    "--set",
    "interval_poll=20ms",
    "--set",
    "interval_routes=20ms",
    "--set",
    "start_admin=false",
    "--set",
    "nat_elastic_ips=false",
];

pub(super) struct Living {
    pub(super) scene: Scene,
    pub(super) test: Test,
}

impl Living {
    /// Returns the network with both heartbeats healthy.
    pub(super) fn start() -> Self {
        assert_fit();
        let test = Test::new().aws();
        let arguments = [&["run", build::RUNBOOK][..], &SITE].concat();
        test.runbook(&arguments).code(0);
        let endpoint = emulator(test.account()).endpoint();
        let lab = Lab::around(&endpoint, test.account());
        let scene = Scene::with(lab, |lab, host| Nat::new(lab, host, &SETTINGS));
        Self { scene, test }
    }

    /// Starts a runbook from outside of the VPC.
    pub(super) fn operate(&self, runbook: &str, more: &[&str]) -> Child {
        self.command(&[&["run", runbook][..], &SITE, more].concat())
    }

    /// Starts a command of ours outside of the VPC.
    pub(super) fn command(&self, arguments: &[&str]) -> Child {
        let mut command = self.operator(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn operator(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_runbook");
        let mut command = self.scene.lab.outside().command(program);
        let plain = self.test.command(arguments);
        let known = plain
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)));
        command
            .args(arguments)
            .current_dir(self.test.path("."))
            .env_clear()
            .envs(known)
            .env("AWS_ENDPOINT_URL", format!("http://{AWS}"))
            .stdin(Stdio::null());
        command
    }

    /// Waits for the launch of the replacement, and starts its heartbeat as its boot would.
    #[track_caller]
    pub(super) fn boot(&self, host: &'static str) -> (Nat, Resident) {
        let what = || format!("{host} is launched");
        let lab = &self.scene.lab;
        lab.until_seen(what, LIMIT, |_| lab.account.known(host).is_some());
        let nat = Nat::new(lab, host, &SETTINGS);
        let resident = nat.every("1s");
        (nat, resident)
    }
}

/// Waits for a runbook's end, which is to be a good one.
#[track_caller]
pub(super) fn succeeded(child: Child) -> Ended {
    let ended: Ended = child.wait_with_output().unwrap().into();
    ended.code(0)
}
