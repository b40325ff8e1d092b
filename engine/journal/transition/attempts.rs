//! The attempts of steps and waits.

use crate::entry::Record;
use crate::state::Progress;

pub(super) fn follows(attempt: u32, last: u32) -> bool {
    last.checked_add(1) == Some(attempt)
}

/// Returns the attempt of a step or wait that the record is about, and what the record makes of it.
pub(super) fn progress(record: &Record) -> Option<(u32, Progress)> {
    Some(match record {
        Record::StepStarted { attempt, .. } => (*attempt, Progress::Started),
        Record::WaitStarted(started) => (started.attempt, Progress::Started),
        Record::StepFinished { attempt, value, .. }
        | Record::WaitFinished { attempt, value, .. } => {
            let value = value.clone();
            (*attempt, Progress::Finished { value })
        }
        Record::StepFailed { attempt, error, .. } | Record::WaitFailed { attempt, error, .. } => {
            let error = error.clone();
            (*attempt, Progress::Failed { error })
        }
        _ => return None,
    })
}

/// What a step or wait was before.
pub(super) enum Before<'a> {
    Nothing,
    /// With the number of its last attempt.
    Forgotten(u32),
    Known(u32, &'a Progress),
}

impl Before<'_> {
    /// Returns whether it may come to `state`; started again while started is a crash in between.
    pub(super) fn leads_to(&self, attempt: u32, state: &Progress) -> bool {
        match (self, state) {
            (Self::Nothing, Progress::Started) => attempt == 1,
            (
                Self::Forgotten(last)
                | Self::Known(last, Progress::Started | Progress::Failed { .. }),
                Progress::Started,
            ) => follows(attempt, *last),
            (
                Self::Known(last, Progress::Started),
                Progress::Finished { .. } | Progress::Failed { .. },
            ) => attempt == *last,
            _ => false,
        }
    }
}
