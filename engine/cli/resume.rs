//! `runbook resume`

use std::path::{Path, PathBuf};

use super::{connection, state, tick};
use crate::shared::Shared;
use base::command::Command;
use base::exit::Exit;
use base::hint::Hint;
use base::report::{Report, Reports};
use journal::entry::RunStarted;
use journal::{Journal, RunId};
use run::forecast::forecast;
use run::{called, life, next, params};
use script::check;
use script::library::Change;
use script::sources::Library;

/// Continue a run where it stopped
///
/// A resume does not repeat what is recorded as done. It first looks up in AWS each call without a recorded result.
/// If the scripts have changed since, nothing is done at first: what changed and which recorded steps and effects they
/// still name is listed, and `--edited` or `--pinned` says how to go on.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run: its id, any unambiguous part of it, or `last`
    run: String,
    /// Continue with the scripts as they are now
    #[arg(long, conflicts_with = "pinned")]
    edited: bool,
    /// Continue with the scripts that the run pinned
    #[arg(long)]
    pinned: bool,
}

impl Args {
    /// Returns the command for this run.
    fn typed(&self, id: &RunId) -> Command {
        let edited = self.edited.then_some("--edited");
        let pinned = self.pinned.then_some("--pinned");
        Command::resume(id).args(edited.or(pinned))
    }
}

pub(super) fn resume(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let journal = state::open(shared, &args.run)?;
    let state_dir = state::state_dir(shared)?;
    life::resumable(&journal)?;
    let manner = tick::resumed(&journal, &state_dir, shared.output())?;
    let ways = Ways::of(&journal);
    let edited = match scripts(args, &journal, &ways)? {
        Scripts::Pinned => None,
        Scripts::Edited(library) => Some(library),
        Scripts::Unanswered(library, files) => {
            return explain(&journal, &library, files, &ways, shared);
        }
    };
    tell_drift(&journal);
    let runtime = state::runtime()?;
    let around = state::surroundings(shared, &runtime)?;
    let again = args.typed(journal.id());
    let connected = connection::attempt(&journal, &runtime, &around.cancel, &again)?;
    let connected = connected.map_err(|error| Report::from(error).hint(ways.plain))?;
    life::resume(journal, edited, connected, manner, around)?;
    Ok(Exit::Succeeded)
}

/// The commands to go on with.
struct Ways {
    plain: Command,
    edited: Command,
    pinned: Command,
}

impl Ways {
    fn of(journal: &Journal) -> Self {
        let plain = Command::resume(journal.id());
        Self {
            edited: plain.clone().args(["--edited"]),
            pinned: plain.clone().args(["--pinned"]),
            plain,
        }
    }

    /// Adds the way around scripts with which the run cannot go on.
    fn around(&self, report: Report) -> Report {
        report.hint(Hint::to(
            "to go on with the scripts as the run pinned them",
            self.pinned.clone(),
        ))
    }
}

/// Which scripts to go on with.
enum Scripts {
    Pinned,
    Edited(Library),
    /// They have changed, and nobody has said what is meant.
    Unanswered(Library, Vec<Change>),
}

fn scripts(args: &Args, journal: &Journal, ways: &Ways) -> Result<Scripts, Reports> {
    if args.pinned {
        return Ok(Scripts::Pinned);
    }
    let started = journal.started();
    let runbook = Path::new(&started.directory).join(&started.runbook);
    let current = Library::load(&runbook, &sites(journal)).map_err(|report| ways.around(report))?;
    let changes = Library::pinned(&journal.sources()).changes(&current);
    if changes.is_empty() {
        return Ok(Scripts::Pinned);
    }
    let mut problems = check::check(&current);
    if problems.is_empty() {
        problems = called::problems(&current);
    }
    if let Some(last) = problems.pop() {
        problems.push(ways.around(last));
        return Err(Reports(problems));
    }
    if started.target.is_none() && current.uses_aws() {
        return Err(ways.around(without_account(started)).into());
    }
    params::pinned(&current, started).map_err(|report| ways.around(report))?;
    Ok(if args.edited {
        Scripts::Edited(current)
    } else {
        Scripts::Unanswered(current, changes)
    })
}

fn sites(journal: &Journal) -> Vec<PathBuf> {
    let started = journal.started();
    let sites = started.settings.site.iter();
    sites
        .map(|site| Path::new(&started.directory).join(site))
        .collect()
}

/// An account that nobody pinned cannot be checked on the next resume.
fn without_account(started: &RunStarted) -> Report {
    let message = "the scripts use AWS now, but the run started without AWS and has no account and region; nothing was done";
    Report::new(Exit::Usage, message).hint(Hint::to(
        "to start a new run of the edited runbook",
        next::anew(started),
    ))
}

fn tell_drift(journal: &Journal) {
    let started = journal.started();
    let names = params::drifted(started, &sites(journal));
    if names.is_empty() {
        return;
    }
    let quoted = |names: &[String]| {
        let quoted = names.iter().map(|name| format!("`{name}`"));
        quoted.collect::<Vec<_>>().join(", ")
    };
    ui::tell(&format!(
        "the run continues with the values that it pinned for {}; {} now has other values",
        quoted(&names),
        quoted(&started.settings.site)
    ));
}

/// Says what a resume with the edited scripts would do, and does nothing.
fn explain(
    journal: &Journal,
    edited: &Library,
    files: Vec<Change>,
    ways: &Ways,
    shared: &Shared,
) -> Result<Exit, Reports> {
    let forecast = forecast(journal, edited, files)?;
    tell_drift(journal);
    let answers = [&ways.edited, &ways.pinned];
    let directory = &journal.started().directory;
    ui::explain(shared.output(), &forecast, directory, answers);
    Ok(Exit::Usage)
}
