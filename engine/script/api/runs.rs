//! `runs::…`: what other runs have recorded.

use std::sync::Arc;

use rhai::Module;

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::Host;
use crate::value;

pub(super) const FUNCTIONS: &[Primitive] = &[primitive(
    "get",
    &["id"],
    "Returns what a run in this state directory has recorded: its id, any unambiguous part of it, or `last`.

A map: `id`, `runbook` (as it was typed), `state` (`live`, `succeeded`, `failed`, `interrupted`, `in_doubt`, `diverged`,
`superseded`), `started_at` (RFC 3339), `params`, `account` and `region` (or `()`), `value` (what `main` returned; `()` unless it
succeeded). Read at the time of the call. Errors: `UnknownRun`, also if several runs have that part; `UnreadableRun`.",
)];

pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    let to = Arc::clone(host);
    function(&mut module, "get", move |part: &str| {
        to.recorded(part).map(|run| value::to_script(&run))
    });
    module
}
