//! The way back to the AWS account that a run belongs to.

use tokio::runtime::Runtime;

use crate::aws::client::ConnectError;
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
