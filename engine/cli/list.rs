//! `runbook list`

use super::state;
use crate::shared::Shared;
use base::clock;
use base::exit::Exit;
use base::report::Reports;
use journal::Listed;
use ui::Output;
use ui::list::{RunLine, Status, human, json};
use ui::style::Page;

/// List the runs, oldest first
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn list(_: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let state_dir = state::state_dir(shared)?;
    let lines = state_dir.runs(line)?;
    if lines.is_empty() {
        ui::tell(&format!(
            "there are no runs in `{}`",
            state_dir.path().display()
        ));
    }
    let now = clock::now();
    ui::print(|out| match shared.output() {
        Output::Human | Output::Syslog => human(out, Page::stdout(), &lines, now),
        Output::Json => json(out, &lines, now),
    })?;
    Ok(Exit::Succeeded)
}

fn line(run: Listed) -> RunLine {
    let id = run.id.to_string();
    let Ok(summary) = run.summary else {
        return RunLine {
            id,
            runbook: None,
            status: Status::Broken,
            started: None,
            ended: None,
            attempt: None,
        };
    };
    let (status, ended) = match &summary.status {
        journal::Status::Live { .. } => (Status::Live, None),
        journal::Status::Interrupted => (Status::Interrupted, None),
        journal::Status::Undoing => (Status::Undoing, None),
        journal::Status::Ended(ending) => (Status::from(ending), Some(summary.last_at)),
    };
    RunLine {
        id,
        runbook: Some(summary.runbook),
        status,
        started: Some(summary.started_at),
        ended,
        attempt: summary.attempt,
    }
}
