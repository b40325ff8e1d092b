//! The only place that reads the time or sleeps.

#![expect(clippy::disallowed_methods, reason = "this is the place")]

use std::future::Future;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::time::error::Elapsed;

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

/// Measures elapsed time; not affected by changes of the wall clock.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
