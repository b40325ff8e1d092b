//! What is under way, as the live lines show it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::fault;
use crate::style::Paint;
use base::level::Level;
use run::event::Waiting;

/// The live part of a run. Times are since the view began.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) paint: Paint,
    pub(crate) id: String,
    /// Steps done that are in no other one.
    pub(crate) done: usize,
    /// In the order of the tree: what is within a step follows it.
    pub(crate) rows: Vec<Row>,
    /// Steps reused since the last line that scrolled up.
    pub(crate) reused: usize,
    /// What goes on outside any step.
    pub(crate) doing: Option<String>,
    pub(crate) told: fault::Told,
}

/// Something under way.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) since: Duration,
    pub(crate) state: State,
}

#[derive(Debug)]
pub(crate) enum State {
    Step(Step),
    /// As it was at the row's `since`.
    Wait(Waiting),
    Doubt {
        operation: String,
        reason: String,
    },
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) attempt: u32,
    /// Steps within it that are done.
    pub(crate) done: usize,
    /// Ids of what was made within it.
    pub(crate) made: Vec<String>,
    /// The calls that go on, by the branch that makes them.
    pub(crate) doing: BTreeMap<String, String>,
}

/// Returns whether a log line of this level is for the one who watches; the others are in the journal.
pub(crate) fn is_shown(level: Level) -> bool {
    level >= Level::Info
}
