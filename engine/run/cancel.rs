//! Ctrl-C, as everything that waits sees it.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use base::clock::Stopwatch;

/// The clock of a condition variable stands still while the host is suspended: time is up so late at most.
const SLICE: Duration = Duration::from_secs(5);

thread_local! {
    /// Set while this thread cleans up.
    static SHIELDED: Cell<bool> = const { Cell::new(false) };
}

/// A flag that wakes those who sleep on it.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Inner>);

#[derive(Default)]
struct Inner {
    set: AtomicBool,
    /// Not even what is under way is waited for.
    cut: AtomicBool,
    guard: Mutex<()>,
    changed: Condvar,
    waiters: Notify,
}

/// What lets a cleanup go on while the flag is set. Each thread has its own; those that it starts get it from it.
#[derive(Clone, Copy)]
pub(super) struct Shield(bool);

impl Shield {
    pub(super) const UP: Self = Self(true);

    pub(super) fn here() -> Self {
        Self(SHIELDED.get())
    }

    pub(super) fn is_up(self) -> bool {
        self.0
    }

    pub(super) fn around<T>(self, body: impl FnOnce() -> T) -> T {
        let before = SHIELDED.replace(self.0);
        let value = body();
        SHIELDED.set(before);
        value
    }
}

impl Cancel {
    pub fn set(&self) {
        let _guard = self.0.guard.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.set.store(true, Ordering::SeqCst);
        self.0.changed.notify_all();
        self.0.waiters.notify_waiters();
    }

    /// Sets the flag, for what else would go on to its end too.
    pub fn cut(&self) {
        self.0.cut.store(true, Ordering::SeqCst);
        self.set();
    }

    /// Whether the flag is set for this thread: what cleans up goes on.
    #[must_use]
    pub fn is_set(&self) -> bool {
        !SHIELDED.get() && self.was_set()
    }

    #[must_use]
    pub fn was_set(&self) -> bool {
        self.0.set.load(Ordering::SeqCst)
    }

    /// Lets those who sleep look again at what else may end their sleep.
    pub(super) fn wake(&self) {
        let _guard = self.0.guard.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.changed.notify_all();
    }

    /// Waits until the flag is set.
    pub async fn cancelled(&self) {
        self.until(|| self.is_set()).await;
    }

    /// Waits until not even what is under way is waited for.
    pub async fn cut_off(&self) {
        self.until(|| self.0.cut.load(Ordering::SeqCst)).await;
    }

    async fn until(&self, is_set: impl Fn() -> bool) {
        loop {
            // Listening before looking: a flag set in between is not missed.
            let notified = self.0.waiters.notified();
            if is_set() {
                return;
            }
            notified.await;
        }
    }

    /// Sleeps for so long, or until the flag is set; returns whether it is.
    #[must_use]
    pub fn sleep(&self, duration: Duration) -> bool {
        self.sleep_unless(duration, || false)
    }

    /// Sleeps for so long, or until the flag is set or `over`, which is asked again whenever somebody wakes the sleepers;
    /// returns whether it was cut short.
    #[must_use]
    pub(super) fn sleep_unless(&self, duration: Duration, over: impl Fn() -> bool) -> bool {
        let watch = Stopwatch::start();
        let mut guard = self.0.guard.lock().unwrap_or_else(PoisonError::into_inner);
        while !self.is_set() && !over() {
            let Some(left) = duration
                .checked_sub(watch.elapsed())
                .filter(|left| !left.is_zero())
            else {
                return false;
            };
            guard = self
                .0
                .changed
                .wait_timeout(guard, left.min(SLICE))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn setting_it_ends_an_asynchronous_wait() {
        let cancel = Cancel::default();
        let other = cancel.clone();
        let waiter = tokio::spawn(async move { other.cancelled().await });
        tokio::task::yield_now().await;
        cancel.set();
        waiter.await.unwrap();
        cancel.cancelled().await;
    }

    #[test]
    fn setting_it_ends_a_sleep() {
        let cancel = Cancel::default();
        assert!(!cancel.sleep(Duration::ZERO));
        let other = cancel.clone();
        let sleeper = std::thread::spawn(move || other.sleep(Duration::from_hours(1)));
        cancel.set();
        assert!(sleeper.join().unwrap());
    }
}
