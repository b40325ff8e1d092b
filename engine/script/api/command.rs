//! `command::…`: programs of this host.

use std::sync::Arc;

use rhai::Module;

use super::aws::calls;
use super::primitive::{Primitive, primitive};
use crate::host::Host;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "run",
        &["input"],
        "Runs `#{program, arguments, input, environment, timeout}` once and returns a map `exit_code`, `stdout`, `stderr`.

No shell is involved: `program` is a path, or a name that is looked up in `PATH`. It gets `PATH`, `HOME` and `LANG`, and what
`environment` adds; `input` is its stdin. At most 64 KiB of each output are returned. After `timeout` (10s) it is killed with all that
it started. The call is recorded like any that changes something. Errors: `CommandFailed` for an exit code other than 0, with
`exit_code`, `stdout` and `stderr`; `NotSent` if it cannot be started; `InvalidInput`. A call whose program was killed is in doubt,
which stops the run.",
    ),
    primitive(
        "run",
        &["input", "options"],
        "Runs as `command::run(input)`; with `#{on_doubt: \"retry\"}`, a program that was killed is the error `Lost`, which can be caught.",
    ),
];

pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    calls(&mut module, "command", "run", host);
    module
}
