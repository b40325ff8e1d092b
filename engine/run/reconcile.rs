//! Settles an effect in doubt by asking AWS.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::cloud::Found;
use super::conductor::Conductor;
use super::effect::{Issue, Unfinished, fault_of};
use super::event::Event;
use crate::aws::call::Failure;
use crate::clock;
use crate::journal::entry::{Fault, Settled};
use crate::script::host::Stop;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// After so many calls without a reply the next is for a resume.
const MOST_LOST: u32 = 3;

/// Why a look came to nothing.
enum Trouble {
    Cancelled,
    Unreached(Failure),
}

impl Trouble {
    fn stop(self, issue: &Issue) -> Stop {
        match self {
            Self::Cancelled => Stop::Cancelled,
            Self::Unreached(failure) => Stop::Unreached {
                key: issue.intent.key.clone(),
                reason: fault_of(&failure).message,
            },
        }
    }
}

impl Conductor {
    /// `begun` is when the effect was issued, if that is known: AWS's reads lag behind that moment.
    pub(super) fn reconcile(
        &self,
        issue: Issue,
        reason: &str,
        begun: Option<Timestamp>,
    ) -> Result<Value, Unfinished> {
        let (key, operation) = (issue.intent.key.clone(), issue.operation());
        self.tell(&Event::EffectInDoubt {
            key,
            operation,
            reason: reason.into(),
        });
        let found = self.poll(begun, || {
            self.cloud()?
                .look_up(issue.effect, &issue.intent.input, &issue.identity)
        });
        match found.map_err(|trouble| trouble.stop(&issue))? {
            Found::Done(output) => self.finish(&issue, output, None, Settled::Adopted),
            Found::CallAgain => self.again(
                Issue {
                    doubtful: true,
                    ..issue
                },
                reason,
            ),
            Found::Absent => self.again(
                Issue {
                    doubtful: false,
                    ..issue
                },
                reason,
            ),
            Found::Unknowable(why) => Err(undecided(&issue, reason, &why).into()),
        }
    }

    /// A repeated call was refused because it is there already: by our earlier attempt, or by somebody else.
    pub(super) fn repeated(&self, issue: &Issue, refusal: Fault) -> Result<Value, Unfinished> {
        let found = self.poll(Some(clock::now()), || {
            self.cloud()?
                .look_again(issue.effect, &issue.intent.input, &issue.identity)
        });
        match found.map_err(|trouble| trouble.stop(issue))? {
            Found::Done(output) => self.finish(issue, output, None, Settled::Adopted),
            Found::CallAgain | Found::Absent | Found::Unknowable(_) => self.refuse(issue, refusal),
        }
    }

    /// Looks until something is found, or nothing was for the whole window.
    fn poll(
        &self,
        begun: Option<Timestamp>,
        look: impl Fn() -> Result<Found, Failure>,
    ) -> Result<Found, Trouble> {
        loop {
            let found = look().map_err(Trouble::Unreached)?;
            if found != Found::Absent {
                return Ok(found);
            }
            let left = self.window_left(begun);
            if left.is_zero() {
                return Ok(Found::Absent);
            }
            if self.cancel.sleep(left.min(PAUSE)) {
                return Err(Trouble::Cancelled);
            }
        }
    }

    fn again(&self, mut issue: Issue, reason: &str) -> Result<Value, Unfinished> {
        if self.cancel.is_set() {
            return Err(Stop::Cancelled.into());
        }
        if issue.lost >= MOST_LOST {
            let reason = format!("{} calls had no reply: {reason}", issue.lost);
            return Err(Stop::Unreached {
                key: issue.intent.key,
                reason,
            }
            .into());
        }
        issue.intent.attempt += 1;
        self.issue(issue)
    }

    /// A clock that was set back makes the window start anew rather than end early.
    fn window_left(&self, begun: Option<Timestamp>) -> Duration {
        let Some(begun) = begun else {
            return Duration::ZERO;
        };
        let passed = Duration::try_from(clock::now().duration_since(begun)).unwrap_or_default();
        self.settle_window.saturating_sub(passed)
    }
}

fn undecided(issue: &Issue, reason: &str, why: &str) -> Stop {
    Stop::InDoubt {
        key: issue.intent.key.clone(),
        reason: format!("{reason}; {why}"),
    }
}
