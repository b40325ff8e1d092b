//! What a forecast says.

use serde::Serialize;

use journal::Kind;
use script::library::Change;

/// What changed, what is recorded, and what would become of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forecast {
    pub run: String,
    pub files: Vec<Change>,
    pub recorded: Tally,
    pub reused: Vec<Row>,
    /// Names of steps and waits that the edit brought in.
    pub new: Vec<Row>,
    /// Recorded, but the scripts do not name it any more.
    pub orphaned: Vec<Orphan>,
    pub tried_again: Vec<Again>,
}

/// How much is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub steps: usize,
    pub effects: usize,
    pub waits: usize,
    pub values: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    pub key: String,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Orphan {
    pub key: String,
    pub kind: Kind,
    /// What it made, itself or in it, and what stays in AWS.
    pub made: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Again {
    pub key: String,
    pub kind: Kind,
    pub because: Because,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    Failed,
    CutOff,
    InDoubt,
}
