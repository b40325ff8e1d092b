//! `runbook check`

use super::run::Script;
use crate::shared::Shared;
use base::exit::Exit;
use base::report::Reports;
use run::prepare::{Request, prepare};
use script::check;

/// Check a runbook and its settings without running it or calling AWS
///
/// Finds what does not compile, misspelt functions, AWS operations and fields, settings that are missing, unknown or
/// of the wrong type, and what a resume would lose: steps, waits and branches that change variables from outside them.
///
/// Warns, with exit code 0, where two calls of one scope have one name, so that only their order tells their records
/// apart: two steps or waits without an item, or two calls of one operation of which one is under a condition that the
/// settings do not decide. If a resume goes another way there, it stops as diverged.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    script: Script,
}

pub(super) fn check(args: Args, shared: &Shared) -> Result<Exit, Reports> {
    let prepared = prepare(&Request::from(args.script))?;
    for warning in check::warnings(&prepared.library)? {
        ui::warn(shared.output(), &warning);
    }
    let sources: Vec<&str> = prepared
        .library
        .sources()
        .iter()
        .map(|source| source.name.as_str())
        .collect();
    ui::tell(&format!("nothing wrong found in {}", sources.join(", ")));
    Ok(Exit::Succeeded)
}
