//! What is in a memory, and what is said of one that was damaged.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

pub(super) type Values = BTreeMap<String, Value>;

/// What was found damaged when a memory was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    pub problem: String,
    /// Where the damaged memory is now.
    pub aside: PathBuf,
}
