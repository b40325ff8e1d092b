//! The only place that reads the time or sleeps.

#![expect(clippy::disallowed_methods, reason = "this is the place")]

use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::error::Elapsed;

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Returns the wall-clock time.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Returns the time since this host was booted, suspensions included; setting the wall clock does not change it.
#[must_use]
pub fn since_boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// Returns the id of this boot of this host; empty where the system does not say.
pub fn boot_id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| {
        let id = std::fs::read_to_string(BOOT_ID).unwrap_or_default();
        id.trim().to_owned()
    })
}

/// A point in time that no change of the wall clock moves: it can be recorded, and counts in the same boot only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub boot: String,
    /// Microseconds since that boot, suspensions included; a test may put it before.
    pub us: i64,
}

impl Moment {
    #[must_use]
    pub fn now() -> Self {
        Self::after(Duration::ZERO)
    }

    #[must_use]
    pub fn after(duration: Duration) -> Self {
        let since_boot = since_boot().saturating_add(duration);
        Self {
            boot: boot_id().to_owned(),
            us: i64::try_from(since_boot.as_micros()).unwrap_or(i64::MAX),
        }
    }

    /// Returns how long ago it was; `None` of another boot, and of what is yet to come.
    #[must_use]
    pub fn elapsed(&self) -> Option<Duration> {
        let passed = Self::now().us.saturating_sub(self.of_this_boot()?);
        u64::try_from(passed).ok().map(Duration::from_micros)
    }

    /// Returns how long it is until then, zero if it is past; `None` of another boot.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let left = self.of_this_boot()?.saturating_sub(Self::now().us);
        Some(Duration::from_micros(u64::try_from(left).unwrap_or(0)))
    }

    fn of_this_boot(&self) -> Option<i64> {
        (!self.boot.is_empty() && self.boot == boot_id()).then_some(self.us)
    }
}

pub async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Blocks the calling thread.
pub fn pause(duration: Duration) {
    std::thread::sleep(duration);
}

/// Gives `future` so much time.
pub async fn timeout<F: Future>(duration: Duration, future: F) -> Result<F::Output, Elapsed> {
    tokio::time::timeout(duration, future).await
}

/// Measures elapsed time, suspensions included; not affected by changes of the wall clock.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Duration);

impl Stopwatch {
    #[must_use]
    pub fn start() -> Self {
        Self(since_boot())
    }

    #[must_use]
    pub fn elapsed(&self) -> Duration {
        since_boot().saturating_sub(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_counts_in_its_own_boot_only() {
        let hour = Duration::from_hours(1);
        let then = Moment::after(hour);
        assert!(then.left() > Some(hour / 2) && then.elapsed().is_none());
        let before = Moment {
            us: Moment::now().us - 3_600_000_000,
            ..then.clone()
        };
        assert!(before.elapsed() >= Some(hour) && before.left() == Some(Duration::ZERO));
        for boot in ["another", ""] {
            let elsewhere = Moment {
                boot: boot.into(),
                ..before.clone()
            };
            assert_eq!((elsewhere.elapsed(), elsewhere.left()), (None, None));
        }
    }
}
