//! How long the client waits and how often it tries; all of it is here.

use std::time::Duration;

/// Seconds for a whole attempt, from connecting to the last byte of the reply.
pub const TIMEOUT_VARIABLE: &str = "RUNBOOK_CALL_TIMEOUT";

/// How long a call may take and how often it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// For a run, which has time.
    Run,
    /// For a tick, which the next one makes up for: no call takes longer than half a minute, whatever AWS does.
    Tick,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) connect: Duration,
    pub(super) attempt: Duration,
    /// For how long throttling is answered with another try.
    pub(super) throttled: Duration,
    pub(super) unreachable_attempts: u32,
    /// Where a repetition is safe.
    pub(super) lost_attempts: u32,
    /// The first pause at most; each doubles the one before, up to the longest.
    pub(super) first_pause: Duration,
    pub(super) longest_pause: Duration,
}

impl Limits {
    pub(super) const STANDARD: Self = Self {
        connect: Duration::from_secs(5),
        attempt: Duration::from_mins(1),
        throttled: Duration::from_mins(1),
        unreachable_attempts: 3,
        lost_attempts: 4,
        first_pause: Duration::from_millis(500),
        longest_pause: Duration::from_secs(10),
    };

    pub(super) const TICK: Self = Self {
        connect: Duration::from_secs(3),
        attempt: Duration::from_secs(10),
        throttled: Duration::from_secs(10),
        unreachable_attempts: 2,
        lost_attempts: 2,
        first_pause: Duration::from_millis(500),
        longest_pause: Duration::from_secs(2),
    };

    pub(super) fn from_environment(pace: Pace) -> Self {
        let preset = match pace {
            Pace::Run => Self::STANDARD,
            Pace::Tick => Self::TICK,
        };
        let seconds = std::env::var(TIMEOUT_VARIABLE)
            .ok()
            .and_then(|seconds| seconds.parse().ok());
        let attempt = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        attempt
            .filter(|attempt| !attempt.is_zero())
            .map_or(preset, |attempt| preset.within(attempt))
    }

    /// Connecting fits into the attempt with room to spare, so that a slow connection is known to be one.
    fn within(self, attempt: Duration) -> Self {
        Self {
            attempt,
            connect: self.connect.min(attempt / 2),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Limits;

    #[test]
    fn connecting_ends_before_the_attempt_does() {
        let short = Limits::STANDARD.within(Duration::from_secs(2));
        assert_eq!(
            (short.attempt, short.connect),
            (Duration::from_secs(2), Duration::from_secs(1))
        );
        assert_eq!(
            Limits::STANDARD.within(Duration::from_mins(2)).connect,
            Duration::from_secs(5)
        );
    }
}
