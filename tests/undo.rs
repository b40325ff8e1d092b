//! `runbook undo`: what a run made is taken down, in the right order, and nothing else is touched.

mod whole;

use crate::harness::{Ended, Test};

/// Undoes the latest run without asking.
fn undo(test: &Test) -> Ended {
    test.runbook(&["undo", "last", "--yes", "--timeout", "5s"])
}
