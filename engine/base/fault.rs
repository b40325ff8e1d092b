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
    /// Returns `Code: message`.
    #[must_use]
    pub fn described(&self) -> String {
        match &self.code {
            Some(code) => format!("{code}: {}", self.message),
            None => self.message.clone(),
        }
    }
}
