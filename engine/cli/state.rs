//! What the commands share: the state directory, and the way to a live run.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Handle, Runtime};

use super::signals;
use crate::shared::Shared;
use base::command::Command;
use base::duration;
use base::exit::Exit;
use base::report::Report;
use journal::{Journal, StateDir};
use run::cancel::Cancel;
use run::event::Watch;
use run::local::LocalHost;
use run::log_lines;
use run::surroundings::Surroundings;
use script::value;

/// In MiB; a run of 100,000 steps has some 50.
const JOURNAL_LIMIT: u32 = 256;

/// AWS's reads lag behind its writes by seconds; a minute is on the safe side.
const LAG: Duration = Duration::from_mins(1);

pub(super) fn state_dir(shared: &Shared) -> Result<StateDir, Report> {
    Ok(StateDir::find(shared.state_dir.as_deref())?)
}

/// Returns the runtime that AWS calls and probes run on.
pub(super) fn runtime() -> Result<Running, Report> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map(|runtime| Running {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
        .map_err(|error| Report::new(Exit::Failed, format!("cannot start: {error}")))
}

/// A runtime that does not wait at its end for what nobody waits for any more: the system may take half a minute to
/// give a name up.
pub(super) struct Running {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Running {
    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Deref for Running {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Returns what a live run needs; from here on Ctrl-C ends it in order.
pub(super) fn surroundings(shared: &Shared, runtime: &Handle) -> Result<Surroundings, Report> {
    let cancel = Cancel::default();
    signals::listen(runtime, &cancel)?;
    let watch = ui::watcher(shared.output());
    around(runtime, shared, cancel, watch)
}

/// Returns what a tick or a dry run needs, which are shown line by line; whoever asks listens for signals.
pub(super) fn plain_context(
    runtime: &Handle,
    shared: &Shared,
    cancel: Cancel,
) -> Result<Surroundings, Report> {
    let watch = ui::tick_watcher(shared.output());
    around(runtime, shared, cancel, watch)
}

/// The same for ticks of a resident process.
pub(super) fn resident_context(
    runtime: &Handle,
    shared: &Shared,
    cancel: Cancel,
) -> Result<Surroundings, Report> {
    let watch = ui::resident_watcher(shared.output());
    around(runtime, shared, cancel, watch)
}

fn around(
    runtime: &Handle,
    shared: &Shared,
    cancel: Cancel,
    watch: Box<dyn Watch>,
) -> Result<Surroundings, Report> {
    let watch: Arc<dyn Watch> = Arc::from(watch);
    value::set_limit(size(value::LIMIT_VARIABLE, value::LARGEST)?);
    let local = Arc::new(LocalHost::new(runtime, &cancel, Arc::clone(&watch)));
    Ok(Surroundings {
        state_dir: state_dir(shared)?,
        watch,
        cancel,
        outside: local.clone(),
        prober: local,
        settle_window: set("RUNBOOK_SETTLE_WINDOW", LAG)?,
        fresh_for: set("RUNBOOK_FRESH_FOR", LAG)?,
        journal_limit: size(log_lines::LIMIT_VARIABLE, JOURNAL_LIMIT)?,
    })
}

/// Returns the duration that the environment sets, else the preset.
fn set(variable: &str, preset: Duration) -> Result<Duration, Report> {
    match std::env::var(variable) {
        Ok(text) => duration::parse(&text)
            .map_err(|problem| Report::new(Exit::Usage, format!("{variable}: {problem}"))),
        Err(_) => Ok(preset),
    }
}

/// Returns the size in bytes that the environment sets in MiB, else the preset.
fn size(variable: &str, preset: u32) -> Result<u64, Report> {
    let text = std::env::var(variable).unwrap_or_else(|_| preset.to_string());
    let mebibytes: Option<u32> = text.parse().ok();
    let bytes = mebibytes.map(|number| u64::from(number) << 20);
    bytes.ok_or_else(|| {
        let message = format!("{variable}: `{text}` is no number of MiB");
        Report::new(Exit::Usage, message)
            .hint(Command::shell(format!("export {variable}={preset}")))
    })
}

/// Returns the directory of the run that a part of its id, or `last`, means.
pub(super) fn run_dir(shared: &Shared, part: &str) -> Result<PathBuf, Report> {
    let state_dir = state_dir(shared)?;
    Ok(state_dir.run_dir(&state_dir.resolve(part)?))
}

/// Opens the journal of a run for this process alone.
pub(super) fn open(shared: &Shared, part: &str) -> Result<Journal, Report> {
    let state_dir = state_dir(shared)?;
    Ok(Journal::open(&state_dir, &state_dir.resolve(part)?)?)
}

/// Opens the journal of a run for reading: that takes no lock.
pub(super) fn look(shared: &Shared, part: &str) -> Result<Journal, Report> {
    let state_dir = state_dir(shared)?;
    Ok(Journal::look(&state_dir, &state_dir.resolve(part)?)?)
}
