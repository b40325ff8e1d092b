//! What a run's entries amount to: its steps, effects and waits as they stand.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::list::Status;
use base::fault::Fault;
use base::level::Level;
use journal::entry::{Answer, Approval, Ending, RunStarted};
use journal::key::is_below;
use run::next::Cause;

/// A run as `show` tells it.
#[derive(Debug)]
pub struct Summary<'a> {
    pub start: &'a RunStarted,
    pub status: Status,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    pub attempt: u32,
    pub ending: Option<&'a Ending>,
    /// Why it failed, if it has.
    pub cause: Option<Cause>,
    /// In the order of their first start.
    pub steps: Vec<Step>,
    pub effects: Vec<Effect>,
    pub waits: Vec<Wait>,
    /// What the script has logged, oldest first.
    pub log: Vec<Line<'a>>,
    /// What forgotten effects have made: it is still in AWS, unless somebody has deleted it.
    pub left: Vec<Left>,
    /// What it made is being taken down, or is.
    pub undo: bool,
}

/// Where a step or a wait stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Live,
    /// Begun, and its process has ended since.
    Interrupted,
    /// For a person's answer, and no process beside it.
    Waiting,
    Done,
    Failed,
}

#[derive(Debug, Serialize)]
pub struct Step {
    pub key: String,
    /// Of the entry that first began it.
    pub seq: u64,
    pub state: State,
    pub attempt: u32,
    /// Of the last attempt.
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    pub error: Option<Fault>,
}

#[derive(Debug, Serialize)]
pub struct Effect {
    pub key: String,
    /// Of the entry that first began it.
    pub seq: u64,
    pub service: String,
    pub operation: String,
    pub state: EffectState,
    pub attempt: u32,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    /// The id of what it made.
    pub resource: Option<String>,
    pub error: Option<Fault>,
}

/// What is known of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    Live,
    InDoubt,
    Done,
    Adopted,
    /// In doubt, until a person said that it was done.
    Resolved,
    Failed,
    /// In doubt, until a person said that it was not done and is not to be.
    GivenUp,
}

/// Something that no record of the run speaks of any more.
#[derive(Debug, Serialize)]
pub struct Left {
    pub key: String,
    pub resource: String,
}

#[derive(Debug, Serialize)]
pub struct Wait {
    pub key: String,
    /// Of the entry that first began it.
    pub seq: u64,
    pub what: String,
    pub state: State,
    pub attempt: u32,
    pub started: Timestamp,
    pub deadline: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub error: Option<Fault>,
    /// Of a wait for a person's approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// A line of the script's log.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    pub at: Timestamp,
    pub scope: &'a str,
    pub level: Level,
    pub message: &'a str,
}

/// Returns the id of what a call made, from service, operation and output.
pub type Resource<'a> = &'a dyn Fn(&str, &str, &Value) -> Option<String>;

impl Summary<'_> {
    /// Returns the error that the run, or the last step that failed, ended with.
    #[must_use]
    pub fn last_error(&self) -> Option<&Fault> {
        match self.ending {
            Some(
                Ending::Failed { error }
                | Ending::UndoStopped { error }
                | Ending::InDoubt { error, .. }
                | Ending::Diverged { error, .. },
            ) => Some(error),
            Some(Ending::Succeeded { .. } | Ending::Undone { .. } | Ending::Cancelled { .. }) => {
                None
            }
            Some(Ending::Interrupted | Ending::Waiting { .. } | Ending::Superseded) | None => {
                let failed = self.steps.iter().filter(|step| step.state == State::Failed);
                failed
                    .max_by_key(|step| step.ended)
                    .and_then(|step| step.error.as_ref())
            }
        }
    }

    /// Returns the questions that nobody has answered.
    pub fn open_questions(&self) -> impl Iterator<Item = &Wait> {
        let unanswered = |wait: &&Wait| wait.approval.is_some() && wait.answer.is_none();
        let unended = |wait: &&Wait| wait.ended.is_none();
        self.waits.iter().filter(unanswered).filter(unended)
    }

    /// A question that is open has not been cut off, nor has the step that asks it.
    fn wait(&mut self) {
        let asks = |wait: &&mut Wait| wait.approval.is_some() && wait.ended.is_none();
        for wait in self.waits.iter_mut().filter(asks) {
            wait.state = State::Waiting;
            let around = |step: &&mut Step| is_below(&wait.key, &step.key);
            let steps = self.steps.iter_mut().filter(around);
            steps.for_each(|step| step.state = State::Waiting);
        }
    }

    pub(super) fn settle(&mut self, is_live: bool) {
        if !is_live {
            cut_off(self.steps.iter_mut(), self.effects.iter_mut());
            for wait in self
                .waits
                .iter_mut()
                .filter(|wait| wait.state == State::Live)
            {
                wait.state = State::Interrupted;
            }
        }
        if matches!(self.ending, Some(Ending::Waiting { .. })) {
            self.wait();
        }
        let doubted = |key: &str| {
            let mut effects = self.effects.iter();
            effects.any(|effect| effect.key == key && effect.state == EffectState::InDoubt)
        };
        self.status = match self.ending {
            // A person has settled it since.
            Some(Ending::InDoubt { key, .. }) if !doubted(key) => Status::Interrupted,
            Some(ending) => Status::from(ending),
            None if is_live => Status::Live,
            None if self.undo => Status::Undoing,
            None => Status::Interrupted,
        };
    }
}

/// The process has ended: what was live is so no longer, except that deadlines go on.
pub(super) fn cut_off<'s>(
    steps: impl Iterator<Item = &'s mut Step>,
    effects: impl Iterator<Item = &'s mut Effect>,
) {
    for step in steps.filter(|step| step.state == State::Live) {
        step.state = State::Interrupted;
    }
    for effect in effects.filter(|effect| effect.state == EffectState::Live) {
        effect.state = EffectState::InDoubt;
    }
}
