//! The way back to the AWS account that a run belongs to.

use tokio::runtime::Runtime;

use crate::aws::client::ConnectError;
use crate::exit::Exit;
use crate::journal::Journal;
use crate::report::Report;
use crate::run::life::{self, Connected, Surroundings};
use crate::run::live;

/// Connects as the run is pinned; `None` for a run that uses no AWS.
pub(super) fn again(
    journal: &Journal,
    runtime: &Runtime,
    around: &Surroundings,
) -> Result<Option<Connected>, Report> {
    let started = journal.started();
    let Some(pinned) = &started.target else {
        return Ok(None);
    };
    let connected = live::connect(Some(&pinned.region), runtime.handle(), &around.cancel)
        .map_err(unconnected)?;
    life::same_target(Some(pinned), Some(&connected.target))?;
    Ok(Some(connected))
}

/// AWS that cannot be reached is no mistake of the caller's.
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
