//! `runbook run`

use std::path::PathBuf;

use tokio::runtime::Handle;

use super::tick::{OnOverlap, Turn};
use super::{connection, signals, state, tick};
use crate::shared::Shared;
use base::exit::Exit;
use base::report::Reports;
use journal::StateDir;
use run::cancel::Cancel;
use run::control::Manner;
use run::life;
use run::prepare::{Prepared, Request, prepare};

/// Run a runbook from its start
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) script: Script,
    /// Stop before the first call that would change something, and print the call
    #[arg(long)]
    dry_run: bool,
    /// For a runbook with `const TICK = true;`: what to do if another process runs a tick of it
    #[arg(long, value_name = "WHAT", default_value = "skip")]
    on_overlap: OnOverlap,
}

/// A runbook and its settings.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Script {
    /// The script to run
    pub(super) runbook: PathBuf,
    /// Read settings from this TOML file; may be given again, and the later file wins
    #[arg(long, value_name = "FILE")]
    pub(super) site: Vec<PathBuf>,
    /// Set one setting; wins over the site files
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) set: Vec<String>,
}

impl From<Script> for Request {
    fn from(script: Script) -> Self {
        Self {
            runbook: script.runbook,
            sites: script.site,
            set: script.set,
        }
    }
}

pub(super) fn run(args: Args, shared: &Shared) -> Result<Exit, Reports> {
    let request = Request::from(args.script);
    let prepared = prepare(&request)?;
    let state_dir = state::state_dir(shared)?;
    let runtime = state::runtime()?;
    let unrecorded = if args.dry_run {
        Some(dry(&request, &prepared, &state_dir, shared)?)
    } else {
        prepared.read_only.then(read_only)
    };
    if let Some(manner) = unrecorded {
        return run_plain(&request, prepared, &runtime, shared, manner);
    }
    state_dir.prepare()?;
    if prepared.tick {
        return once(
            &request,
            prepared,
            &state_dir,
            &runtime,
            shared,
            args.on_overlap,
        );
    }
    let around = state::surroundings(shared, &runtime)?;
    let connected = connection::first(&prepared, &runtime, &around.cancel)?;
    life::start(&request, prepared, connected, Manner::default(), around)?;
    Ok(Exit::Succeeded)
}

/// One tick, as from cron.
fn once(
    request: &Request,
    prepared: Prepared,
    state_dir: &StateDir,
    runtime: &Handle,
    shared: &Shared,
    on_overlap: OnOverlap,
) -> Result<Exit, Reports> {
    let Turn::Ours(memory) = tick::take(request, state_dir, on_overlap, shared.output())? else {
        return Ok(Exit::Succeeded);
    };
    let manner = Manner {
        memory: Some(memory),
        ..Manner::default()
    };
    run_plain(request, prepared, runtime, shared, manner)
}

/// Everything up to the first effect, and nothing of it is kept.
fn dry(
    request: &Request,
    prepared: &Prepared,
    state_dir: &StateDir,
    shared: &Shared,
) -> Result<Manner, Reports> {
    let memory = if prepared.tick {
        Some(tick::look(request, state_dir, shared.output())?)
    } else {
        None
    };
    Ok(Manner {
        memory,
        dry: true,
        ..Manner::default()
    })
}

/// Side by side with whatever else is at it.
fn read_only() -> Manner {
    Manner {
        read_only: true,
        ..Manner::default()
    }
}

/// What is over in seconds, or is for a log, is told line by line.
fn run_plain(
    request: &Request,
    prepared: Prepared,
    runtime: &Handle,
    shared: &Shared,
    manner: Manner,
) -> Result<Exit, Reports> {
    let cancel = Cancel::default();
    signals::listen(runtime, &cancel)?;
    let around = state::plain_context(runtime, shared, cancel)?;
    let connected = connection::first(&prepared, runtime, &around.cancel)?;
    if let Some(memory) = manner.memory.as_ref().filter(|_| !manner.dry) {
        tick::tidy(memory, &around.state_dir, shared.output());
    }
    life::start(request, prepared, connected, manner, around)?;
    Ok(Exit::Succeeded)
}
