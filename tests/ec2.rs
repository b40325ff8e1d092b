//! A network of plain EC2 instances: what is built, with which rights, and what is said when it cannot be.

mod boots;
mod conformity;
mod drift;
mod emulation;
mod found;
mod preflight;
mod refusals;
mod settings;
mod shapes;
pub(crate) mod shares;

use serde_json::Value;

use crate::build::python::run;
use crate::build::{EC2_SITE, RUNBOOK};
use crate::harness::{Ended, Test};

const READBACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ec2/readback.py");

/// The example site, whose looks follow each other at once.
pub(crate) const ARGUMENTS: [&str; 10] = [
    "run",
    RUNBOOK,
    "--site",
    EC2_SITE,
    "--set",
    "interval_poll=1ms",
    "--set",
    "interval_routes=1ms",
    "--set",
    "interval_console=1ms",
];

/// Runs `build.rhai` with the example site and more settings.
pub(crate) fn build(test: &Test, more: &[&str]) -> Ended {
    test.runbook(&[&ARGUMENTS[..], more].concat())
}

/// Returns the instances of the VPC of that name, their groups and rights, as another client reads them.
fn read_back(test: &Test, vpc: &str) -> Value {
    serde_json::from_str(&run(test, &[READBACK, vpc])).unwrap()
}
