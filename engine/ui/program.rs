//! How this program was called, which each command that is printed repeats.

use std::path::Path;
use std::sync::OnceLock;

use base::command::Command;
use base::hint::Hint;
use base::report::Report;
use base::shell;

static PROGRAM: OnceLock<String> = OnceLock::new();

/// Has the commands that are printed from now on name this state directory, as the command line did.
pub fn has_state_dir(directory: &Path) {
    let program = format!("runbook --state-dir {}", shell::path(directory));
    // There is one command line: what it said first stays.
    let _ = PROGRAM.set(program);
}

fn program() -> &'static str {
    PROGRAM.get().map_or("runbook", String::as_str)
}

pub(crate) fn command(command: &Command) -> String {
    command.line(program())
}

pub(crate) fn hint(hint: &Hint) -> String {
    hint.line(program())
}

pub(crate) fn hints(report: &Report) -> impl Iterator<Item = String> {
    report.hints.iter().map(hint)
}
