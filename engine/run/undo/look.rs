//! Looks at each thing before it is touched: is it there, and is it still this run's?

use serde_json::{Value, json};

use super::history::{Done, History, Open, identity, of_intent};
use super::plan::{Settlement, Told};
use crate::call::fault_of;
use crate::cloud::{Doubt, Found};
use crate::conductor::Conductor;
use crate::event::Event;
use crate::operation;
use crate::patience::PollError;
use base::exit::Exit;
use base::report::Report;
use journal::entry::Intent;
use knowledge::{Class, Effect, Identity, Inverse, Kind, Nature, RUN_TAG};
use models::call::Failure;

/// What the look at an effect in doubt came to.
pub(super) enum Outcome {
    Done(Box<Done>, Settlement),
    NotDone(Settlement),
    Unknown(Told),
    /// It left nothing that could be taken away.
    Past(Told),
}

pub(super) struct Looker<'a> {
    pub(super) conductor: &'a Conductor,
    pub(super) history: &'a History,
}

impl Looker<'_> {
    /// Looks at what an effect did, or at the one thing with this id that it made: `Done` while it is the run's.
    pub(super) fn standing(
        &self,
        done: &Done,
        inverse: &Inverse,
        id: Option<&str>,
    ) -> Result<Found, Report> {
        self.tell(&done.intent.key, &done.operation());
        if !done.effect.has_look_up() {
            return Ok(unmarked(done));
        }
        let doubt = done.doubt(id);
        let input = inverse.input(&done.effect, &done.intent.input, &done.output, id);
        let look = || match self.look(&doubt)? {
            Found::Absent | Found::CallAgain if !self.is_gone(inverse, &input)? => {
                let why = "it exists, but it differs from what the run made or no longer carries the run's mark";
                Ok(Found::Unknowable(why.into()))
            }
            Found::CallAgain => Ok(Found::Absent),
            found => Ok(found),
        };
        self.poll(&done.intent, look)
    }

    /// Asks what became of an effect that has no outcome.
    pub(super) fn settle(&self, open: &Open) -> Result<Outcome, Report> {
        let intent = &open.intent;
        self.tell(
            &intent.key,
            &format!("{}.{}", intent.service, intent.operation),
        );
        let Ok(effect) = operation::effect(&intent.service, &intent.operation) else {
            return Ok(Outcome::Unknown(unknown(
                open,
                "the engine does not know its operation",
            )));
        };
        let own = of_intent(&self.history.run, intent);
        let doubt = doubt(&effect, &intent.input, &own, intent.context.as_ref());
        let settlement = |output| Settlement {
            intent: intent.clone(),
            output,
        };
        let done = |output: Value| match open.done(&self.history.run, output.clone()) {
            Some(done) => Outcome::Done(Box::new(done), settlement(Some(output))),
            None => Outcome::NotDone(settlement(None)),
        };
        // Nothing shows whether it was done: what it may have changed is treated as changed.
        if !effect.has_look_up() && effect.class == Class::Idempotent {
            return Ok(done(Value::Null));
        }
        if !effect.has_look_up() {
            let told = unknown(open, "nothing shows whether the call was done");
            return Ok(match knowledge::nature(&effect) {
                Nature::Past => Outcome::Past(told),
                _ => Outcome::Unknown(told),
            });
        }
        let look = || match self.look(&doubt)? {
            Found::CallAgain => Ok(Found::Absent),
            found => Ok(found),
        };
        Ok(match self.poll(&open.intent, look)? {
            Found::Done(output) => done(output),
            Found::Absent | Found::CallAgain => Outcome::NotDone(settlement(None)),
            Found::Several(ids) => Outcome::Unknown(unknown(open, &several(&ids))),
            Found::Unknowable(why) => Outcome::Unknown(unknown(open, &why)),
        })
    }

    fn look(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        self.conductor
            .outbound
            .cloud(&doubt.effect.service)?
            .look_again(doubt)
    }

    /// Whether what the inverse would take away is not there.
    fn is_gone(&self, inverse: &Inverse, input: &Value) -> Result<bool, Failure> {
        match operation::effect(inverse.service, inverse.operation) {
            Ok(effect) if effect.has_look_up() => self.shows(&effect, input),
            _ => Ok(true),
        }
    }

    /// Whether what an effect put somewhere is not there any more.
    pub(super) fn is_over(&self, done: &Done, inverse: &Inverse) -> Result<bool, Report> {
        let input = inverse.input(&done.effect, &done.intent.input, &done.output, None);
        let gone = self.is_gone(inverse, &input);
        gone.map_err(|failure| self.unreached(&failure))
    }

    /// Whether AWS shows that a deletion was done.
    pub(super) fn is_done(&self, effect: &Effect, input: &Value) -> bool {
        effect.has_look_up() && self.shows(effect, input).unwrap_or(false)
    }

    fn shows(&self, effect: &Effect, input: &Value) -> Result<bool, Failure> {
        let found = self.look(&doubt(effect, input, &Identity::default(), None))?;
        Ok(matches!(found, Found::Done(_)))
    }

    /// AWS's reads lag its writes: what was made moments ago may not be seen yet.
    fn poll(
        &self,
        intent: &Intent,
        look: impl Fn() -> Result<Found, Failure>,
    ) -> Result<Found, Report> {
        if self.conductor.control.cancel.is_set() {
            return Err(interrupted());
        }
        let patience = self
            .conductor
            .outbound
            .patience_before(intent.written.as_ref());
        patience.poll(look).map_err(|error| match error {
            PollError::Cancelled => interrupted(),
            PollError::Unreached(failure) => self.unreached(&failure),
        })
    }

    /// Returns how things stand that AWS needs time for.
    pub(super) fn states(
        &self,
        kind: &Kind,
        ids: &[String],
    ) -> Result<Vec<knowledge::State>, Report> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let asked = self
            .conductor
            .outbound
            .cloud(kind.service)
            .and_then(|cloud| cloud.states(kind, ids));
        asked.map_err(|failure| self.unreached(&failure))
    }

    /// Returns those of the ids that carry one of the tags.
    pub(super) fn tagged(&self, ids: &[String], tags: &Value) -> Result<Vec<String>, Report> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let asked = self
            .conductor
            .outbound
            .cloud("ec2")
            .and_then(|cloud| cloud.carriers(ids, tags));
        asked.map_err(|failure| self.unreached(&failure))
    }

    /// Returns what carries the run's mark.
    pub(super) fn marked(&self) -> Result<Vec<String>, Report> {
        let run = identity(&self.history.run, "").run_tag();
        let tags = json!([{"key": RUN_TAG, "value": run}]);
        let asked = self.conductor.outbound.cloud("ec2");
        let asked = asked.and_then(|cloud| cloud.carriers(&[], &tags));
        asked.map_err(|failure| self.unreached(&failure))
    }

    /// A call that Ctrl-C has cut off is no failure of AWS.
    pub(super) fn unreached(&self, failure: &Failure) -> Report {
        if self.conductor.control.cancel.is_set() {
            return interrupted();
        }
        let message = "cannot read the run's resources in AWS; nothing was changed";
        Report::new(Exit::Failed, message).cause(fault_of(failure).described())
    }

    fn tell(&self, key: &str, operation: &str) {
        self.conductor.recorder.emit(&Event::Reading {
            key: key.to_owned(),
            operation: operation.to_owned(),
        });
    }
}

/// What nothing marks as ours is known by its id alone, where AWS gave it one in answer to the call.
fn unmarked(done: &Done) -> Found {
    match done.effect.class {
        Class::Idempotent => Found::Unknowable("it may have existed before the run".into()),
        _ => Found::Done(done.output.clone()),
    }
}

pub(super) fn several(ids: &[String]) -> String {
    format!(
        "more than one resource carries its mark: {}",
        ids.join(", ")
    )
}

fn unknown(open: &Open, why: &str) -> Told {
    let Open { intent, .. } = open;
    Told {
        key: intent.key.clone(),
        noun: format!("{}.{}", intent.service, intent.operation),
        id: None,
        reason: format!("in doubt: {why}"),
    }
}

fn doubt<'a>(
    effect: &'a Effect,
    input: &'a Value,
    identity: &'a Identity,
    context: Option<&'a Value>,
) -> Doubt<'a> {
    Doubt {
        effect,
        input,
        identity,
        context,
        chosen: None,
    }
}

pub(super) fn interrupted() -> Report {
    Report::new(Exit::Interrupted, "interrupted; nothing was changed")
}
