//! The way back to the AWS account that a run belongs to.

use tokio::runtime::Runtime;

use crate::aws::client::ConnectError;
use crate::exit::Exit;
use crate::journal::Journal;
use crate::report::Report;
use crate::run::cancel::Cancel;
use crate::run::life::{self, Connected};
use crate::run::live;

/// Connects as the run is pinned and checks the account; `None` for a run that uses no AWS.
pub(super) fn attempt(
    journal: &Journal,
    runtime: &Runtime,
    cancel: &Cancel,
) -> Result<Result<Option<Connected>, ConnectError>, Report> {
    let Some(pinned) = &journal.started().target else {
        return Ok(Ok(None));
    };
    match live::connect(Some(&pinned.region), runtime.handle(), cancel) {
        Ok(connected) => {
            life::same_target(pinned, &connected.target)?;
            Ok(Ok(Some(connected)))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// AWS that cannot be reached is no mistake of the caller's: the run is as resumable as before.
pub(super) fn unconnected(error: ConnectError) -> Report {
    let exit = if matches!(error, ConnectError::Unreachable { .. }) {
        Exit::Failed
    } else {
        Exit::Usage
    };
    Report {
        exit,
        ..Report::from(error)
    }
}
