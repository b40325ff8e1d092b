//! The way back to the AWS account that a run belongs to.

use tokio::runtime::Handle;

use crate::aws::client::{ConnectError, Haste};
use crate::journal::Journal;
use crate::report::Report;
use crate::run::cancel::Cancel;
use crate::run::life::{self, Connected};
use crate::run::live;
use crate::run::prepare::Prepared;

/// Connects as the run is pinned and checks the account; `None` for a run that uses no AWS.
pub(super) fn attempt(
    journal: &Journal,
    runtime: &Handle,
    cancel: &Cancel,
) -> Result<Result<Option<Connected>, ConnectError>, Report> {
    let Some(pinned) = &journal.started().target else {
        return Ok(Ok(None));
    };
    match live::connect(Some(&pinned.region), Haste::Calm, runtime, cancel) {
        Ok(connected) => {
            life::same_target(pinned, &connected.target)?;
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
    let haste = if prepared.tick {
        Haste::Brisk
    } else {
        Haste::Calm
    };
    let region = prepared.region.as_deref();
    let connect = || live::connect(region, haste, runtime, cancel);
    prepared.library.uses_aws().then(connect).transpose()
}
