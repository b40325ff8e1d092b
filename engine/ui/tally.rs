//! Reads a run's entries one after the other into what they amount to.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::list::Status;
use crate::summary::{
    Effect, EffectState, Left, Line, Resource, State, Step, Summary, Wait, cut_off,
};
use base::fault::Fault;
use journal::entry::{
    Answered, Ending, Entry, Intent, Outcome, Record, Resolved, RunStarted, Settled, Verdict,
    WaitStarted,
};
use run::next::Cause;

impl<'a> Summary<'a> {
    /// Returns `None` for a log that does not begin with a run's start.
    #[must_use]
    pub fn of(entries: &'a [Entry], is_live: bool, resource: Resource<'_>) -> Option<Self> {
        let first = entries.first()?;
        let Record::RunStarted(start) = &first.record else {
            return None;
        };
        let mut tally = Tally::new(start, first.at, resource);
        for entry in entries {
            tally.take(entry);
        }
        let mut summary = tally.summary();
        summary.settle(is_live);
        if let Some(Ending::Failed { error }) = summary.ending {
            summary.cause = Some(Cause::of(error, entries));
        }
        Some(summary)
    }
}

/// What the entries so far come to. Each entry is looked up by its key, so that the whole takes as long as the log is.
pub(super) struct Tally<'a, 'r> {
    summary: Summary<'a>,
    steps: HashMap<&'a str, Step>,
    effects: HashMap<&'a str, Effect>,
    waits: HashMap<&'a str, Wait>,
    resource: Resource<'r>,
}

impl<'a, 'r> Tally<'a, 'r> {
    pub(super) fn new(start: &'a RunStarted, started: Timestamp, resource: Resource<'r>) -> Self {
        let summary = Summary {
            start,
            status: Status::Live,
            started,
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
        Self {
            summary,
            steps: HashMap::new(),
            effects: HashMap::new(),
            waits: HashMap::new(),
            resource,
        }
    }

    pub(super) fn take(&mut self, entry: &'a Entry) {
        let at = entry.at;
        match &entry.record {
            Record::RunStarted(_) | Record::Noted { .. } | Record::WaitTried { .. } => {}
            Record::Logged {
                scope,
                level,
                message,
            } => self.summary.log.push(Line {
                at,
                scope,
                level: *level,
                message,
            }),
            Record::RunResumed(resumed) => self.begin(Some(resumed.attempt)),
            Record::UndoStarted(undo) => {
                self.begin(Some(undo.attempt));
                self.summary.undo = true;
            }
            Record::RunRewound(_) => self.begin(None),
            Record::RunEnded(ended) => {
                (self.summary.ended, self.summary.ending) = (Some(at), Some(&ended.ending));
            }
            Record::StepStarted { key, attempt, .. } => self.start_step(key, *attempt, entry),
            Record::StepFinished { key, .. } => self.end_step(key, at, State::Done, None),
            Record::StepFailed { key, error, .. } => {
                self.end_step(key, at, State::Failed, Some(error));
            }
            Record::EffectIntended(intent) => self.intend(intent, entry),
            Record::EffectFinished(outcome) => self.settle_effect(outcome, at),
            Record::EffectFailed { key, error, .. } => self.fail_effect(key, error, at),
            Record::EffectResolved(resolved) => self.resolve(resolved, at),
            Record::Forgotten { key } => self.forget(key),
            Record::Answered(answered) => self.answer(answered),
            Record::WaitStarted(wait) => self.start_wait(wait, entry),
            Record::WaitFinished { key, .. } => self.end_wait(key, at, State::Done, None),
            Record::WaitFailed { key, error, .. } => {
                self.end_wait(key, at, State::Failed, Some(error));
            }
        }
    }

    /// Returns what was read, all of it in the order of its first start.
    pub(super) fn summary(self) -> Summary<'a> {
        Summary {
            steps: in_order(self.steps, |step| step.seq),
            effects: in_order(self.effects, |effect| effect.seq),
            waits: in_order(self.waits, |wait| wait.seq),
            ..self.summary
        }
    }

