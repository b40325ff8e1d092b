//! Settles an effect in doubt by asking AWS.

use std::time::Duration;

use serde_json::Value;

use super::call::fault_of;
use super::cancel::Cancel;
use super::cloud::Found;
use super::conductor::Conductor;
use super::effect::{Issue, Unfinished};
use super::event::Event;
use crate::effect::MOST_LOST;
use base::clock::{Moment, Stopwatch};
use base::fault::Fault;
use journal::entry::Settled;
use models::call::Failure;
use script::host::{Stop, Undecided};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// For so long after its intent a call may go out: throttling and lost connections are tried for less, and AWS takes a
/// signature for five minutes.
pub(super) const SENDING: Duration = Duration::from_mins(5);

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
    /// Runs since nothing can have been sent any more: AWS's reads lag behind that moment.
    pub(super) watch: Stopwatch,
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

impl Conductor {
    pub(super) fn reconcile(
        &self,
        issue: Issue,
        reason: &str,
        patience: &Patience,
    ) -> Result<Value, Unfinished> {
        let (key, operation) = (issue.intent.key.clone(), issue.operation());
        self.tell(&Event::EffectInDoubt {
            key,
            operation,
            reason: reason.into(),
        });
        let found = patience.poll(|| self.cloud(&issue.intent.service)?.look_up(&issue.doubt()));
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

    /// Issues an effect that entries which the journal has lost may tell of, unless AWS shows that it was done.
    ///
    /// They were written before this process began, so the window is over for all effects at once.
    pub(super) fn unless_done(&self, issue: Issue) -> Result<Value, Unfinished> {
        let found = self
            .patience_before(None)
            .poll(|| self.cloud(&issue.intent.service)?.look_up(&issue.doubt()));
        match found.map_err(|trouble| trouble.stop(&issue))? {
            Found::Done(output) => {
                self.intend(&issue)?;
                self.finish(&issue, output, None, Settled::Adopted)
            }
            Found::Several(ids) => {
                self.intend(&issue)?;
                Err(several(&issue, "the journal has lost entries", ids).into())
            }
            Found::Absent | Found::CallAgain | Found::Unknowable(_) => self.issue(issue),
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
        let found = self.patience().poll(|| {
            self.cloud(&issue.intent.service)?
                .look_again(&issue.doubt())
        });
        found.map_err(|trouble| trouble.stop(issue))
    }

    /// For what this process has sent.
    pub(super) fn patience(&self) -> Patience<'_> {
        Patience {
            window: self.settle_window,
            cancel: &self.cancel,
            watch: Stopwatch::start(),
        }
    }

    /// For what an earlier process may have sent: it was over when this one began.
    pub(super) fn patience_before(&self, written: Option<&Moment>) -> Patience<'_> {
        Patience {
            window: window_after(written, self.settle_window),
            cancel: &self.cancel,
            watch: self.started,
        }
    }

    fn again(&self, mut issue: Issue, reason: &str) -> Result<Value, Unfinished> {
        if self.cancel.is_set() {
            return Err(Stop::Cancelled.into());
        }
        if issue.lost >= MOST_LOST {
            let reason = format!("{} calls had no result; the last one: {reason}", issue.lost);
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
    let reason =
        format!("{reason}; AWS shows more than one resource that the call may have made: {shown}");
    undecided(issue, reason, ids)
}
