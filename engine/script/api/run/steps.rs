//! `run::step` and `run::call`: what is done once.

use std::sync::Arc;

use rhai::{Dynamic, FnPtr, Map, Module, NativeCallContext};

use super::items::{label, record};
use crate::api::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::Host;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "step",
        &["name", "body"],
        "Runs `body` once and records its value; a resumed run returns the recorded value.

The key of a step is the path of names from `main`; a repeated name gets `#2`, `#3`. A name is an identity: a renamed step is a
new step. Error `NotRecordable`: JSON cannot hold the value.",
    ),
    primitive(
        "step",
        &["name", "item", "body"],
        "Runs a step of a loop or branch; its key is `name[item]`.

`item` is a string, an integer, or a map with a `name`.",
    ),
    primitive(
        "call",
        &["runbook", "params"],
        "Runs another runbook as a step, and returns what its `main` returns.

`runbook` is a literal such as \"other.rhai\", found where modules are and pinned with the run. The file's name is the name of the
step, and the keys of the runbook's steps and effects begin with it. `params` is checked by the runbook's `PARAMS`, then by its
`validate`, before its `main` begins. Its `READ_ONLY` holds here too; its `LOCK` is held until the process of this run ends.
Errors: `InvalidParameters`, with `problems`; `Locked`; a runbook with `TICK` cannot be called.",
    ),
    primitive(
        "call",
        &["runbook", "item", "params"],
        "Runs another runbook as a step of a loop or branch; its key is `name[item]`.",
    ),
];

pub(super) fn add(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(
        module,
        "step",
        move |context: NativeCallContext, name: &str, body: FnPtr| {
            to.step(name, None, &|| body.call_within_context(&context, ()))
        },
    );
    let to = Arc::clone(host);
    function(
        module,
        "step",
        move |context: NativeCallContext, name: &str, item: Dynamic, body: FnPtr| {
            let item = label(&item)?;
            to.step(name, Some(&item), &|| {
                body.call_within_context(&context, ())
            })
        },
    );
    let to = Arc::clone(host);
    function(
        module,
        "call",
        move |context: NativeCallContext, path: &str, params: Map| {
            to.runbook(context.engine(), path, None, &record(params)?)
        },
    );
    let to = Arc::clone(host);
    function(
        module,
        "call",
        move |context: NativeCallContext, path: &str, item: Dynamic, params: Map| {
            let item = label(&item)?;
            to.runbook(context.engine(), path, Some(&item), &record(params)?)
        },
    );
}
