//! Settling an effect in doubt: one look at AWS, by the typed clients.

mod kind;
mod network;
mod opsworks;
mod recall;
#[cfg(test)]
mod replay;
mod rules;
#[cfg(test)]
mod tests;

use std::iter;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use serde_json::Value;
use thiserror::Error;

use super::{Class, Effect, Identity, Look};

pub use kind::Kind;
pub use recall::{Recall, Shape};

/// The typed clients that look-ups read with.
#[derive(Clone, Debug)]
pub struct Clients {
    pub ec2: aws_sdk_ec2::Client,
    pub opsworks: aws_sdk_opsworks::Client,
}

impl Clients {
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            ec2: aws_sdk_ec2::Client::new(config),
            opsworks: aws_sdk_opsworks::Client::new(config),
        }
    }
}

/// What one look found.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// It was done; this is what the call answers.
    Done(Value),
    /// It was done; this call reads what it made, and makes the call's answer of it.
    Recall(Recall),
    /// Nothing of it is seen. AWS's reads lag its writes: look again for a while before the call is made again.
    Absent,
    /// The same call, with the same token, is safe.
    CallAgain,
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LookUpError {
    #[error("nothing tells whether `{service}::{operation}` was done")]
    Unsettled { service: String, operation: String },
    #[error("`{operation}` cannot be looked up without `{member}`")]
    Input { operation: String, member: String },
    #[error("several things may be what `{operation}` made: {candidates}")]
    Ambiguous {
        operation: String,
        candidates: String,
    },
    #[error("cannot look up what `{operation}` made: {reason}")]
    Unanswered {
        operation: String,
        code: Option<String>,
        reason: String,
    },
}

/// Takes one look at whether the call was done. `input` is the script's, without our marks.
///
/// An idempotent call is just made again: that is harmless, and not to see a thing is no proof that it is gone.
pub async fn look_up(
    clients: &Clients,
    effect: &Effect,
    input: &Value,
    identity: &Identity,
) -> Result<Finding, LookUpError> {
    let question = Question {
        effect,
        input,
        identity,
    };
    let found = match effect.class {
        Class::Read | Class::Idempotent => None,
        _ => question.look(clients).await?,
    };
    found.map_or_else(|| question.not_found(), Ok)
}

/// Takes one look after a repeat was refused with a code of which [`super::done_already`] holds.
///
/// What is absent even then was refused for another reason, or is not seen yet.
pub async fn look_again(
    clients: &Clients,
    effect: &Effect,
    input: &Value,
    identity: &Identity,
) -> Result<Finding, LookUpError> {
    let question = Question {
        effect,
        input,
        identity,
    };
    Ok(question.look(clients).await?.unwrap_or(Finding::Absent))
}

/// One effect in doubt.
#[derive(Clone, Copy)]
struct Question<'a> {
    effect: &'a Effect,
    input: &'a Value,
    identity: &'a Identity,
}

impl<'a> Question<'a> {
    async fn look(self, clients: &Clients) -> Result<Option<Finding>, LookUpError> {
        match self.effect.row.map_or(Look::None, |row| row.look) {
            Look::None => Ok(None),
            Look::Tagged(kind) => kind::tagged(&clients.ec2, kind, self).await,
            Look::Gone(kind) => kind::gone(&clients.ec2, kind, self).await,
            Look::RulesGone => rules::gone(&clients.ec2, self).await,
            look if look.is_network() => network::find(&clients.ec2, look, self).await,
            look => opsworks::find(&clients.opsworks, look, self).await,
        }
    }

    /// Returns what it means by class that nothing was found.
    fn not_found(self) -> Result<Finding, LookUpError> {
        match self.effect.class {
            Class::Read | Class::Idempotent | Class::Tokened => Ok(Finding::CallAgain),
            Class::Tagged | Class::Keyed if self.effect.looked_up() => Ok(Finding::Absent),
            Class::Tagged | Class::Keyed | Class::Unsafe => Err(self.unsettled()),
        }
    }

    fn unsettled(self) -> LookUpError {
        LookUpError::Unsettled {
            service: self.effect.service.clone(),
            operation: self.effect.operation.clone(),
        }
    }

    fn ambiguous(self, candidates: &[String]) -> LookUpError {
        LookUpError::Ambiguous {
            operation: self.effect.operation.clone(),
            candidates: candidates.join(", "),
        }
    }

    fn optional(self, member: &str) -> Option<&'a str> {
        self.input.get(member).and_then(Value::as_str)
    }

    fn required(self, member: &str) -> Result<&'a str, LookUpError> {
        self.optional(member).ok_or_else(|| LookUpError::Input {
            operation: self.effect.operation.clone(),
            member: member.to_owned(),
        })
    }

    fn unanswered<E, R>(self, error: &SdkError<E, R>) -> LookUpError
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug,
    {
        LookUpError::Unanswered {
            operation: self.effect.operation.clone(),
            code: error.code().map(str::to_owned),
            reason: reason(error),
        }
    }
}

/// Returns AWS's own words if it answered, else the chain of causes.
fn reason<E>(error: &E) -> String
where
    E: std::error::Error + ProvideErrorMetadata,
{
    if let Some(message) = error.message() {
        return format!("{}: {message}", error.code().unwrap_or("error"));
    }
    let causes = iter::successors(error.source(), |cause| cause.source());
    let first = error.to_string();
    iter::once(first)
        .chain(causes.map(ToString::to_string))
        .collect::<Vec<_>>()
        .join(": ")
}
