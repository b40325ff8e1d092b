//! `runbook resume`

use std::path::{Path, PathBuf};

use super::{Shared, state};
use crate::aws::client::ConnectError;
use crate::exit::Exit;
use crate::journal::Journal;
use crate::report::{Report, Reports};
use crate::run::{life, live};
use crate::script::check;
use crate::script::library::Library;

/// Take a run up again where it stopped
///
/// What is recorded as done is not done again. What was under way when the run stopped is looked up in AWS first.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run: its id, any unambiguous part of it, or `last`
    run: String,
    /// Go on with the scripts as they are now
    #[arg(long, conflicts_with = "pinned")]
    edited: bool,
    /// Go on with the scripts as the run pinned them
    #[arg(long)]
    pinned: bool,
}

pub(super) fn resume(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let state_dir = state::state_dir(shared)?;
    let id = state::find(&state_dir, &args.run)?;
    let journal = Journal::open(&state_dir, &id).map_err(Report::from)?;
    life::resumable(&journal)?;
    let command = state::command(shared);
    let edited = sources(args, &journal, &command)?;
    let runtime = state::runtime()?;
    let around = state::surroundings(shared, state_dir, &runtime)?;
    let pinned = journal.started().target.clone();
    let uses_aws = edited.as_ref().is_some_and(Library::uses_aws) || pinned.is_some();
    let region = pinned.as_ref().map(|target| target.region.clone());
    let connected = uses_aws
        .then(|| live::connect(region.as_deref(), runtime.handle(), &around.cancel))
        .transpose();
    let connected =
        connected.map_err(|error| unconnected(error, &format!("{command} resume {id}")))?;
    life::same_target(
        pinned.as_ref(),
        connected.as_ref().map(|connected| &connected.target),
    )?;
    life::resume(journal, edited, connected, around)?;
    Ok(Exit::Succeeded)
}

/// AWS that cannot be reached is no mistake of the caller's: the run is as resumable as before.
fn unconnected(error: ConnectError, again: &str) -> Report {
    let exit = if matches!(error, ConnectError::Unreachable { .. }) {
        Exit::Failed
    } else {
        Exit::Usage
    };
    let report = Report {
        exit,
        ..Report::from(error)
    };
    report.hint(again)
}

/// Returns the sources to go on with, where they are not the pinned ones.
fn sources(args: &Args, journal: &Journal, command: &str) -> Result<Option<Library>, Reports> {
    if args.pinned {
        return Ok(None);
    }
    let pinned = Library::pinned(&journal.sources());
    let started = journal.started();
    let from = |path: &str| Path::new(&started.directory).join(path);
    let sites: Vec<PathBuf> = started
        .settings
        .site
        .iter()
        .map(|site| from(site))
        .collect();
    let as_they_are = format!(
        "to go on with the scripts as they are now: {command} resume {} --edited",
        started.id
    );
    let as_pinned = format!(
        "to go on with the scripts as the run pinned them: {command} resume {} --pinned",
        started.id
    );
    let current =
        Library::load(&from(&started.runbook), &sites).map_err(|report| report.hint(&as_pinned))?;
    let changes = pinned.changes(&current);
    if changes.is_empty() {
        return Ok(None);
    }
    if args.edited {
        let problems = check::check(&current);
        return if problems.is_empty() {
            Ok(Some(current))
        } else {
            Err(Reports(problems))
        };
    }
    let report = Report::new(
        Exit::Usage,
        "the scripts have changed since the run pinned them; nothing was done",
    );
    let report = changes.iter().fold(report, |report, name| {
        report.cause(format!("`{name}` differs"))
    });
    Err(report.hint(as_they_are).hint(as_pinned).into())
}
