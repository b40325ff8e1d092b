//! When a wait is over, by a clock that nobody sets.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use base::clock::{self, Moment};
use journal::state::Wait;
use script::host::Pace;

pub(super) struct Deadline {
    pub(super) until: Moment,
    /// The same for people, and for a later boot.
    pub(super) at: Option<Timestamp>,
}

impl Deadline {
    pub(super) fn after(left: Duration) -> Self {
        Self {
            until: Moment::after(left),
            at: from_now(left),
        }
    }

    /// Returns the deadline of a wait that a crash cut off: after a reboot only the wall clock tells, and it is not
    /// believed beyond the whole.
    pub(super) fn kept(wait: &Wait, pace: &Pace) -> Option<Self> {
        let deadline = wait.deadline?;
        if let Some(until) = wait.until.clone().filter(|until| until.left().is_some()) {
            let at = Some(deadline);
            return Some(Self { until, at });
        }
        let left = Duration::try_from(deadline.duration_since(clock::now())).unwrap_or_default();
        Some(Self::after(
            pace.timeout.map_or(left, |whole| left.min(whole)),
        ))
    }
}

fn from_now(timeout: Duration) -> Option<Timestamp> {
    clock::now()
        .checked_add(SignedDuration::try_from(timeout).ok()?)
        .ok()
}
