//! `runbook show`

use super::state;
use crate::shared::Shared;
use base::clock;
use base::exit::Exit;
use base::report::{Report, Reports};
use run::created;
use ui::Output;
use ui::show::{human, json};
use ui::style::Page;
use ui::summary::Summary;

/// Show what a run has done, its current and doubtful calls, and the next command
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run: its id, any unambiguous part of it, or `last`
    #[arg(default_value = "last")]
    run: String,
}

pub(super) fn show(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let dir = state::run_dir(shared, &args.run)?;
    // Asked first: a run that ends right now shows its end, not an interruption.
    let is_live = journal::is_live(&dir)?;
    let entries = journal::read(&dir)?;
    let Some(summary) = Summary::of(&entries, is_live, &created::resource) else {
        return Err(Report::new(
            Exit::Failed,
            format!("`{}` does not begin with the start of a run", dir.display()),
        )
        .into());
    };
    let now = clock::now();
    ui::print(|out| match shared.output() {
        Output::Human | Output::Syslog => human(out, Page::stdout(), &summary, now),
        Output::Json => writeln!(out, "{}", json(&summary, now)),
    })?;
    Ok(Exit::Succeeded)
}
