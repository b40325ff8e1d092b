//! A step or a wait under way: what ends it is recorded, then shown.

use rhai::Dynamic;
use serde_json::Value;

use super::conductor::Conductor;
use super::event::Event;
use super::recorder::Recorder;
use base::clock::Stopwatch;
use base::fault::Fault;
use base::source::Place;
use journal::Durability;
use journal::entry::{Record, WaitStarted};
use script::host::{Scripted, StopReason, stop_reason};
use script::value;

pub(super) enum Kind {
    Step,
    /// The branches of a `run::parallel`, recorded as a step only where they fail.
    Branches,
    Wait {
        what: String,
    },
    /// A wait for a person, whose answer is shown by itself.
    Approval,
}

pub(super) struct Activity {
    kind: Kind,
    pub(super) key: String,
    /// Counts its starts.
    pub(super) attempt: u32,
    pub(super) stopwatch: Stopwatch,
}

impl Activity {
    /// Records that a step begins, or the branches of a `run::parallel`.
    pub(super) fn step(
        recorder: &Recorder,
        kind: Kind,
        key: String,
        attempt: u32,
        place: Option<Place>,
    ) -> Result<Self, StopReason> {
        let started = Record::StepStarted {
            key: key.clone(),
            attempt,
            place,
        };
        recorder.append(started, Durability::Lazy)?;
        if matches!(kind, Kind::Step) {
            recorder.emit(&Event::StepStarted {
                key: key.clone(),
                attempt,
            });
        }
        Ok(Self::under_way(kind, key, attempt))
    }

    /// Records that a wait begins: its deadline is durable before it does.
    pub(super) fn wait(recorder: &Recorder, started: WaitStarted) -> Result<Self, StopReason> {
        let (key, attempt) = (started.key.clone(), started.attempt);
        let kind = match &started.approval {
            Some(_) => Kind::Approval,
            None => Kind::Wait {
                what: started.what.clone(),
            },
        };
        recorder.append(Record::WaitStarted(started), Durability::Synced)?;
        Ok(Self::under_way(kind, key, attempt))
    }

    /// Returns one whose start is recorded.
    pub(super) fn under_way(kind: Kind, key: String, attempt: u32) -> Self {
        Self {
            kind,
            key,
            attempt,
            stopwatch: Stopwatch::start(),
        }
    }

    /// Records what it came to. Whatever depends on a value outside is durable only after an intent, and that makes this
    /// record durable too.
    pub(super) fn end(
        self,
        recorder: &Recorder,
        result: Result<Value, Fault>,
    ) -> Result<(), StopReason> {
        let (key, attempt) = (self.key.clone(), self.attempt);
        let failed = result.as_ref().err().cloned();
        let record = match (&self.kind, result) {
            (Kind::Step | Kind::Branches, Ok(value)) => Record::StepFinished {
                key,
                attempt,
                value,
            },
            (Kind::Step | Kind::Branches, Err(error)) => Record::StepFailed {
                key,
                attempt,
                error,
            },
            (Kind::Wait { .. } | Kind::Approval, Ok(value)) => Record::WaitFinished {
                key,
                attempt,
                value,
            },
            (Kind::Wait { .. } | Kind::Approval, Err(error)) => Record::WaitFailed {
                key,
                attempt,
                error,
            },
        };
        recorder.append(record, Durability::Lazy)?;
        let (key, elapsed) = (self.key, self.stopwatch.elapsed());
        recorder.emit(&match (self.kind, failed) {
            (Kind::Branches | Kind::Approval, _) => return Ok(()),
            (Kind::Step, None) => Event::StepFinished {
                key,
                elapsed,
                reused: false,
            },
            (Kind::Step, Some(error)) => Event::StepFailed {
                key,
                elapsed,
                error,
            },
            (Kind::Wait { what }, None) => Event::WaitFinished { key, what, elapsed },
            (Kind::Wait { what }, Some(error)) => Event::WaitFailed {
                key,
                what,
                elapsed,
                error,
            },
        });
        Ok(())
    }
}

impl Conductor {
    /// Ends an activity with what its closure came to. A stop is no failure: the activity stays started and is taken up
    /// again.
    pub(super) fn end(&self, activity: Activity, result: Scripted<Value>) -> Scripted<Dynamic> {
        let (result, kept) = match result {
            Ok(value) => (Ok(value::to_script(&value)), Ok(value)),
            Err(error) if stop_reason(&error).is_some() => return Err(error),
            Err(error) => {
                let (error, kept) = self.failure(error);
                (Err(error), Err(kept))
            }
        };
        activity.end(&self.recorder, kept)?;
        result
    }
}
