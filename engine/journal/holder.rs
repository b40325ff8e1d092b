//! The run that has a lock which runbooks share.

use serde::{Deserialize, Serialize};

/// Who has a lock, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub lock: String,
    pub run: String,
    pub runbook: String,
    pub pid: u32,
}
