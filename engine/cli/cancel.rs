//! `runbook cancel`

use std::time::Duration;

use super::{connection, state, tick};
use crate::shared::Shared;
use base::command::Command;
use base::exit::Exit;
use base::hint::Hint;
use base::report::{Report, Reports};
use journal::entry::Ending;
use journal::{Journal, JournalError, RunId, Status};
use run::{identity, life};

const POLL: Duration = Duration::from_millis(200);

/// End a run for good: finish its current calls and clean up
///
/// A live run is asked to end itself. For a run that no process executes, this command runs the cleanup of each
/// `run::finally` whose body had begun. The run's other resources stay; `undo` deletes them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run: its id, any unambiguous part of it, or `last`
    run: String,
    /// The reason, for those who read the journal later
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

pub(super) fn cancel(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let state_dir = state::state_dir(shared)?;
    let id = state_dir.resolve(&args.run)?;
    let dir = state_dir.run_dir(&id);
    let by = identity::signature(args.why.clone(), None);
    let runtime = state::runtime()?;
    let around = state::surroundings(shared, &runtime)?;
    let cancel = around.cancel.clone();
    let mut asked = false;
    let journal = loop {
        match Journal::open(&state_dir, &id) {
            Err(JournalError::Live { pid, .. }) => {
                if !asked {
                    journal::cancel::request(&dir, &by)?;
                    ui::tell(&asked_of(&id, pid));
                    asked = true;
                }
                if cancel.sleep(POLL) {
                    return Err(no_longer_waited_for(&id).into());
                }
            }
            other => break other?,
        }
    };
    if asked && let Some(ending) = journal.attempt()?.1 {
        journal::cancel::withdraw(&dir)?;
        return Ok(verdict(&id, &ending)?);
    }
    life::cancellable(&journal)?;
    journal::cancel::request(&dir, &by)?;
    let manner = tick::resumed(&journal, &state_dir, shared.output())?;
    let again = Command::cancel(&id);
    let connect = |journal: &Journal| {
        let connected = connection::attempt(journal, &runtime, &cancel, &again)?;
        connected.map_err(|error| Report::from(error).hint(again.clone()))
    };
    let result = life::cancel(journal, connect, manner, around);
    let summary = journal::list::summary(&dir)?;
    match (summary.status, result) {
        (Status::Ended(ending @ Ending::Cancelled { .. }), _) => Ok(verdict(&id, &ending)?),
        (_, Err(report)) => Err(report.hint(again).into()),
        (_, Ok(())) => Err(ended_otherwise(&id).into()),
    }
}

fn asked_of(id: &RunId, pid: Option<u32>) -> String {
    let process = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
    format!(
        "asked {id}{process} to end; it finishes the calls under way and cleans up. Ctrl-C ends the waiting, not the cancellation"
    )
}

fn no_longer_waited_for(id: &RunId) -> Report {
    let message = format!("stopped waiting for `{id}`; the request to end stays in force");
    Report::new(Exit::Interrupted, message).hint(Command::follow(id))
}

/// Says that the run is cancelled, if that is how it ended.
fn verdict(id: &RunId, ending: &Ending) -> Result<Exit, Report> {
    if !matches!(ending, Ending::Cancelled { .. }) {
        return Err(ended_otherwise(id));
    }
    ui::advise(&Hint::to(
        format!("{id} is cancelled. The run's other resources still exist"),
        Command::undo(id).and(["--plan"]),
    ));
    Ok(Exit::Succeeded)
}

fn ended_otherwise(id: &RunId) -> Report {
    let message = format!("the run `{id}` ended in another way before the cancellation");
    Report::new(Exit::Failed, message).hint(Command::show(id))
}
