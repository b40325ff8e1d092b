//! What is wrong is said at once, with exit code 2, and nothing is changed.

mod aws;
mod files;
mod imports;
mod names;
mod network;
mod params;
mod runs;
mod settings;
mod state;
mod syntax;

use crate::harness::Test;

/// Runs a command that must be refused before anything happens, and returns what it says.
#[track_caller]
pub(crate) fn refused(test: &Test, args: &[&str]) -> String {
    let runs = test.runs();
    let ended = test.runbook(args).code(2);
    assert_eq!(ended.stdout, "");
    assert_eq!(test.runs(), runs);
    test.stable(&ended.stderr)
}

/// Checks a runbook that must be refused, and returns what is said of it.
#[track_caller]
fn refusal(script: &str) -> String {
    let test = Test::new().file("book.rhai", script);
    let said = refused(&test, &["run", "book.rhai"]);
    assert_eq!(refused(&test, &["check", "book.rhai"]), said);
    said
}
