//! Kills the process at a chosen entry, so that a rehearsal can try every one of them.
//!
//! `RUNBOOK_CRASH=before:7` kills just before entry 7 is written, `after:7` once it is durable. Read when a journal is
//! opened; anything else in the variable counts as nothing. A release build ignores it in a run that is not rehearsed.

use rustix::process::{Signal, getpid, kill_process};

use crate::entry::Target;
use crate::rehearsal::{self, Wish};

const VARIABLE: &str = "RUNBOOK_CRASH";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    Never,
    Before(u64),
    After(u64),
}

impl Crash {
    /// Returns where the run with this target is to be killed.
    pub(crate) fn of(target: Option<&Target>) -> Self {
        let value = std::env::var(VARIABLE).unwrap_or_default();
        Self::decide(&value, cfg!(debug_assertions), || {
            rehearsal::grants(target, Wish::Run)
        })
    }

    fn decide(value: &str, is_debug_build: bool, is_rehearsed: impl Fn() -> bool) -> Self {
        match Self::parse(value) {
            Self::Never => Self::Never,
            chosen if is_debug_build || is_rehearsed() => chosen,
            _ => Self::Never,
        }
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
    fn a_release_build_is_killed_in_a_rehearsal_only() {
        let decide = |is_debug, is_rehearsed| Crash::decide("after:1", is_debug, || is_rehearsed);
        assert_eq!(decide(false, false), Crash::Never);
        for (is_debug, is_rehearsed) in [(false, true), (true, false), (true, true)] {
            assert_eq!(decide(is_debug, is_rehearsed), Crash::After(1));
        }
    }

    #[test]
    fn reads_its_variable() {
        assert_eq!(Crash::parse("before:7"), Crash::Before(7));
        assert_eq!(Crash::parse("after:1"), Crash::After(1));
        for other in ["", "7", "before", "before:", "after:x", "during:3"] {
            assert_eq!(Crash::parse(other), Crash::Never, "{other}");
        }
    }
}
