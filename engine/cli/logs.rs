//! `runbook logs`

use std::path::Path;
use std::time::Duration;

use super::state;
use crate::shared::Shared;
use base::clock;
use base::exit::Exit;
use base::report::{Report, Reports};
use journal::entry::Entry;
use ui::style::Page;
use ui::{Output, Reader, logs as view};

/// Between two looks at a log that is being written.
const POLL: Duration = Duration::from_millis(200);

/// Print a run's journal as lines
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run: its id, any unambiguous part of it, or `last`
    #[arg(default_value = "last")]
    run: String,
    /// Keep printing until the run ends
    #[arg(long, short)]
    follow: bool,
}

pub(super) fn logs(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let dir = state::run_dir(shared, &args.run)?;
    let mut offset = 0;
    loop {
        // Asked before reading: what a run wrote before it ended is then certainly read.
        let is_live = args.follow && journal::is_live(&dir)?;
        offset = print_new(&dir, offset, shared.output())?;
        if !is_live || offset == u64::MAX {
            return Ok(Exit::Succeeded);
        }
        clock::pause(POLL);
    }
}

/// Prints what came after `offset` and returns where to go on; the highest number when nobody reads any more.
fn print_new(dir: &Path, offset: u64, output: Output) -> Result<u64, Report> {
    let (entries, next) = journal::follow(dir, offset)?;
    let written = ui::stdout(|out| {
        entries
            .iter()
            .try_for_each(|entry| writeln!(out, "{}", line(entry, output)))
    });
    match written {
        Ok(Reader::Listening) => Ok(next),
        Ok(Reader::Gone) => Ok(u64::MAX),
        Err(error) => Err(Report::new(Exit::Failed, format!("cannot write: {error}"))),
    }
}

fn line(entry: &Entry, output: Output) -> String {
    match output {
        Output::Human | Output::Syslog => view::human(entry, Page::stdout()),
        Output::Json => view::json(entry),
    }
}
