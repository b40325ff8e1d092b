//! `run::finally`: a cleanup, however the body ends.

use std::sync::Arc;

use rhai::{FnPtr, Module, NativeCallContext};

use crate::api::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::Host;

pub(super) const FUNCTIONS: &[Primitive] = &[primitive(
    "finally",
    &["body", "cleanup"],
    "Runs `body`, then `cleanup(outcome)` once, however `body` ended, and returns what `body` returned.

`outcome` is `#{state, value, error}`: `state` is \"succeeded\", \"failed\" or \"cancelled\" (Ctrl-C, a signal, `runbook cancel`).
The end of `body` is recorded first: a resumed run cleans up and does not go back into `body`. A body that waits for an approval,
or has an effect in doubt, has not ended. After the cleanup the failure of `body` is thrown again; a cancelled run is over. If the
cleanup fails, the error has both failures, and a resume tries the cleanup again: write it so that it succeeds even if `body` did
nothing.",
)];

pub(super) fn add(module: &mut Module, host: &Arc<dyn Host>) {
    let to = Arc::clone(host);
    function(
        module,
        "finally",
        move |context: NativeCallContext, body: FnPtr, cleanup: FnPtr| {
            to.finally(&|| body.call_within_context(&context, ()), &|outcome| {
                cleanup.call_within_context(&context, (outcome,))
            })
        },
    );
}
