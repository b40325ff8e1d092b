//! How long AWS is asked about what it may not show yet.

use std::time::Duration;

use super::cancel::Cancel;
use super::cloud::Found;
use base::clock::{Moment, Stopwatch};
use models::call::Failure;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// For so long after its intent a call may go out: throttling and lost connections are tried for less, and AWS takes a
/// signature for five minutes.
pub(super) const SENDING: Duration = Duration::from_mins(5);

/// Why a look came to nothing.
pub(super) enum PollError {
    Cancelled,
    Unreached(Failure),
}

/// How long AWS is asked before nothing found means nothing there.
pub(super) struct Patience<'a> {
    pub(super) window: Duration,
    pub(super) cancel: &'a Cancel,
    /// Runs since nothing can have been sent any more: AWS's reads lag behind that moment.
    pub(super) watch: Stopwatch,
}

impl Patience<'_> {
    /// Looks until something is found, or nothing was for the whole window.
    pub(super) fn poll(
        &self,
        look: impl Fn() -> Result<Found, Failure>,
    ) -> Result<Found, PollError> {
        loop {
            let found = look().map_err(|failure| self.cut_off_or_unreached(failure))?;
            if found != Found::Absent {
                return Ok(found);
            }
            let left = self.left();
            if left.is_zero() {
                return Ok(Found::Absent);
            }
            if self.cancel.sleep(left.min(PAUSE)) {
                return Err(PollError::Cancelled);
            }
        }
    }

    /// A look that Ctrl-C has cut off says nothing of AWS.
    fn cut_off_or_unreached(&self, failure: Failure) -> PollError {
        if self.cancel.is_set() {
            PollError::Cancelled
        } else {
            PollError::Unreached(failure)
        }
    }

    /// Looks until there is nothing, or the window is over.
    pub(super) fn until_none<E>(&self, mut look: impl FnMut() -> Result<bool, E>) -> Result<(), E> {
        loop {
            let left = self.left();
            if look()? || left.is_zero() || self.cancel.sleep(left.min(PAUSE)) {
                return Ok(());
            }
        }
    }

    fn left(&self) -> Duration {
        self.window.saturating_sub(self.watch.elapsed())
    }
}

/// What is left of the window for an effect whose intent was written then: nothing once it is over for certain, else
/// all of it. When the call last went out is not recorded.
pub(super) fn window_after(written: Option<&Moment>, window: Duration) -> Duration {
    let passed = written.and_then(Moment::elapsed);
    if passed.is_some_and(|passed| passed >= window.saturating_add(SENDING)) {
        Duration::ZERO
    } else {
        window
    }
}
