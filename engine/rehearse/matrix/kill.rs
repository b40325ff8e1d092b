//! Where a process is killed.

use std::fmt;
use std::str::FromStr;

pub(super) const EXPECTED: &str =
    "expected before:N or after:N, or several with commas between them";

/// Where a process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kill {
    pub when: When,
    /// Of the entry.
    pub seq: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The entry is not written.
    Before,
    /// The entry is durable.
    After,
}

impl fmt::Display for Kill {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = match self.when {
            When::Before => "before",
            When::After => "after",
        };
        write!(formatter, "{when}:{}", self.seq)
    }
}

impl FromStr for Kill {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (when, seq) = text.split_once(':').ok_or(EXPECTED)?;
        let when = match when {
            "before" => When::Before,
            "after" => When::After,
            _ => return Err(EXPECTED.into()),
        };
        match seq.parse() {
            Ok(seq) if seq > 0 => Ok(Self { when, seq }),
            _ => Err(EXPECTED.into()),
        }
    }
}
