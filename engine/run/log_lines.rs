//! Log lines in the journal: each of a sane length, and no more of them once the journal is large.
//!
//! A script that logs without end would fill the disk, and steps and effects need what room there is.

use std::sync::atomic::{AtomicU64, Ordering};

use super::conductor::Conductor;
use super::event::Event;
use base::level::Level;
use journal::Durability;
use journal::entry::Record;
use script::host::Stop;

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
}

impl Conductor {
    /// Shows a line and records it, as long as the journal has room for such.
    pub(super) fn say(
        &self,
        scope: String,
        level: Level,
        message: String,
        durability: Durability,
    ) -> Result<(), Stop> {
        let message = cut(message);
        let lines = &self.log_lines;
        if self.journal.size() < lines.limit {
            return self.record_line(scope, level, message, durability);
        }
        self.show(scope, level, message);
        if lines.refused.fetch_add(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        let warning = format!(
            "the journal has {} MiB: from now on log lines are shown but not recorded; {LIMIT_VARIABLE} sets a higher limit",
            lines.limit >> 20
        );
        self.record_line(String::new(), Level::Warn, warning, durability)
    }

    /// Says at the end how many lines are missing.
    pub(super) fn count_refused(&self) -> Result<(), Stop> {
        match self.log_lines.refused.load(Ordering::SeqCst) {
            0 => Ok(()),
            count => {
                let told = format!("log lines shown but not recorded: {count}");
                self.record_line(String::new(), Level::Warn, told, Durability::Lazy)
            }
        }
    }

    fn record_line(
        &self,
        scope: String,
        level: Level,
        message: String,
        durability: Durability,
    ) -> Result<(), Stop> {
        self.show(scope.clone(), level, message.clone());
        let record = Record::Logged {
            scope,
            level,
            message,
        };
        self.append(record, durability)
    }

    fn show(&self, scope: String, level: Level, message: String) {
        self.tell(&Event::Log {
            scope,
            level,
            message,
        });
    }
}

/// Cuts a line that is too long, and says how much is missing.
fn cut(mut message: String) -> String {
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
