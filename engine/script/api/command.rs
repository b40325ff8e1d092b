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
`environment` adds; `input` is its stdin. At most 64 KiB of each output are kept. After `timeout` (10s) it is killed with all that
it started. It is recorded as any call that changes something. Errors: `CommandFailed` for an exit code other than 0, with
`exit_code`, `stdout` and `stderr`; `NotSent` if it cannot be started; `InvalidInput`. One that was killed is a doubt, which stops
the run.",
    ),
    primitive(
        "run",
        &["input", "options"],
        "Runs as `command::run(input)`; with `#{on_doubt: \"retry\"}` a program that was killed is the error `Lost`, which can be caught.",
    ),
];

/// `command::run(#{program, arguments, input, environment, timeout: "10s"}, #{on_doubt: "stop"})` runs a program and
/// returns `#{exit_code, stdout, stderr}`.
///
/// No shell is involved: `program` is a path, or a name that is looked up in `PATH`. It gets `PATH`, `HOME` and
/// `LANG`, and what `environment` adds; `input` is its stdin. At most 64 KiB of each output are kept. After `timeout`
/// it is killed with all that it started.
///
/// Errors: `CommandFailed` for an exit code other than 0, with `exit_code`, `stdout` and `stderr`; `NotSent` if it
/// cannot be started; `InvalidInput`. One that was killed is a doubt, which stops the run; with `on_doubt: "retry"`
/// it is the error `Lost`.
pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    calls(&mut module, "command", "run", host);
    module
}
