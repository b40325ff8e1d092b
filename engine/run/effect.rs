//! Calls to AWS: reads are live, effects are once.
//!
//! An effect is journaled before it is issued and after it is known; between the two it is in doubt.

use serde_json::Value;

use super::cloud::{Cloud, Doubt};
use super::conductor::{Conductor, broken};
use super::event::Event;
use super::{made, operation, scope};
use crate::aws::call::{Call, Failure, Repeat, Reply, ServiceError};
use crate::aws::effects::{self, Class, Effect, Identity};
use crate::clock::{self, Stopwatch};
use crate::digest;
use crate::journal::Durability;
use crate::journal::entry::{Fault, Intent, Outcome, Record, Settled};
use crate::journal::state::{EffectState, Slot};
use crate::script::fault;
use crate::script::host::{Divergence, Scripted, Stop};

/// Why an effect has no output.
pub(super) enum Unfinished {
    Stop(Stop),
    /// AWS refused it: nothing was done, and the script may catch it.
    Refused(Fault),
}

impl From<Stop> for Unfinished {
    fn from(stop: Stop) -> Self {
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

impl Conductor {
    pub(super) fn run_call(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Scripted<Value> {
        self.gate()?;
        let effect =
            operation::effect(service, operation).map_err(|error| operation::unknown(&error))?;
        operation::check_input(service, operation, input)?;
        if effect.class == Class::Read {
            return self
                .read(service, operation, input)
                .map_err(|fault| self.thrown(&fault));
        }
        Ok(self.once(&effect, service, operation, input)?)
    }

    /// A read that Ctrl-C cut short is no error of its own.
    fn thrown(&self, fault: &Fault) -> Box<rhai::EvalAltResult> {
        if self.cancel.is_set() {
            Stop::Cancelled.into()
        } else {
            fault::throw(fault)
        }
    }

    /// Sends a read; what was made moments ago may take a while to be seen.
    pub(super) fn read(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Value, Fault> {
        let key = scope::path();
        self.tell(&Event::Reading {
            key: key.clone(),
            operation: format!("{service}.{operation}"),
        });
        let call = self.compose(service, operation, input.clone(), &key, Repeat::Safe);
        self.send(&call, input)
            .map(|reply| reply.output)
            .map_err(|failure| fault_of(&failure))
    }

    /// Sends a read for a waiter, which judges errors too.
    pub(super) fn look_at(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Reply, Failure> {
        let call = self.compose(
            service,
            operation,
            input.clone(),
            &scope::path(),
            Repeat::Safe,
        );
        self.send(&call, input)
    }

    fn once(
        &self,
        effect: &Effect,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Value, Unfinished> {
        let key = scope::next_key(&format!("{service}.{operation}"));
        let fingerprint = fingerprint(service, operation, input);
        let slot = self.slot(&key)?;
        let mut intent = Intent {
            key,
            attempt: 1,
            epoch: 1,
            service: service.into(),
            operation: operation.into(),
            class: effect.class.to_string(),
            fingerprint,
            input: input.clone(),
            context: None,
        };
        let known = match slot {
            Some(Slot::Effect(known)) => known,
            Some(Slot::Forgotten { attempt, epoch }) => {
                (intent.attempt, intent.epoch) = (attempt + 1, epoch + 1);
                return self.first(effect, intent);
            }
            _ => return self.first(effect, intent),
        };
        intent.attempt = known.intent.attempt + 1;
        intent.epoch = known.intent.epoch;
        let same = known.intent.fingerprint == intent.fingerprint;
        match known.state {
            EffectState::Failed { .. } => {
                if let Some(error) = self.past.take(&intent.key).filter(|_| same) {
                    return Err(Unfinished::Refused(error));
                }
                intent.epoch += u32::from(!same);
                self.first(effect, intent)
            }
            EffectState::GivenUp { error } if same => Err(Unfinished::Refused(error)),
            EffectState::GivenUp { .. } => {
                intent.epoch += 1;
                self.first(effect, intent)
            }
            EffectState::Finished(outcome) if same => Ok(outcome.output),
            EffectState::Finished(outcome) => {
                Err(diverged(effect, &known.intent, &intent, Some(&outcome.output)).into())
            }
            EffectState::Intended if same => {
                let begun = self.journal.issued_at(&intent.key).map_err(broken)?;
                self.reconcile(
                    self.issued(effect, known.intent),
                    "the run was cut off here",
                    begun,
                )
            }
            EffectState::Intended => Err(diverged(effect, &known.intent, &intent, None).into()),
        }
    }

    /// Issues an effect that is not in doubt.
    fn first(&self, effect: &Effect, mut intent: Intent) -> Result<Value, Unfinished> {
        intent.context = self.context(effect, &intent.input)?;
        self.issue(self.issued(effect, intent))
    }

    /// Returns the effect that made what the input names, where its mark has to be kept.
    fn creator(&self, effect: &Effect, input: &Value) -> Result<Option<Identity>, Stop> {
        let Some(id) = effects::creator_member(effect).and_then(|member| input[member].as_str())
        else {
            return Ok(None);
        };
        let entries = self.journal.entries().map_err(broken)?;
        Ok(made::creator(&entries, id))
    }

    /// What cannot be read now is what a look-up will have to do without.
    fn context(&self, effect: &Effect, input: &Value) -> Result<Option<Value>, Stop> {
        let read = self.cloud().and_then(|cloud| cloud.context(effect, input));
        if self.cancel.is_set() {
            return Err(Stop::Cancelled);
        }
        Ok(read.unwrap_or_default())
    }

    pub(super) fn issued<'a>(&self, effect: &'a Effect, intent: Intent) -> Issue<'a> {
        let identity = Identity {
            run: self.id().into(),
            key: intent.key.clone(),
            epoch: intent.epoch,
        };
        Issue {
            effect,
            intent,
            identity,
            lost: 0,
            doubtful: false,
        }
    }

    /// Writes the intent, makes the call, writes the outcome.
    pub(super) fn issue(&self, mut issue: Issue) -> Result<Value, Unfinished> {
        self.append(
            Record::EffectIntended(issue.intent.clone()),
            Durability::Synced,
        )?;
        scope::mark_changed();
        let (effect, Intent { key, attempt, .. }) = (issue.effect, &issue.intent);
        self.tell(&Event::EffectStarted {
            key: key.clone(),
            operation: issue.operation(),
            attempt: *attempt,
        });
        let creator = self.creator(effect, &issue.intent.input)?;
        let input = effects::prepare(
            effect,
            &issue.intent.input,
            &issue.identity,
            creator.as_ref(),
        );
        let call = self.compose(
            &issue.intent.service,
            &issue.intent.operation,
            input,
            key,
            effect.repeat(),
        );
        match self.send(&call, &issue.intent.input) {
            Ok(reply) => self.finish(&issue, reply.output, reply.request_id, Settled::Called),
            Err(Failure::Lost { reason, .. }) => {
                issue.lost += 1;
                self.reconcile(issue, &reason, Some(clock::now()))
            }
            Err(Failure::NotSent { reason, .. }) if issue.doubtful => Err(Stop::Unreached {
                key: issue.intent.key,
                reason,
            }
            .into()),
            Err(Failure::Answered(error)) if issue.doubtful && error.is_throttling() => {
                Err(Stop::Unreached {
                    key: issue.intent.key,
                    reason: error.to_string(),
                }
                .into())
            }
            Err(Failure::Answered(error)) if effects::token_spent(&error.code) => {
                self.renewed(issue, &answered(&error))
            }
            Err(Failure::Answered(error))
                if *attempt > 1 && effects::done_already(effect, &error.code) =>
            {
                self.repeated(&issue, answered(&error))
            }
            Err(failure) => self.refuse(&issue, fault_of(&failure)),
        }
    }

    pub(super) fn finish(
        &self,
        issue: &Issue,
        output: Value,
        request_id: Option<String>,
        settled: Settled,
    ) -> Result<Value, Unfinished> {
        let resource = effects::resource_id(issue.effect, &output);
        for id in effects::resource_ids(issue.effect, &output) {
            self.fresh.made(&id, clock::now());
        }
        let Intent { key, attempt, .. } = &issue.intent;
        let outcome = Outcome {
            key: key.clone(),
            attempt: *attempt,
            settled,
            output: output.clone(),
            request_id,
        };
        self.append(Record::EffectFinished(outcome), Durability::Synced)?;
        self.tell(&Event::EffectFinished {
            key: key.clone(),
            operation: issue.operation(),
            resource,
            settled,
        });
        Ok(output)
    }

    pub(super) fn refuse(&self, issue: &Issue, error: Fault) -> Result<Value, Unfinished> {
        self.record_refusal(issue, &error)?;
        Err(Unfinished::Refused(error))
    }

    pub(super) fn record_refusal(&self, issue: &Issue, error: &Fault) -> Result<(), Stop> {
        let Intent { key, attempt, .. } = &issue.intent;
        let record = Record::EffectFailed {
            key: key.clone(),
            attempt: *attempt,
            error: error.clone(),
        };
        self.append(record, Durability::Synced)?;
        self.tell(&Event::EffectFailed {
            key: key.clone(),
            operation: issue.operation(),
            error: error.clone(),
        });
        Ok(())
    }

    fn compose(
        &self,
        service: &str,
        operation: &str,
        input: Value,
        key: &str,
        repeat: Repeat,
    ) -> Call {
        let origin = format!("run/{} effect/{key}", self.id());
        Call {
            service: service.into(),
            operation: operation.into(),
            input,
            origin,
            repeat,
        }
    }

    pub(super) fn cloud(&self) -> Result<&dyn Cloud, Failure> {
        self.cloud.as_deref().ok_or_else(|| Failure::NotSent {
            service: "aws".into(),
            operation: "connect".into(),
            reason: "this run has no connection to AWS".into(),
        })
    }

    /// Sends a call, again for a while if AWS does not yet know something that this run has just made.
    fn send(&self, call: &Call, named: &Value) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let watch = Stopwatch::start();
        loop {
            let result = cloud.call(call);
            let unseen = matches!(&result, Err(Failure::Answered(error)) if effects::consistency_retryable(&error.code));
            if !unseen || watch.elapsed() > super::fresh::FRESH_FOR || !self.fresh.named_in(named) {
                return result;
            }
            if self.cancel.sleep(std::time::Duration::from_secs(1)) {
                return result;
            }
        }
    }
}

fn diverged(effect: &Effect, recorded: &Intent, asked: &Intent, output: Option<&Value>) -> Stop {
    Stop::Diverged(Divergence {
        key: recorded.key.clone(),
        recorded_operation: format!("{}.{}", recorded.service, recorded.operation),
        recorded: recorded.input.clone(),
        operation: format!("{}.{}", asked.service, asked.operation),
        asked: asked.input.clone(),
        made: output.and_then(|output| effects::resource_id(effect, output)),
        settled: output.is_some(),
    })
}

/// The input's maps are sorted, so equal inputs have equal text.
fn fingerprint(service: &str, operation: &str, input: &Value) -> String {
    let text = format!("{service}.{operation}\n{input}");
    digest::sha256(text.as_bytes())
}

/// Returns a failure as a script catches it.
pub(super) fn fault_of(failure: &Failure) -> Fault {
    let unanswered = |code: &str, service: &str, operation: &str, reason: &str| Fault {
        message: reason.into(),
        code: Some(code.into()),
        service: Some(service.into()),
        operation: Some(operation.into()),
        ..Fault::default()
    };
    match failure {
        Failure::Answered(error) => answered(error),
        Failure::NotSent {
            service,
            operation,
            reason,
        } => unanswered("NotSent", service, operation, reason),
        Failure::Lost {
            service,
            operation,
            reason,
        } => unanswered("NoReply", service, operation, reason),
    }
}

fn answered(error: &ServiceError) -> Fault {
    Fault {
        message: error.message.clone(),
        code: Some(error.code.clone()),
        service: Some(error.service.clone()),
        operation: Some(error.operation.clone()),
        request_id: error.request_id.clone(),
        place: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_fingerprint_depends_on_the_values_and_not_on_their_order() {
        let one: Value = serde_json::from_str(r#"{"b": 1, "a": {"y": 1, "x": 2}}"#).unwrap();
        let other = json!({"a": {"x": 2, "y": 1}, "b": 1});
        assert_eq!(
            fingerprint("ec2", "create_vpc", &one),
            fingerprint("ec2", "create_vpc", &other)
        );
        assert_ne!(
            fingerprint("ec2", "create_vpc", &one),
            fingerprint("ec2", "create_vpc", &json!({"a": 1}))
        );
    }
}
