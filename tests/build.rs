//! The main job, `build.rhai`: what it builds, and that it builds it once whatever happens on the way.

pub(crate) mod account;
pub(crate) mod census;
mod conformity;
mod corruption;
mod drift;
mod emulation;
mod harmless;
mod in_flight;
pub(crate) mod interruption;
mod kills;
mod preflight;
pub(crate) mod python;
pub(crate) mod rehearsal;
mod shapes;

use crate::harness::{Ended, Test};

pub(crate) const RUNBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/build.rhai");
/// A network on an OpsWorks stack.
pub(crate) const SITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/sites/opsworks.toml");
/// A network of plain EC2 instances.
pub(crate) const EC2_SITE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks/sites/example.toml");

/// The OpsWorks site, whose looks follow each other at once.
const ARGUMENTS: [&str; 8] = [
    "run",
    RUNBOOK,
    "--site",
    SITE,
    "--set",
    "interval_poll=1ms",
    "--set",
    "interval_routes=1ms",
];

/// Runs `build.rhai` with the OpsWorks site and more settings.
pub(crate) fn build(test: &Test, more: &[&str]) -> Ended {
    test.runbook(&arguments(more))
}

pub(crate) fn arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&ARGUMENTS, more].concat()
}

/// Runs a command that is to be killed at an entry of the journal: `before:7`, `after:7`.
#[track_caller]
pub(crate) fn killed(test: &Test, point: &str, arguments: &[&str]) {
    let output = test
        .command(arguments)
        .env("RUNBOOK_CRASH", point)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), None, "not killed {point}: {said}");
}
