//! What a run's entries amount to: its steps, effects and waits as they stand.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::journal::entry::{
    Answer, Answered, Approval, Ending, Entry, Fault, Intent, Level, Outcome, Record, Resolved,
    RunStarted, Settled, Verdict, WaitStarted,
};
use crate::journal::key::is_below;
use crate::run::next::Cause;
use crate::ui::list::Status;

/// A run as `show` tells it.
#[derive(Debug)]
pub struct Summary<'a> {
    /// How to call this program for the run's state directory: `runbook`, unless it is told otherwise.
    pub command: String,
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

impl<'a> Summary<'a> {
    /// Returns `None` for a log that does not begin with a run's start.
    #[must_use]
    pub fn of(entries: &'a [Entry], is_live: bool, resource: Resource<'_>) -> Option<Self> {
        let first = entries.first()?;
        let Record::RunStarted(start) = &first.record else {
            return None;
        };
        let mut summary = Self {
            command: "runbook".to_owned(),
            start,
            status: Status::Live,
            started: first.at,
            ended: None,
            attempt: 1,
            ending: None,
            cause: None,
            steps: Vec::new(),
            effects: Vec::new(),
            waits: Vec::new(),
            log: Vec::new(),
            left: Vec::new(),
            undo: false,
        };
        for entry in entries {
            summary.take(entry, resource);
        }
        summary.settle(is_live);
        if let Some(Ending::Failed { error }) = summary.ending {
            summary.cause = Some(Cause::of(error, entries));
        }
        Some(summary)
    }

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

    fn take(&mut self, entry: &'a Entry, resource: Resource<'_>) {
        match &entry.record {
            Record::RunStarted(_) | Record::Noted { .. } => {}
            Record::Logged {
                scope,
                level,
                message,
            } => self.log.push(Line {
                at: entry.at,
                scope,
                level: *level,
                message,
            }),
            Record::RunResumed(resumed) => {
                self.cut_off();
                self.attempt = resumed.attempt;
                (self.ended, self.ending) = (None, None);
            }
            Record::RunEnded(ended) => {
                (self.ended, self.ending) = (Some(entry.at), Some(&ended.ending));
            }
            Record::StepStarted { key, attempt, .. } => self.start_step(key, *attempt, entry),
            Record::StepFinished { key, .. } => self.end_step(key, entry.at, State::Done, None),
            Record::StepFailed { key, error, .. } => {
                self.end_step(key, entry.at, State::Failed, Some(error));
            }
            Record::EffectIntended(intent) => self.intend(intent, entry),
            Record::EffectFinished(outcome) => self.settle_effect(outcome, entry.at, resource),
            Record::EffectFailed { key, error, .. } => self.fail_effect(key, error, entry.at),
            Record::EffectResolved(resolved) => self.resolve(resolved, entry.at, resource),
            Record::UndoStarted(undo) => {
                self.cut_off();
                (self.attempt, self.undo) = (undo.attempt, true);
                (self.ended, self.ending) = (None, None);
            }
            Record::RunRewound(_) => {
                self.cut_off();
                (self.ended, self.ending) = (None, None);
            }
            Record::Forgotten { key } => self.forget(key),
            Record::Answered(answered) => self.answer(answered),
            Record::WaitStarted(wait) => self.start_wait(wait, entry),
            Record::WaitFinished { key, .. } => self.end_wait(key, entry.at, State::Done, None),
            Record::WaitFailed { key, error, .. } => {
                self.end_wait(key, entry.at, State::Failed, Some(error));
            }
        }
    }

    fn start_step(&mut self, key: &str, attempt: u32, entry: &Entry) {
        let step = Step {
            key: key.to_owned(),
            seq: entry.seq,
            state: State::Live,
            attempt,
            started: entry.at,
            ended: None,
            error: None,
        };
        match self.steps.iter_mut().find(|step| step.key == key) {
            Some(old) => {
                *old = Step {
                    seq: old.seq,
                    ..step
                }
            }
            None => self.steps.push(step),
        }
    }

