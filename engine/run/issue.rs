//! An effect on its way, and why it may come to no end.

use super::cloud::Doubt;
use base::fault::Fault;
use journal::entry::Intent;
use knowledge::{Effect, Identity};
use script::fault;
use script::host::{StopReason, Undecided};

/// After so many calls without a reply the next is for a resume.
pub(super) const MOST_LOST: u32 = 3;

/// Why an effect has no output.
pub(super) enum Unfinished {
    Stop(StopReason),
    /// AWS refused it: nothing was done, and the script may catch it.
    Refused(Fault),
}

impl From<StopReason> for Unfinished {
    fn from(stop: StopReason) -> Self {
        Self::Stop(stop)
    }
}

impl From<Unfinished> for Box<rhai::EvalAltResult> {
    fn from(unfinished: Unfinished) -> Self {
        match unfinished {
            Unfinished::Stop(stop) => stop.into(),
            Unfinished::Refused(fault) => fault::throw(&fault),
        }
    }
}

/// An effect on its way.
pub(super) struct Issue<'a> {
    pub(super) effect: &'a Effect,
    pub(super) intent: Intent,
    pub(super) identity: Identity,
    /// How many calls of this process had no reply.
    pub(super) lost: u32,
    /// An earlier call may have done it: that this one was not sent says nothing of that.
    pub(super) doubtful: bool,
}

impl Issue<'_> {
    pub(super) fn operation(&self) -> String {
        format!("{}.{}", self.intent.service, self.intent.operation)
    }

    pub(super) fn doubt(&self) -> Doubt<'_> {
        Doubt {
            effect: self.effect,
            input: &self.intent.input,
            identity: &self.identity,
            context: self.intent.context.as_ref(),
            chosen: None,
        }
    }
}

pub(super) fn undecided(issue: &Issue, mut reason: String, candidates: Vec<String>) -> StopReason {
    if issue.effect.keep.is_some() {
        reason += "; if it was done, its secret is lost: delete what it made, then resolve it as not done";
    }
    StopReason::InDoubt(Box::new(Undecided {
        key: issue.intent.key.clone(),
        service: issue.intent.service.clone(),
        operation: issue.intent.operation.clone(),
        input: issue.intent.input.clone(),
        reason,
        candidates,
    }))
}
