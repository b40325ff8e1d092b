//! Times as people read them.

use std::time::Duration;

use jiff::Timestamp;

/// Returns `850 ms`, `4s`, `1m 32s`, `2h 05m` or `3d 04h`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        return format!("{} ms", duration.as_millis());
    }
    ticking(duration)
}

/// Like `duration` in whole seconds, for figures that count while they are looked at.
#[must_use]
pub fn ticking(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m {:02}s", seconds % 60),
        3600..86400 => format!("{hours}h {:02}m", minutes % 60),
        _ => format!("{days}d {:02}h", hours % 24),
    }
}

/// Returns UTC to the second: `2026-11-21T09:12:03Z`.
#[must_use]
pub fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Returns the time from `start` to `end`; none where the clock was set back between them.
#[must_use]
pub fn between(start: Timestamp, end: Timestamp) -> Duration {
    Duration::try_from(end.duration_since(start)).unwrap_or_default()
}

/// Returns milliseconds, as the JSON outputs have them.
#[must_use]
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{between, duration, stamp};

    #[test]
    fn durations_read_well() {
        let text = |millis| duration(Duration::from_millis(millis));
        assert_eq!(text(0), "0 ms");
        assert_eq!(text(850), "850 ms");
        assert_eq!(text(4_900), "4s");
        assert_eq!(text(92_000), "1m 32s");
        assert_eq!(text(7_500_000), "2h 05m");
        assert_eq!(text(273_600_000), "3d 04h");
    }

    #[test]
    fn stamps_are_utc_to_the_second() {
        let at = "2026-11-21T10:12:03.999+01:00".parse().unwrap();
        assert_eq!(stamp(at), "2026-11-21T09:12:03Z");
        assert_eq!(between(at, at), Duration::ZERO);
    }
}
