//! What a resume with edited scripts would do: the keys that are recorded, compared with the names in the scripts.
//!
//! No script runs and AWS is not asked. Whether an input has changed is found by the resume, which stops there.

mod compare;
mod recorded;

use serde::Serialize;

use self::recorded::Recorded;
use super::caught_failures::CaughtFailures;
use journal::{Journal, JournalError, Kind};
use script::library::Change;
use script::names::Names;
use script::sources::Library;

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

/// Compares what is recorded with the edited scripts. Nothing is written and nothing is asked.
pub fn forecast(
    journal: &Journal,
    edited: &Library,
    files: Vec<Change>,
) -> Result<Forecast, JournalError> {
    let entries = journal.entries()?;
    let recorded = Recorded::of(journal, &entries)?;
    let mut forecast = Forecast {
        run: journal.id().to_string(),
        files,
        recorded: recorded.tally(),
        reused: Vec::new(),
        new: Vec::new(),
        orphaned: Vec::new(),
        tried_again: Vec::new(),
    };
    let pinned = Names::of(&Library::pinned(&journal.sources()));
    let (caught, names) = (CaughtFailures::of(&entries), Names::of(edited));
    compare::compare(&recorded, &caught, &names, &mut forecast);
    forecast.new = compare::new(&recorded, &pinned, &names);
    Ok(forecast)
}
