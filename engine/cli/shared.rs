//! Options of every command.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use ui::Output;

pub(super) const STATE_DIR: &str = "Keep runs in this directory [default: $RUNBOOK_STATE_DIR, $XDG_STATE_HOME/runbook or ~/.local/state/runbook]";

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub(super) struct Shared {
    #[arg(long, global = true, value_name = "DIR", help = STATE_DIR, display_order = 100)]
    pub(crate) state_dir: Option<PathBuf>,
    /// Choose who reads the output: people, a program (JSON lines), or a system's log (`<N>` lines)
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "human",
        display_order = 101
    )]
    pub(crate) output: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Human,
    Json,
    Syslog,
}

impl Shared {
    pub(crate) fn output(&self) -> Output {
        match self.output {
            Format::Human => Output::Human,
            Format::Json => Output::Json,
            Format::Syslog => Output::Syslog,
        }
    }
}
