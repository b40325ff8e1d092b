//! Running Python's own tools.

use std::ffi::OsStr;

use super::error::RehearseError;
use super::python;

/// Runs Python with `arguments`; a failure's last lines are in the error.
pub(super) fn run<A: AsRef<OsStr>>(
    program: &OsStr,
    arguments: &[A],
    task: &'static str,
) -> Result<(), RehearseError> {
    let mut command = python::command(program);
    // The user's own pip settings stay (an index, a proxy), but not those that defeat an environment.
    command
        .args(arguments)
        .env("PIP_USER", "0")
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_NO_INPUT", "1");
    let failed = |lines| RehearseError::Pip { task, lines };
    let output = command
        .output()
        .map_err(|error| failed(vec![error.to_string()]))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failed(python::last_lines(&output)))
    }
}
