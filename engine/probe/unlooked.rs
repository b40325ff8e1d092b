//! Why nothing could be looked at.

use thiserror::Error;

/// Why nothing could be looked at.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct Unlooked {
    /// As scripts catch it.
    pub code: &'static str,
    pub message: String,
}

impl Unlooked {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}
