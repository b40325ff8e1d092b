//! Settles an effect in doubt by asking AWS.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::call::fault_of;
use super::cancel::Cancel;
use super::cloud::Found;
use super::conductor::Conductor;
use super::effect::{Issue, Unfinished};
use super::event::Event;
use crate::aws::call::Failure;
use crate::clock;
use crate::journal::entry::{Fault, Settled};
use crate::script::host::{Stop, Undecided};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// After so many calls without a reply the next is for a resume.
pub(super) const MOST_LOST: u32 = 3;

/// Why a look came to nothing.
pub(super) enum Trouble {
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

/// How long AWS is asked before nothing found means nothing there.
pub(super) struct Patience<'a> {
    pub(super) window: Duration,
    pub(super) cancel: &'a Cancel,
    /// When the effect was issued, if that is known: AWS's reads lag behind that moment.
    pub(super) begun: Option<Timestamp>,
}

impl Patience<'_> {
    /// Looks until something is found, or nothing was for the whole window.
    pub(super) fn poll(&self, look: impl Fn() -> Result<Found, Failure>) -> Result<Found, Trouble> {
        loop {
            let found = look().map_err(|failure| self.trouble(failure))?;
            if found != Found::Absent {
                return Ok(found);
            }
            let left = self.left();
            if left.is_zero() {
                return Ok(Found::Absent);
            }
            if self.cancel.sleep(left.min(PAUSE)) {
                return Err(Trouble::Cancelled);
            }
        }
    }

    /// A look that Ctrl-C has cut off says nothing of AWS.
    fn trouble(&self, failure: Failure) -> Trouble {
        if self.cancel.is_set() {
            Trouble::Cancelled
        } else {
            Trouble::Unreached(failure)
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

    /// A clock that was set back makes the window start anew rather than end early.
    fn left(&self) -> Duration {
        let Some(begun) = self.begun else {
            return Duration::ZERO;
        };
        let passed = Duration::try_from(clock::now().duration_since(begun)).unwrap_or_default();
        self.window.saturating_sub(passed)
    }
}

impl Conductor {
    /// `begun` is when the effect was issued.
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
        let found = self
            .patience(begun)
            .poll(|| self.cloud(&issue.intent.service)?.look_up(&issue.doubt()));
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
            Found::Several(ids) => Err(several(&issue, reason, ids).into()),
            Found::Unknowable(why) => {
                Err(undecided(&issue, format!("{reason}; {why}"), Vec::new()).into())
            }
        }
    }

    /// A repeated call was refused because it is there already: by our earlier attempt, or by somebody else.
    pub(super) fn repeated(&self, issue: &Issue, refusal: Fault) -> Result<Value, Unfinished> {
        match self.look_again(issue)? {
            Found::Done(output) => self.finish(issue, output, None, Settled::Adopted),
            Found::Several(ids) => Err(several(issue, &refusal.message, ids).into()),
            Found::CallAgain | Found::Absent | Found::Unknowable(_) => self.refuse(issue, refusal),
        }
    }

    /// What the token made is gone since; only a new identity makes it anew.
    pub(super) fn renewed(&self, mut issue: Issue, refusal: &Fault) -> Result<Value, Unfinished> {
        match self.look_again(&issue)? {
            Found::Done(output) => self.finish(&issue, output, None, Settled::Adopted),
            Found::Several(ids) => Err(several(&issue, &refusal.message, ids).into()),
            Found::Unknowable(why) => {
                let reason = format!("{}; {why}", refusal.message);
                Err(undecided(&issue, reason, Vec::new()).into())
            }
            Found::CallAgain | Found::Absent => {
                self.record_refusal(&issue, refusal)?;
                issue.intent.attempt += 1;
                issue.intent.epoch += 1;
                self.issue(self.issued(issue.effect, issue.intent))
            }
        }
    }

    fn look_again(&self, issue: &Issue) -> Result<Found, Stop> {
        let found = self.patience(Some(clock::now())).poll(|| {
            self.cloud(&issue.intent.service)?
                .look_again(&issue.doubt())
        });
        found.map_err(|trouble| trouble.stop(issue))
    }

    pub(super) fn patience(&self, begun: Option<Timestamp>) -> Patience<'_> {
        Patience {
            window: self.settle_window,
            cancel: &self.cancel,
            begun,
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
}

fn undecided(issue: &Issue, reason: String, candidates: Vec<String>) -> Stop {
    Stop::InDoubt(Box::new(Undecided {
        key: issue.intent.key.clone(),
        service: issue.intent.service.clone(),
        operation: issue.intent.operation.clone(),
        input: issue.intent.input.clone(),
        reason,
        candidates,
    }))
}

fn several(issue: &Issue, reason: &str, ids: Vec<String>) -> Stop {
    let shown = ids.join(", ");
    let reason = format!("{reason}; AWS shows more than one thing that it may have made: {shown}");
    undecided(issue, reason, ids)
}
