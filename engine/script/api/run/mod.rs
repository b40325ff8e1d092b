//! `run::…`: steps, branches, waits, and what a run knows of itself.

mod approvals;
mod branches;
mod finally;
mod steps;
mod values;
mod waits;

use std::sync::Arc;

use rhai::{Dynamic, Map, Module};
use serde_json::Value;

use super::options::wrong;
use super::primitive::Primitive;
use crate::host::{Host, Scripted};
use crate::value;

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

/// Returns the name of an item: a string, an integer, or a map's `name`.
fn label(item: &Dynamic) -> Scripted<String> {
    if let Some(map) = item.read_lock::<Map>() {
        let name = map.get("name").cloned().map(Dynamic::into_string);
        return name
            .and_then(Result::ok)
            .ok_or_else(|| wrong("an item that is a map needs a `name`, which is a string"));
    }
    if item.is_string() || item.is_int() {
        return Ok(item.to_string());
    }
    Err(wrong(format!(
        "expected an item that is a string, an integer or a map with a `name`, found a value of type {}",
        item.type_name()
    )))
}

fn record(map: Map) -> Scripted<Value> {
    value::to_record(&map.into()).map_err(|error| wrong(error.to_string()))
}
