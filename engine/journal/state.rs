//! What is known of a key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::entry::{Answer, Approval, Ending, Intent, Outcome, Record, Resolved, is_zero};
use base::clock::Moment;
use base::fault::Fault;
use base::source::Place;

/// The key of the run itself.
pub const RUN: &str = "";

/// What the keys of an undo begin with; no script can make such a name.
pub const UNDO: &str = "[undo]";

/// What is known of one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    Run(Run),
    Step(Step),
    Effect(Effect),
    Wait(Wait),
    Note {
        value: Value,
    },
    /// Of a key that a rewind has taken back: what comes next is counted on, under a new epoch.
    Forgotten {
        attempt: u32,
        epoch: u32,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub attempt: u32,
    /// `None` while the attempt goes on, or if it was cut off.
    pub ending: Option<Ending>,
    /// What it made is being taken down, or is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undo: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub attempt: u32,
    /// Where the script called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    pub state: Progress,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    pub attempt: u32,
    pub what: String,
    pub deadline: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// Of a wait for a person's approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// What a person has said and the script has not got yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Those who have approved while others must, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approved: Vec<Answer>,
    /// Where the script called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Attempts that are over.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// Those of them that count no more, since the wait has failed after them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spent: u32,
    pub state: Progress,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    Started,
    Finished { value: Value },
    Failed { error: Fault },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The latest one.
    pub intent: Intent,
    pub state: EffectState,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    /// In doubt, unless the call is under way right now.
    Intended,
    Finished(Outcome),
    Failed {
        error: Fault,
    },
    /// A person said that it was not done and is not to be.
    GivenUp {
        error: Fault,
    },
}

impl Wait {
    /// Returns how many attempts are over before the next one.
    #[must_use]
    pub fn tries_before(&self) -> u32 {
        let failed = matches!(self.state, Progress::Failed { .. });
        self.tries.saturating_add(u32::from(failed))
    }
}

impl Ending {
    /// Whether it is one of an undo.
    #[must_use]
    pub fn is_undo(&self) -> bool {
        matches!(self, Self::Undone { .. } | Self::UndoStopped { .. })
    }
}

impl Record {
    /// Returns the key whose state the record changes.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::RunStarted(_)
            | Self::RunResumed(_)
            | Self::RunEnded(_)
            | Self::RunRewound(_)
            | Self::UndoStarted(_)
            | Self::Logged { .. } => RUN,
            Self::EffectIntended(Intent { key, .. })
            | Self::EffectFinished(Outcome { key, .. })
            | Self::EffectFailed { key, .. }
            | Self::EffectResolved(Resolved { key, .. })
            | Self::Forgotten { key }
            | Self::StepStarted { key, .. }
            | Self::StepFinished { key, .. }
            | Self::StepFailed { key, .. }
            | Self::WaitTried { key, .. }
            | Self::WaitFinished { key, .. }
            | Self::WaitFailed { key, .. }
            | Self::Noted { key, .. } => key,
            Self::WaitStarted(started) => &started.key,
            Self::Answered(answered) => &answered.key,
        }
    }
}
