//! Settles an effect in doubt by asking AWS.

use serde_json::Value;

use super::call::fault_of;
use super::cloud::Found;
use super::conductor::Conductor;
use super::event::Event;
use super::issue::{Issue, MOST_LOST, Unfinished, undecided};
use super::patience::{Patience, PollError};
use base::fault::Fault;
use journal::entry::Settled;
use script::host::StopReason;

impl PollError {
    fn stop(self, issue: &Issue) -> StopReason {
        match self {
            Self::Cancelled => StopReason::Cancelled,
            Self::Unreached(failure) => StopReason::Unreached {
                key: issue.intent.key.clone(),
                reason: fault_of(&failure).message,
            },
        }
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
        self.recorder.emit(&Event::EffectInDoubt {
            key,
            operation,
            reason: reason.into(),
        });
        let found = patience.poll(|| {
            self.outbound
                .cloud(&issue.intent.service)?
                .look_up(&issue.doubt())
        });
        match found.map_err(|error| error.stop(&issue))? {
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
        let found = self.outbound.patience_before(None).poll(|| {
            self.outbound
                .cloud(&issue.intent.service)?
                .look_up(&issue.doubt())
        });
        match found.map_err(|error| error.stop(&issue))? {
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

    fn look_again(&self, issue: &Issue) -> Result<Found, StopReason> {
        let outbound = &self.outbound;
        let found = outbound.patience().poll(|| {
            outbound
                .cloud(&issue.intent.service)?
                .look_again(&issue.doubt())
        });
        found.map_err(|error| error.stop(issue))
    }

    fn again(&self, mut issue: Issue, reason: &str) -> Result<Value, Unfinished> {
        if self.control.cancel.is_set() {
            return Err(StopReason::Cancelled.into());
        }
        if issue.lost >= MOST_LOST {
            let reason = format!("{} calls had no result; the last one: {reason}", issue.lost);
            return Err(StopReason::Unreached {
                key: issue.intent.key,
                reason,
            }
            .into());
        }
        issue.intent.attempt += 1;
        self.issue(issue)
    }
}

fn several(issue: &Issue, reason: &str, ids: Vec<String>) -> StopReason {
    let shown = ids.join(", ");
    let reason =
        format!("{reason}; AWS shows more than one resource that the call may have made: {shown}");
    undecided(issue, reason, ids)
}
