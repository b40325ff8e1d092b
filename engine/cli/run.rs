//! `runbook run`

use std::path::PathBuf;

use super::{Shared, state};
use crate::exit::Exit;
use crate::report::{Report, Reports};
use crate::run::prepare::{Request, prepare};
use crate::run::{life, live};

/// Run a runbook from its start
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) script: Script,
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
    state_dir.prepare().map_err(Report::from)?;
    let runtime = state::runtime()?;
    let around = state::surroundings(shared, state_dir, &runtime)?;
    let connect = || live::connect(prepared.region.as_deref(), runtime.handle(), &around.cancel);
    let connected = prepared
        .library
        .uses_aws()
        .then(connect)
        .transpose()
        .map_err(Report::from)?;
    life::start(&request, prepared, connected, around)?;
    Ok(Exit::Succeeded)
}
