//! `runbook check`

use super::run::Script;
use crate::exit::Exit;
use crate::report::Reports;
use crate::run::prepare::{Request, prepare};
use crate::ui;

/// Check a runbook and its settings without running it or calling AWS
///
/// Finds what does not compile, misspelt functions, AWS operations and fields, settings that are missing, unknown or
/// of the wrong type, and what a resume would lose: steps, waits and branches that change variables from outside them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    script: Script,
}

pub(super) fn check(args: Args) -> Result<Exit, Reports> {
    let prepared = prepare(&Request::from(args.script))?;
    let sources: Vec<&str> = prepared
        .library
        .sources()
        .iter()
        .map(|source| source.name.as_str())
        .collect();
    ui::tell(&format!("nothing wrong found in {}", sources.join(", ")));
    Ok(Exit::Succeeded)
}