    fn end_step(&mut self, key: &str, at: Timestamp, state: State, error: Option<&Fault>) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.key == key) {
            (step.state, step.ended, step.error) = (state, Some(at), error.cloned());
        }
    }

    fn intend(&mut self, intent: &Intent, entry: &Entry) {
        let effect = Effect {
            key: intent.key.clone(),
            seq: entry.seq,
            service: intent.service.clone(),
            operation: intent.operation.clone(),
            state: EffectState::Live,
            attempt: intent.attempt,
            started: entry.at,
            ended: None,
            resource: None,
            error: None,
        };
        match self
            .effects
            .iter_mut()
            .find(|effect| effect.key == intent.key)
        {
            Some(old) => {
                *old = Effect {
                    seq: old.seq,
                    ..effect
                }
            }
            None => self.effects.push(effect),
        }
    }

    fn resolve(&mut self, resolved: &Resolved, at: Timestamp, resource: Resource<'_>) {
        let Some(effect) = self
            .effects
            .iter_mut()
            .find(|effect| effect.key == resolved.key)
        else {
            return;
        };
        effect.ended = Some(at);
        match &resolved.verdict {
            Verdict::Adopted { output } => {
                effect.state = EffectState::Resolved;
                effect.resource = resource(&effect.service, &effect.operation, output);
            }
            Verdict::Retry => effect.state = EffectState::Failed,
            Verdict::Failed { error } => {
                (effect.state, effect.error) = (EffectState::GivenUp, Some(error.clone()));
            }
        }
    }

    fn forget(&mut self, key: &str) {
        self.steps.retain(|step| step.key != key);
        self.waits.retain(|wait| wait.key != key);
        let made = |effect: &mut Effect| effect.key == key;
        for effect in self.effects.extract_if(.., made) {
            if let Some(resource) = effect.resource {
                self.left.push(Left {
                    key: effect.key,
                    resource,
                });
            }
        }
    }

    fn settle_effect(&mut self, outcome: &Outcome, at: Timestamp, resource: Resource<'_>) {
        if let Some(effect) = self
            .effects
            .iter_mut()
            .find(|effect| effect.key == outcome.key)
        {
            effect.state = match outcome.settled {
                Settled::Called => EffectState::Done,
                Settled::Adopted => EffectState::Adopted,
                Settled::Resolved => EffectState::Resolved,
            };
            effect.ended = Some(at);
            effect.resource = resource(&effect.service, &effect.operation, &outcome.output);
        }
    }

    fn fail_effect(&mut self, key: &str, error: &Fault, at: Timestamp) {
        if let Some(effect) = self.effects.iter_mut().find(|effect| effect.key == key) {
            (effect.state, effect.ended, effect.error) =
                (EffectState::Failed, Some(at), Some(error.clone()));
        }
    }

    fn start_wait(&mut self, started: &WaitStarted, entry: &Entry) {
        let wait = Wait {
            key: started.key.clone(),
            seq: entry.seq,
            what: started.what.clone(),
            state: State::Live,
            attempt: started.attempt,
            started: entry.at,
            deadline: started.deadline,
            ended: None,
            error: None,
            approval: started.approval.clone(),
            answer: None,
        };
        match self.waits.iter_mut().find(|wait| wait.key == started.key) {
            Some(old) => {
                *old = Wait {
                    seq: old.seq,
                    ..wait
                }
            }
            None => self.waits.push(wait),
        }
    }

    fn answer(&mut self, answered: &Answered) {
        let mut waits = self.waits.iter_mut();
        if let Some(wait) = waits.find(|wait| wait.key == answered.key) {
            wait.answer = Some(answered.answer.clone());
        }
    }

    /// Returns the questions that nobody has answered.
    pub fn open_questions(&self) -> impl Iterator<Item = &Wait> {
        let unanswered = |wait: &&Wait| wait.approval.is_some() && wait.answer.is_none();
        let unended = |wait: &&Wait| wait.ended.is_none();
        self.waits.iter().filter(unanswered).filter(unended)
    }

    fn end_wait(&mut self, key: &str, at: Timestamp, state: State, error: Option<&Fault>) {
        if let Some(wait) = self.waits.iter_mut().find(|wait| wait.key == key) {
            (wait.state, wait.ended, wait.error) = (state, Some(at), error.cloned());
        }
    }

    /// The process has ended: what was live is so no longer, except that deadlines go on.
    fn cut_off(&mut self) {
        for step in self
            .steps
            .iter_mut()
            .filter(|step| step.state == State::Live)
        {
            step.state = State::Interrupted;
        }
        for effect in self
            .effects
            .iter_mut()
            .filter(|effect| effect.state == EffectState::Live)
        {
            effect.state = EffectState::InDoubt;
        }
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

    fn settle(&mut self, is_live: bool) {
        if !is_live {
            self.cut_off();
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
