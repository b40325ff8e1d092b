//! `run::…`: steps, branches, waits, and what a run knows of itself.

mod approvals;
mod branches;
mod finally;
mod items;
mod steps;
mod values;
mod waits;

use std::sync::Arc;

use rhai::Module;

use super::primitive::Primitive;
use crate::host::Host;

pub(super) use branches::LIMITS;
pub(super) use waits::PACE;

/// In the order of the reference.
pub(super) const FUNCTIONS: &[&[Primitive]] = &[
    steps::FUNCTIONS,
    branches::FUNCTIONS,
    waits::FUNCTIONS,
    finally::FUNCTIONS,
    approvals::FUNCTIONS,
    values::FUNCTIONS,
];

pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    steps::add(&mut module, host);
    branches::add(&mut module, host);
    waits::add(&mut module, host);
    finally::add(&mut module, host);
    approvals::add(&mut module, host);
    values::add(&mut module, host);
    module
}
