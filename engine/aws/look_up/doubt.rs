//! A doubt, what one look at AWS found of it, and why a look could not tell.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;
use thiserror::Error;

use crate::client::Session;
use base::error::chain;
use knowledge::{Effect, Identity, Recall};

/// What look-ups read with: the typed clients, and the session for the services that have none here.
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
    /// More than one thing has our mark or key, or fewer than were asked for are left: their ids.
    Several(Vec<String>),
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

    /// Keeps of the ids only those that a person has chosen, if one has.
    pub(super) fn only_chosen(self, ids: Vec<String>) -> Vec<String> {
        if self.chosen.is_none() {
            return ids;
        }
        let is_chosen = |id: &String| self.chosen_ids().any(|chosen| chosen == id);
        ids.into_iter().filter(is_chosen).collect()
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

    pub(crate) fn unanswered<E, R>(self, error: &SdkError<E, R>) -> LookUpError
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
