//! Why a deletion does not come about, and whether that may pass.

use rhai::Dynamic;

use crate::conductor::Conductor;
use base::command::Command;
use base::exit::Exit;
use base::fault::Fault;
use base::report::Report;
use knowledge::consistency_retryable;
use script::fault;
use script::host::{Scripted, StopReason, stop_reason};

/// What AWS answers while something else is not gone yet.
pub(super) const BUSY: &[&str] = &[
    "DependencyViolation",
    "DeleteConflict",
    "IncorrectState",
    "InvalidIPAddress.InUse",
    "InvalidNetworkInterface.InUse",
    "InvalidParameterValue",
    "OperationInProgress",
    "ResourceInUse",
    "ValidationException",
    "VolumeInUse",
];

/// What AWS answers if the thing is not there, beside what [`consistency_retryable`] knows.
const GONE: &[&str] = &[
    "Gateway.NotAttached",
    "InvalidAttachmentID.NotFound",
    "InvalidPermission.NotFound",
    "InvalidRoute.NotFound",
    "NoSuchEntity",
];

/// Why a deletion did not come about.
pub(super) enum Undeleted {
    Stop(StopReason),
    Refused(Fault),
}

impl From<StopReason> for Undeleted {
    fn from(stop: StopReason) -> Self {
        Self::Stop(stop)
    }
}

pub(super) fn is_busy(fault: &Fault) -> bool {
    fault
        .code
        .as_deref()
        .is_some_and(|code| BUSY.contains(&code))
}

pub(super) fn is_gone(fault: &Fault) -> bool {
    let known = |code: &str| GONE.contains(&code) || consistency_retryable(code);
    fault.code.as_deref().is_some_and(known)
}

pub(super) fn waited(result: Scripted<Dynamic>) -> Result<(), Undeleted> {
    match result {
        Ok(_) => Ok(()),
        Err(error) => Err(match stop_reason(&error) {
            Some(stop) => Undeleted::Stop(stop),
            None => Undeleted::Refused(fault::fault(&error)),
        }),
    }
}

pub(super) fn broken(report: Report) -> Undeleted {
    Undeleted::Stop(StopReason::Journal(Box::new(report)))
}

impl Undeleted {
    pub(super) fn fault(&self) -> Fault {
        match self {
            Self::Refused(fault) => fault.clone(),
            Self::Stop(stop) => Fault {
                message: stop.to_string(),
                ..Fault::default()
            },
        }
    }

    pub(super) fn report(self, conductor: &Conductor, error: &Fault) -> Report {
        let again = Command::undo(conductor.recorder.id());
        match self {
            Self::Stop(StopReason::Journal(report)) if report.exit != Exit::Interrupted => {
                report.hint(again)
            }
            Self::Stop(StopReason::InDoubt(undecided)) => Report::new(
                Exit::InDoubt,
                format!("`{}` is in doubt: {}", undecided.key, undecided.reason),
            )
            .hint(again),
            _ if conductor.control.cancel.is_set() => {
                let said = "interrupted; the deletions so far are recorded";
                Report::new(Exit::Interrupted, said).hint(again)
            }
            _ => Report::new(Exit::Failed, "the undo is incomplete")
                .cause(error.described())
                .hint(again),
        }
    }
}
