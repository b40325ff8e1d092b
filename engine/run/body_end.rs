//! How the body of a `run::finally` ended, as the journal keeps it.

use rhai::Dynamic;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use base::fault::Fault;
use script::host::{Scripted, StopReason};
use script::{fault, value};

/// The name under which the end is recorded.
pub(super) const NAME: &str = "finally";

/// The code of a cleanup that failed.
pub(super) const NOT_CLEANED_UP: &str = "CleanupFailed";

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum BodyEnd {
    Succeeded { value: Value },
    Failed { error: Fault },
    Cancelled,
}

impl BodyEnd {
    /// Returns what is recorded of a body; a value of another shape was not written by this engine.
    pub(super) fn read(recorded: Value) -> Scripted<Self> {
        serde_json::from_value(recorded).map_err(|error| {
            fault::throw(&Fault::new(format!(
                "cannot read the record of `{NAME}`: {error}"
            )))
        })
    }

    /// Returns what the cleanup is told.
    pub(super) fn outcome(&self) -> Dynamic {
        value::to_script(&match self {
            Self::Succeeded { value } => json!({"state": "succeeded", "value": value}),
            Self::Failed { error } => json!({"state": "failed", "error": fault::caught(error)}),
            Self::Cancelled => json!({"state": "cancelled"}),
        })
    }

    /// Returns what the script gets once the cleanup is done.
    pub(super) fn result(&self) -> Scripted<Dynamic> {
        match self {
            Self::Succeeded { value } => Ok(value::to_script(value)),
            Self::Failed { error } => Err(fault::throw(error)),
            Self::Cancelled => Err(StopReason::CleanedUp.into()),
        }
    }

    /// Returns the error of a cleanup together with the one it came after.
    pub(super) fn not_cleaned_up(&self, cleanup: &Fault) -> Fault {
        let before = match self {
            Self::Succeeded { .. } => String::new(),
            Self::Failed { error } => format!("; before that: {}", error.described()),
            Self::Cancelled => "; before that the run was cancelled".into(),
        };
        let message = format!("the cleanup failed: {}{before}", cleanup.described());
        Fault {
            message,
            code: Some(NOT_CLEANED_UP.into()),
            thrown: None,
            ..cleanup.clone()
        }
    }
}
