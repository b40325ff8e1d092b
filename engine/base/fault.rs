//! An error as a script throws it and a journal keeps it.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// An error as the journal keeps it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    pub message: String,
    /// AWS's error code, or ours.
    pub code: Option<String>,
    pub service: Option<String>,
    pub operation: Option<String>,
    pub request_id: Option<String>,
    /// `file:line` in the script.
    pub place: Option<String>,
    /// What else this kind of error says, such as a command's exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
    /// What a script catches, where that is not the map that the other fields make.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub thrown: Option<Box<Value>>,
}

/// A script may throw `()`: a member that is there with null is not one that is absent.
fn present<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Box<Value>>, D::Error> {
    Box::deserialize(reader).map(Some)
}

impl Fault {
    /// Returns an error without a code, which no script is meant to tell from others.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// Returns an error with one of the engine's codes.
    #[must_use]
    pub fn coded(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: Some(code.into()),
            ..Self::new(message)
        }
    }

    /// Says which call it is of.
    #[must_use]
    pub fn of_call(mut self, service: &str, operation: &str) -> Self {
        self.service = Some(service.into());
        self.operation = Some(operation.into());
        self
    }
    /// Returns `Code: message`.
    #[must_use]
    pub fn described(&self) -> String {
        match &self.code {
            Some(code) => format!("{code}: {}", self.message),
            None => self.message.clone(),
        }
    }
}
