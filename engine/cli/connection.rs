//! The way back to the AWS account that a run belongs to.

use tokio::runtime::Handle;

use aws::client::{ConnectError, Pace};
use base::command::Command;
use base::report::Report;
use journal::Journal;
use run::aws_backend::Way;
use run::cancel::Cancel;
use run::life::Connected;
use run::pinned;
use run::prepare::Prepared;
use script::sources::Library;

/// Connects as the run is pinned and checks endpoints and account; `None` for a run that uses no AWS.
///
/// `again` is what was typed.
pub(super) fn attempt(
    journal: &Journal,
    runtime: &Handle,
    cancel: &Cancel,
    again: &Command,
) -> Result<Result<Option<Connected>, ConnectError>, Report> {
    let started = journal.started();
    let Some(target) = &started.target else {
        return Ok(Ok(None));
    };
    let way = match Way::find(Some(&target.region), Pace::Run, runtime, cancel) {
        Ok(way) => way,
        Err(error) => return Ok(Err(error)),
    };
    // Those that the run began with: what an edit brings in, it has not called anywhere yet.
    let endpoints = way.endpoints(&Library::pinned(&started.sources).services());
    pinned::same_endpoints(target, &endpoints, again)?;
    match way.connect(endpoints) {
        Ok(connected) => {
            pinned::same_account(target, &connected.target)?;
            Ok(Ok(Some(connected)))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// Connects to AWS if the runbook uses it; a tick has no time to try for long.
pub(super) fn first(
    prepared: &Prepared,
    runtime: &Handle,
    cancel: &Cancel,
) -> Result<Option<Connected>, ConnectError> {
    let services = prepared.library.services();
    if services.is_empty() {
        return Ok(None);
    }
    let pace = if prepared.tick { Pace::Tick } else { Pace::Run };
    let way = Way::find(prepared.region.as_deref(), pace, runtime, cancel)?;
    let endpoints = way.endpoints(&services);
    way.connect(endpoints).map(Some)
}
