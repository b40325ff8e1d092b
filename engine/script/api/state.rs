//! `state::…`: what a tick stores for later ticks.

use std::sync::Arc;

use rhai::{Dynamic, Module};

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::{Host, Scripted};
use crate::{fault, value};

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "get",
        &["key"],
        "Returns the value that a tick of this runbook and site has stored under a key, or `()`.

Error `NotATick`: the runbook has no `TICK`, so nothing is stored for it.",
    ),
    primitive(
        "get",
        &["key", "preset"],
        "Returns the value that a tick has stored under a key, or the preset.

Error `NotATick`.",
    ),
    primitive(
        "put",
        &["key", "value"],
        "Stores a value for later ticks: any that JSON can hold.

The value is durable before the next call that changes something, at the latest when the tick ends. An unchanged value is not
written again. Errors: `NotRecordable`, `NotATick`.",
    ),
    primitive(
        "remove",
        &["key"],
        "Removes the value that is stored under a key.

Error `NotATick`.",
    ),
];

pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    let to = Arc::clone(host);
    function(&mut module, "get", move |key: &str| {
        recalled(&to, key, Dynamic::UNIT)
    });
    let to = Arc::clone(host);
    function(&mut module, "get", move |key: &str, preset: Dynamic| {
        recalled(&to, key, preset)
    });
    let to = Arc::clone(host);
    function(&mut module, "put", move |key: &str, value: Dynamic| {
        let json = value::to_record(&value).map_err(|error| {
            let message = format!("`state::put(\"{key}\", …)`: {error}");
            fault::error("NotRecordable", message)
        })?;
        to.remember(key, Some(json))
    });
    let to = Arc::clone(host);
    function(&mut module, "remove", move |key: &str| {
        to.remember(key, None)
    });
    module
}

fn recalled(host: &Arc<dyn Host>, key: &str, preset: Dynamic) -> Scripted<Dynamic> {
    let known = host.recall(key)?;
    Ok(known.map_or(preset, |known| value::to_script(&known)))
}
