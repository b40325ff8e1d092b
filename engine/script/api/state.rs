//! `state::…`: what a runbook that is executed again and again keeps from tick to tick.

use std::sync::Arc;

use rhai::{Dynamic, Module};

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::{Host, Scripted};
use crate::{fault, value};
use base::fault::Fault;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "get",
        &["key"],
        "Returns what an earlier tick of this runbook and site has put, or `()`.

Error `NotATick`: the runbook is executed once, so nothing is kept for it.",
    ),
    primitive(
        "get",
        &["key", "preset"],
        "Returns what an earlier tick has put, or the preset.",
    ),
    primitive(
        "put",
        &["key", "value"],
        "Keeps a value for later ticks: any that JSON can hold.

It is durable before the next call that changes something, at the latest when the tick ends. What is put again unchanged costs
nothing. Errors: `NotRecordable`, `NotATick`.",
    ),
    primitive(
        "remove",
        &["key"],
        "Forgets what is kept under a key.",
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
    function(&mut module, "put", move |key: &str, kept: Dynamic| {
        let json = value::to_record(&kept).map_err(|error| {
            fault::throw(&Fault {
                message: format!("`state::put(\"{key}\", …)`: {error}"),
                code: Some("NotRecordable".into()),
                ..Fault::default()
            })
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
