//! A doubt, what one look at AWS found of it, and why a look could not tell.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;
use thiserror::Error;

use crate::client::Session;
use base::error::chain;
use knowledge::{Effect, Identity};
use models::call::Failure;

/// What look-ups read with: the session for those that rows describe, the typed clients for the others.
#[derive(Clone, Debug)]
pub struct Clients {
    pub ec2: aws_sdk_ec2::Client,
    pub opsworks: aws_sdk_opsworks::Client,
    pub session: Session,
}

impl Clients {
    #[must_use]
    pub fn new(session: &Session) -> Self {
        let config = session.sdk_config();
        Self {
            ec2: aws_sdk_ec2::Client::new(config),
            opsworks: aws_sdk_opsworks::Client::new(config),
            session: session.clone(),
        }
    }
}

/// What a look found: how what a call made stands in AWS.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// It was done, and what it made is there; this is what the call answers.
    Done(Value),
    /// Nothing of it is seen. AWS's reads lag its writes: look again for a while before the call is made again.
    Absent,
    /// The same call, with the same marks, is safe.
    CallAgain,
    /// More than one thing has our mark or key, or fewer than were asked for are left: their ids.
    Several(Vec<String>),
    /// Looking does not settle it; the reason says why.
    Unknowable(String),
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LookUpError {
    #[error("AWS does not show whether `{service}::{operation}` was done")]
    Unsettled { service: String, operation: String },
    #[error("`{operation}` cannot be looked up without `{member}`")]
    Input { operation: String, member: String },
    #[error("cannot look up what `{operation}` made: {reason}")]
    Unanswered {
        operation: String,
        code: Option<String>,
        reason: String,
    },
}

/// An effect of which it is not known whether it was done.
#[derive(Clone, Copy, Debug)]
pub struct Doubt<'a> {
    pub effect: &'a Effect,
    /// The script's, without our marks.
    pub input: &'a Value,
    pub identity: &'a Identity,
    /// What `context` read before the call was made.
    pub context: Option<&'a Value>,
    /// The id of what a person says it made: then nothing else counts. Several, with commas, for a call that makes several.
    pub chosen: Option<&'a str>,
}

impl<'a> Doubt<'a> {
    pub(super) fn unsettled(self) -> LookUpError {
        LookUpError::Unsettled {
            service: self.effect.service.clone(),
            operation: self.effect.operation.clone(),
        }
    }

    pub(super) fn chosen_ids(self) -> impl Iterator<Item = &'a str> {
        let ids = self.chosen.unwrap_or_default().split(',');
        ids.map(str::trim).filter(|id| !id.is_empty())
    }

    /// Returns whether no person has said what was made, or this is it.
    pub(super) fn may_be(self, id: &str) -> bool {
        self.chosen.is_none() || self.chosen_ids().any(|chosen| chosen == id)
    }

    pub(super) fn only_chosen(self, mut ids: Vec<String>) -> Vec<String> {
        ids.retain(|id| self.may_be(id));
        ids
    }

    pub(super) fn optional(self, member: &str) -> Option<&'a str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// Returns the texts of a list in the input; none if there is no such list.
    pub(super) fn list(self, member: &str) -> Vec<&'a str> {
        let items = self.input[member].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).collect()
    }

    pub(super) fn required(self, member: &str) -> Result<&'a str, LookUpError> {
        self.optional(member).ok_or_else(|| LookUpError::Input {
            operation: self.effect.operation.clone(),
            member: member.to_owned(),
        })
    }

    /// Returns the first of these members that the input has, with its text.
    pub(super) fn one_of<'m>(
        self,
        members: impl Iterator<Item = &'m str> + Clone,
    ) -> Result<(&'m str, &'a str), LookUpError> {
        let mut given = members.clone();
        let found = given.find_map(|member| Some((member, self.optional(member)?)));
        found.ok_or_else(|| LookUpError::Input {
            operation: self.effect.operation.clone(),
            member: members.last().unwrap_or_default().to_owned(),
        })
    }

    /// The same as [`Self::unanswered`] for the model-driven client.
    pub(super) fn without_answer(self, failure: &Failure) -> LookUpError {
        let (code, reason) = match failure {
            Failure::Answered(error) => (
                Some(error.code.clone()),
                format!("{}: {}", error.code, error.message),
            ),
            _ => (None, failure.to_string()),
        };
        LookUpError::Unanswered {
            operation: self.effect.operation.clone(),
            code,
            reason,
        }
    }

    pub(super) fn unanswered<E, R>(self, error: &SdkError<E, R>) -> LookUpError
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug + 'static,
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
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    if let Some(message) = error.message() {
        return format!("{}: {message}", error.code().unwrap_or("error"));
    }
    chain(error)
}
