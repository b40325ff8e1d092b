//! Calls to AWS as they go out: reads at once, effects by way of `effect`.

use serde_json::Value;

use super::conductor::Conductor;
use super::event::Event;
use super::{operation, scope, secrets};
use base::fault::Fault;
use base::secret::Reference;
use knowledge::Class;
use models::call::{Failure, Repeat, Reply, ServiceError};
use probe::{Question, Unlooked};
use script::fault;
use script::host::{OnDoubt, Scripted, StopReason};

impl Conductor {
    pub(super) fn run_call(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
        on_doubt: OnDoubt,
        keep: Option<Reference>,
    ) -> Scripted<Value> {
        self.control.gate()?;
        let mut effect = operation::effect_of(service, operation, input)
            .map_err(|error| operation::unknown(&error))?;
        effect.keep = keep;
        // Where the engine knows better how to settle a doubt, it does.
        if effect.class == Class::Unsafe && on_doubt == OnDoubt::Retry {
            effect.class = Class::Idempotent;
            effect.declared = true;
        }
        secrets::recall(input)?;
        operation::check_input(service, operation, input)?;
        if on_doubt == OnDoubt::Beat {
            Self::may_beat(&effect)?;
            if self.recorder.memory.is_some() {
                return self.beat(&effect, input);
            }
        }
        if effect.class == Class::Read {
            return self
                .read(service, operation, input)
                .map_err(|fault| self.thrown(&fault));
        }
        self.control.may_change(service, operation)?;
        Ok(self.once(&effect, service, operation, input)?)
    }

    /// A read that Ctrl-C or a failed sibling cut short is no error of its own.
    fn thrown(&self, fault: &Fault) -> Box<rhai::EvalAltResult> {
        let unseen = fault
            .code
            .as_deref()
            .is_some_and(knowledge::consistency_retryable);
        if self.control.cancel.is_set() {
            StopReason::Cancelled.into()
        } else if unseen && scope::abandoned() {
            StopReason::Abandoned.into()
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
        self.recorder.emit(&Event::Reading {
            key: key.clone(),
            operation: format!("{service}.{operation}"),
        });
        let call = self
            .outbound
            .compose(service, operation, input.clone(), &key, Repeat::Safe);
        self.outbound
            .send_unless(&call, input, scope::abandoned)
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
        let call = self.outbound.compose(
            service,
            operation,
            input.clone(),
            &scope::path(),
            Repeat::Safe,
        );
        self.outbound.send_unless(&call, input, scope::abandoned)
    }

    /// Looks at the network or this host; it changes nothing and is not recorded.
    pub(super) fn run_probe(&self, question: &Question) -> Scripted<Value> {
        self.control.gate()?;
        self.recorder.emit(&Event::Reading {
            key: scope::path(),
            operation: question.name(),
        });
        self.outbound
            .probe(question)
            .map_err(|error| self.thrown(&unlooked(&error)))
    }
}

/// Returns why nothing was looked at as a script catches it.
pub(super) fn unlooked(error: &Unlooked) -> Fault {
    Fault::coded(error.code, &error.message)
}

/// Returns a failure as a script catches it.
pub(super) fn fault_of(failure: &Failure) -> Fault {
    let unanswered = |code: &str, service: &str, operation: &str, reason: &str| {
        Fault::coded(code, reason).of_call(service, operation)
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
        request_id: error.request_id.clone(),
        details: error.details.clone(),
        ..Fault::coded(&error.code, &error.message).of_call(&error.service, &error.operation)
    }
}