    /// Another process goes on.
    fn begin(&mut self, attempt: Option<u32>) {
        cut_off(self.steps.values_mut(), self.effects.values_mut());
        self.summary.attempt = attempt.unwrap_or(self.summary.attempt);
        (self.summary.ended, self.summary.ending) = (None, None);
    }

    fn start_step(&mut self, key: &'a str, attempt: u32, entry: &Entry) {
        let step = Step {
            key: key.to_owned(),
            seq: self.steps.get(key).map_or(entry.seq, |old| old.seq),
            state: State::Live,
            attempt,
            started: entry.at,
            ended: None,
            error: None,
        };
        self.steps.insert(key, step);
    }

    fn end_step(&mut self, key: &str, at: Timestamp, state: State, error: Option<&Fault>) {
        if let Some(step) = self.steps.get_mut(key) {
            (step.state, step.ended, step.error) = (state, Some(at), error.cloned());
        }
    }

    fn intend(&mut self, intent: &'a Intent, entry: &Entry) {
        let key = intent.key.as_str();
        let effect = Effect {
            key: key.to_owned(),
            seq: self.effects.get(key).map_or(entry.seq, |old| old.seq),
            service: intent.service.clone(),
            operation: intent.operation.clone(),
            state: EffectState::Live,
            attempt: intent.attempt,
            started: entry.at,
            ended: None,
            resource: None,
            error: None,
        };
        self.effects.insert(key, effect);
    }

    fn settle_effect(&mut self, outcome: &Outcome, at: Timestamp) {
        let Some(effect) = self.effects.get_mut(outcome.key.as_str()) else {
            return;
        };
        effect.state = match outcome.settled {
            Settled::Called => EffectState::Done,
            Settled::Adopted => EffectState::Adopted,
            Settled::Resolved => EffectState::Resolved,
        };
        effect.ended = Some(at);
        effect.resource = (self.resource)(&effect.service, &effect.operation, &outcome.output);
    }

    fn fail_effect(&mut self, key: &str, error: &Fault, at: Timestamp) {
        if let Some(effect) = self.effects.get_mut(key) {
            (effect.state, effect.ended, effect.error) =
                (EffectState::Failed, Some(at), Some(error.clone()));
        }
    }

    fn resolve(&mut self, resolved: &Resolved, at: Timestamp) {
        let Some(effect) = self.effects.get_mut(resolved.key.as_str()) else {
            return;
        };
        effect.ended = Some(at);
        match &resolved.verdict {
            Verdict::Adopted { output } => {
                effect.state = EffectState::Resolved;
                effect.resource = (self.resource)(&effect.service, &effect.operation, output);
            }
            Verdict::Retry => effect.state = EffectState::Failed,
            Verdict::Failed { error } => {
                (effect.state, effect.error) = (EffectState::GivenUp, Some(error.clone()));
            }
        }
    }

    fn forget(&mut self, key: &str) {
        self.steps.remove(key);
        self.waits.remove(key);
        let resource = self.effects.remove(key).and_then(|effect| effect.resource);
        let key = key.to_owned();
        self.summary
            .left
            .extend(resource.map(|resource| Left { key, resource }));
    }

    fn start_wait(&mut self, started: &'a WaitStarted, entry: &Entry) {
        let key = started.key.as_str();
        let wait = Wait {
            key: key.to_owned(),
            seq: self.waits.get(key).map_or(entry.seq, |old| old.seq),
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
        self.waits.insert(key, wait);
    }

    fn answer(&mut self, answered: &Answered) {
        if let Some(wait) = self.waits.get_mut(answered.key.as_str()) {
            wait.answer = Some(answered.answer.clone());
        }
    }

    fn end_wait(&mut self, key: &str, at: Timestamp, state: State, error: Option<&Fault>) {
        if let Some(wait) = self.waits.get_mut(key) {
            (wait.state, wait.ended, wait.error) = (state, Some(at), error.cloned());
        }
    }
}

fn in_order<T>(things: HashMap<&str, T>, seq: fn(&T) -> u64) -> Vec<T> {
    let mut things: Vec<T> = things.into_values().collect();
    things.sort_by_key(seq);
    things
}
