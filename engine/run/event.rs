//! What a live run tells the person who watches it.

use std::time::Duration;

use serde_json::Value;

use super::cancel::Cancel;
use base::fault::Fault;
use base::level::Level;
use journal::entry::{Answer, Settled, Target};

/// Receives a run's events, in order a branch; branches interleave.
pub trait Watch: Send + Sync {
    fn event(&self, event: &Event);

    /// Asks the person who watches; `None` if nobody does, or nobody answers.
    fn ask(&self, _asked: &Asked, _cancel: &Cancel) -> Option<bool> {
        None
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    RunStarted {
        id: String,
        runbook: String,
        attempt: u32,
        target: Option<Target>,
    },
    StepStarted {
        key: String,
        attempt: u32,
    },
    /// `reused`: it was done before; its closure was not run.
    StepFinished {
        key: String,
        elapsed: Duration,
        reused: bool,
    },
    StepFailed {
        key: String,
        elapsed: Duration,
        error: Fault,
    },
    /// A mutating call goes out.
    EffectStarted {
        key: String,
        operation: String,
        attempt: u32,
    },
    /// `resource`: the id of what it made, where there is one.
    EffectFinished {
        key: String,
        operation: String,
        resource: Option<String>,
        settled: Settled,
    },
    EffectFailed {
        key: String,
        operation: String,
        error: Fault,
    },
    /// A reply was lost, or a run was cut off here: AWS is being asked what happened.
    EffectInDoubt {
        key: String,
        operation: String,
        reason: String,
    },
    /// A dry run comes to a call that would change something.
    DryRunEnd {
        operation: String,
        input: Value,
    },
    /// A dry run came to its end and would change nothing.
    NoChanges,
    /// A call goes out that the next tick makes up for.
    Beat {
        key: String,
        operation: String,
    },
    /// What `main` of a tick that changed nothing returned.
    TickEnded {
        elapsed: Duration,
        value: Value,
    },
    /// What the command was asked for: for people, and as data.
    Output {
        text: String,
        data: Value,
    },
    /// A read goes out.
    Reading {
        key: String,
        operation: String,
    },
    /// Emitted when a wait starts and after each attempt of it.
    Waiting(Waiting),
    WaitFinished {
        key: String,
        what: String,
        elapsed: Duration,
    },
    WaitFailed {
        key: String,
        what: String,
        elapsed: Duration,
        error: Fault,
    },
    /// The run needs a person's approval.
    ApprovalAsked(Asked),
    /// The script gets what a person has said.
    ApprovalAnswered {
        key: String,
        question: String,
        answer: Answer,
    },
    Log {
        scope: String,
        level: Level,
        message: String,
    },
    RunEnded(Ended),
}

impl Event {
    /// Whether it says something though there is no run to look it up in.
    pub(super) fn stands_alone(&self) -> bool {
        matches!(
            self,
            Self::Log { .. }
                | Self::DryRunEnd { .. }
                | Self::NoChanges
                | Self::Beat { .. }
                | Self::TickEnded { .. }
                | Self::Output { .. }
        )
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Of the wait itself; the step it belongs to is a prefix.
    pub key: String,
    pub what: String,
    /// Attempts made so far.
    pub attempt: u32,
    pub elapsed: Duration,
    /// Until the deadline.
    pub left: Option<Duration>,
    pub last_error: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub key: String,
    pub question: String,
    /// What a person should know to decide; null where the script gives nothing.
    pub details: Value,
    /// What is typed for a yes, where `y` could be typed by mistake.
    pub word: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    pub id: String,
    pub elapsed: Duration,
    /// What this run has created so far, over all its attempts, in order.
    pub created: Vec<Created>,
    /// What `main` returned; `None` unless the run succeeded.
    pub value: Option<Value>,
    /// It goes on once a person has answered.
    pub waits: bool,
}

/// Something that an effect created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    pub key: String,
    pub operation: String,
    pub id: String,
}
