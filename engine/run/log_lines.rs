//! Log lines in the journal: each of a sane length, and no more of them once the journal is large.
//!
//! A script that logs without end would fill the disk, and steps and effects need what room there is.

use std::sync::atomic::{AtomicU64, Ordering};

/// The longest line that is kept, in bytes.
pub const LONGEST: usize = 64 << 10;

/// Sets how large a journal may be that log lines are written to, in MiB.
pub const LIMIT_VARIABLE: &str = "RUNBOOK_JOURNAL_LIMIT";

/// The journal's size, in bytes, from which on no log lines are kept, and how many were not.
pub(super) struct LogLines {
    limit: u64,
    refused: AtomicU64,
}

impl LogLines {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            refused: AtomicU64::default(),
        }
    }

    /// Whether a journal of this size takes more of them.
    pub(super) fn have_room(&self, size: u64) -> bool {
        size < self.limit
    }

    /// Counts a line that is not kept; returns what to say of the first one.
    pub(super) fn refuse(&self) -> Option<String> {
        let is_first = self.refused.fetch_add(1, Ordering::SeqCst) == 0;
        is_first.then(|| {
            format!(
                "the journal has {} MiB: from now on log lines are shown but not recorded; {LIMIT_VARIABLE} sets a higher limit",
                self.limit >> 20
            )
        })
    }

    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::SeqCst)
    }
}

/// Cuts a line that is too long, and says how much is missing.
pub(super) fn cut(mut message: String) -> String {
    let end = message.floor_char_boundary(LONGEST);
    let missing = message.len() - end;
    if missing == 0 {
        return message;
    }
    message.truncate(end);
    format!("{message}… [{missing} more bytes were cut off]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_between_two_characters() {
        let whole = "x".repeat(LONGEST);
        assert_eq!(cut(whole.clone()), whole);
        let long = format!("{}é!", "x".repeat(LONGEST - 1));
        let expected = format!("{}… [3 more bytes were cut off]", "x".repeat(LONGEST - 1));
        assert_eq!(cut(long), expected);
    }
}
