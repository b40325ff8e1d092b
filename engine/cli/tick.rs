//! What `run` and `every` share of ticks: whose turn it is, and what is left of earlier ones.

use std::sync::Arc;

use clap::ValueEnum;

use base::level::Level;
use base::report::Report;
use journal::memory::Loss;
use journal::{Journal, JournalError, Memory, Owner, StateDir};
use run::control::Manner;
use run::prepare::Request;
use run::tick;
use ui::Output;

/// What another process's tick of the same runbook and site means for this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OnOverlap {
    /// End well: that tick does the work
    Skip,
    /// End with exit code 6
    Fail,
}

/// Whose turn it is.
pub(super) enum Turn {
    Ours(Arc<Memory>),
    /// Another process's, and that was said.
    Theirs,
}

/// Takes the lock and the memory of a runbook with its sites.
pub(super) fn take(
    request: &Request,
    state_dir: &StateDir,
    on_overlap: OnOverlap,
    output: Output,
) -> Result<Turn, Report> {
    let owner = Owner::of(&request.runbook, &request.sites)?;
    match Memory::take(state_dir, &owner.name(), Some(&owner)) {
        Ok((memory, loss)) => {
            tell_loss(&memory, loss.as_ref(), output);
            Ok(Turn::Ours(Arc::new(memory)))
        }
        Err(error @ JournalError::TickLive { .. }) if on_overlap == OnOverlap::Skip => {
            ui::note(output, Level::Info, &format!("skipped: {error}"));
            Ok(Turn::Theirs)
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends what an earlier tick has left open; a journal that cannot be read is for a person, not for this tick.
pub(super) fn tidy(memory: &Memory, state_dir: &StateDir, output: Output) {
    match tick::supersede(memory, state_dir) {
        Ok(None) => {}
        Ok(Some(id)) => ui::note(
            output,
            Level::Warn,
            &format!("run {id} was cut off and is superseded: this tick starts over"),
        ),
        Err(error) => ui::note(
            output,
            Level::Warn,
            &format!("the last run is unchanged: {error}"),
        ),
    }
}

/// Returns what the memory says now, for a dry run: it takes no lock and keeps nothing.
pub(super) fn look(
    request: &Request,
    state_dir: &StateDir,
    output: Output,
) -> Result<Arc<Memory>, Report> {
    let owner = Owner::of(&request.runbook, &request.sites)?;
    let (memory, unread) = Memory::look(state_dir, &owner.name());
    if let Some(problem) = unread {
        ui::note(
            output,
            Level::Warn,
            &format!(
                "the memory `{}` cannot be read ({problem}); continuing with an empty memory",
                memory.name()
            ),
        );
    }
    Ok(Arc::new(memory))
}

/// A run that was a tick goes on as one, with the state that it began with, and holds the lock: no other tick comes in
/// between.
pub(super) fn resumed(
    journal: &Journal,
    state_dir: &StateDir,
    output: Output,
) -> Result<Manner, Report> {
    let Some(tick) = &journal.started().tick else {
        return Ok(Manner::default());
    };
    let (memory, loss) = Memory::take(state_dir, &tick.memory, None)?;
    tell_loss(&memory, loss.as_ref(), output);
    if !memory.go_on(journal.id(), &tick.state) {
        let line = "later ticks have newer state: the state that this run puts is not kept";
        ui::note(output, Level::Warn, line);
    }
    Ok(Manner {
        memory: Some(Arc::new(memory)),
        ..Manner::default()
    })
}

fn tell_loss(memory: &Memory, loss: Option<&Loss>, output: Output) {
    let Some(loss) = loss else { return };
    ui::note(
        output,
        Level::Warn,
        &format!(
            "the memory `{}` was damaged ({}) and starts empty: counts start at zero and unsent news is lost; the rest of the damaged memory: {}",
            memory.name(),
            loss.problem,
            loss.aside.display()
        ),
    );
}
