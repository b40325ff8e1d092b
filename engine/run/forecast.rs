//! What a resume with edited scripts would do: the keys that are recorded, compared with the names in the scripts.
//!
//! No script runs and AWS is not asked. Whether an input has changed is found by the resume, which stops there.

mod compare;
mod data;
mod recorded;

use self::recorded::Recorded;
use super::caught_failures::CaughtFailures;
use journal::{Journal, JournalError};
use script::library::Change;
use script::names::Names;
use script::sources::Library;

pub use self::data::{Again, Because, Forecast, Orphan, Row, Tally};

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
