//! Kills the process at a chosen entry, so that a rehearsal can try every one of them.
//!
//! `RUNBOOK_CRASH=before:7` kills just before entry 7 is written, `after:7` once it is durable. Read when a journal is
//! opened; anything else in the variable counts as nothing.

use rustix::process::{Signal, getpid, kill_process};

const VARIABLE: &str = "RUNBOOK_CRASH";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    Never,
    Before(u64),
    After(u64),
}

impl Crash {
    pub(crate) fn from_env() -> Self {
        std::env::var(VARIABLE).map_or(Self::Never, |value| Self::parse(&value))
    }

    pub(crate) fn before(self, seq: u64) {
        if self == Self::Before(seq) {
            kill();
        }
    }

    pub(crate) fn after(self, seq: u64) {
        if self == Self::After(seq) {
            kill();
        }
    }

    fn parse(value: &str) -> Self {
        let Some((when, seq)) = value.split_once(':') else {
            return Self::Never;
        };
        match (when, seq.parse()) {
            ("before", Ok(seq)) => Self::Before(seq),
            ("after", Ok(seq)) => Self::After(seq),
            _ => Self::Never,
        }
    }
}

/// Does not return: SIGKILL, because nothing may be tidied up on the way out.
fn kill() {
    while kill_process(getpid(), Signal::KILL).is_err() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_variable() {
        assert_eq!(Crash::parse("before:7"), Crash::Before(7));
        assert_eq!(Crash::parse("after:1"), Crash::After(1));
        for other in ["", "7", "before", "before:", "after:x", "during:3"] {
            assert_eq!(Crash::parse(other), Crash::Never, "{other}");
        }
    }
}
