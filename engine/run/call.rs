//! Calls to AWS as they go out: reads at once, effects by way of `effect`.

use std::time::Duration;

use serde_json::Value;

use super::cloud::Cloud;
use super::conductor::Conductor;
use super::event::Event;
use super::{operation, scope};
use base::clock::Stopwatch;
use base::fault::Fault;
use knowledge::Class;
use models::call::{Call, Failure, Repeat, Reply, ServiceError};
use probe::{Question, Unlooked};
use script::fault;
use script::host::{OnDoubt, Scripted, Stop};

/// The pause before AWS is asked again for what it does not know yet.
const AGAIN: Duration = Duration::from_secs(1);

impl Conductor {
    pub(super) fn run_call(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
        on_doubt: OnDoubt,
    ) -> Scripted<Value> {
        self.gate()?;
        let mut effect = operation::effect_of(service, operation, input)
            .map_err(|error| operation::unknown(&error))?;
        // Where the engine knows better how to settle a doubt, it does.
        if effect.class == Class::Unsafe && on_doubt == OnDoubt::Retry {
            effect.class = Class::Idempotent;
            effect.declared = true;
        }
        operation::check_input(service, operation, input)?;
        if on_doubt == OnDoubt::Beat {
            Self::may_beat(&effect)?;
            if self.manner.memory.is_some() {
                return self.beat(&effect, input);
            }
        }
        if effect.class == Class::Read {
            return self
                .read(service, operation, input)
                .map_err(|fault| self.thrown(&fault));
        }
        self.may_change(service, operation)?;
        Ok(self.once(&effect, service, operation, input)?)
    }

    /// A read that Ctrl-C or a failed sibling cut short is no error of its own.
    fn thrown(&self, fault: &Fault) -> Box<rhai::EvalAltResult> {
        let unseen = fault
            .code
            .as_deref()
            .is_some_and(knowledge::consistency_retryable);
        if self.cancel.is_set() {
            Stop::Cancelled.into()
        } else if unseen && scope::abandoned() {
            Stop::Abandoned.into()
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
        self.send_unless(&call, input, scope::abandoned)
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
        self.send_unless(&call, input, scope::abandoned)
    }

    pub(super) fn compose(
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

    /// Looks at the network or this host; it changes nothing and is not recorded.
    pub(super) fn run_probe(&self, question: &Question) -> Scripted<Value> {
        self.gate()?;
        self.tell(&Event::Reading {
            key: scope::path(),
            operation: question.name(),
        });
        self.prober
            .look(question)
            .map_err(|error| self.thrown(&unlooked(&error)))
    }

    /// Returns who is called, and asked about calls.
    pub(super) fn cloud(&self, service: &str) -> Result<&dyn Cloud, Failure> {
        if models::outside::knows(service) {
            return Ok(&*self.outside);
        }
        self.cloud.as_deref().ok_or_else(|| Failure::NotSent {
            service: "aws".into(),
            operation: "connect".into(),
            reason: "this run has no connection to AWS".into(),
        })
    }

    /// Sends a call, again for a while if AWS does not yet know something that this run has just made.
    pub(super) fn send(&self, call: &Call, named: &Value) -> Result<Reply, Failure> {
        self.send_unless(call, named, || false)
    }

    /// Sends a call, and not again once `over`.
    fn send_unless(
        &self,
        call: &Call,
        named: &Value,
        over: fn() -> bool,
    ) -> Result<Reply, Failure> {
        let cloud = self.cloud(&call.service)?;
        let watch = Stopwatch::start();
        loop {
            let result = cloud.call(call);
            let unseen = matches!(&result, Err(Failure::Answered(error)) if knowledge::consistency_retryable(&error.code));
            if !unseen || watch.elapsed() > self.recent.span || !self.recent.named_in(named) {
                return result;
            }
            if self.cancel.sleep_unless(AGAIN, over) {
                return result;
            }
        }
    }
}

/// Returns why nothing was looked at as a script catches it.
pub(super) fn unlooked(error: &Unlooked) -> Fault {
    Fault {
        message: error.message.clone(),
        code: Some(error.code.into()),
        ..Fault::default()
    }
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

pub(super) fn answered(error: &ServiceError) -> Fault {
    Fault {
        message: error.message.clone(),
        code: Some(error.code.clone()),
        service: Some(error.service.clone()),
        operation: Some(error.operation.clone()),
        request_id: error.request_id.clone(),
        details: error.details.clone(),
        ..Fault::default()
    }
}
