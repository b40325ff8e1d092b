//! Why there is no model, or no operation in it.

use thiserror::Error;

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ModelError {
    #[error("no AWS service `{name}`{}", suggestion(nearest.as_deref()))]
    UnknownService {
        name: String,
        nearest: Option<String>,
    },
    #[error("service `{service}` has no operation `{name}`{}", suggestion(nearest.as_deref()))]
    UnknownOperation {
        service: String,
        name: String,
        nearest: Option<String>,
    },
    #[error("the model of `{service}` cannot be used: {reason}")]
    Unusable { service: String, reason: String },
}

/// Returns `; did you mean …?`, or nothing.
#[must_use]
pub fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}
