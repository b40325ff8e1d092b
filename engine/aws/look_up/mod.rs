//! Settling an effect in doubt: one look at AWS, by the typed clients.

mod associations;
mod elastic_ips;
mod iam;
mod interfaces;
mod kind;
mod network;
mod opsworks;
mod profiles;
#[cfg(test)]
mod replay;
mod rules;
#[cfg(test)]
mod tests;

use std::iter;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;
use thiserror::Error;

use knowledge::{Class, Effect, Identity, Look, Recall};

use crate::client::Session;

pub(crate) use kind::{all, filter, lives};
pub(crate) use opsworks::or_none;

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
    #[error("nothing tells whether `{service}::{operation}` was done")]
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
    /// What [`context`] read before the call was made.
    pub context: Option<&'a Value>,
    /// The id of what a person says it made: then nothing else counts. Several, with commas, for a call that makes several.
    pub chosen: Option<&'a str>,
}

/// Reads, before an effect is issued, what a later look-up needs and the input does not say.
///
/// # Errors
/// Returns an error if AWS does not answer.
pub async fn context(
    clients: &Clients,
    effect: &Effect,
    input: &Value,
) -> Result<Option<Value>, LookUpError> {
    let doubt = Doubt {
        effect,
        input,
        identity: &Identity::default(),
        context: None,
        chosen: None,
    };
    match effect.look() {
        Look::AssociationReplaced => associations::context(&clients.ec2, doubt).await,
        Look::ProfileReplaced => profiles::context(&clients.ec2, doubt).await,
        _ => Ok(None),
    }
}

/// Takes one look at whether the call was done.
///
/// An idempotent call is just made again: that is harmless, and not to see a thing is no proof that it is gone.
///
/// # Errors
/// Returns an error if AWS does not answer, or if no look can tell.
pub async fn look_up(clients: &Clients, doubt: Doubt<'_>) -> Result<Finding, LookUpError> {
    if doubt.chosen.is_some() {
        return doubt.look_for_chosen(clients).await;
    }
    let found = match doubt.effect.class {
        Class::Read | Class::Idempotent => None,
        _ => doubt.look(clients).await?,
    };
    found.map_or_else(|| doubt.not_found(), Ok)
}

/// Takes one look after a repeat was refused with a code of which [`knowledge::done_already`] holds.
///
/// What is absent even then was refused for another reason, or is not seen yet.
///
/// # Errors
/// Returns an error if AWS does not answer, or if no look can tell.
pub async fn look_again(clients: &Clients, doubt: Doubt<'_>) -> Result<Finding, LookUpError> {
    if doubt.chosen.is_some() {
        return doubt.look_for_chosen(clients).await;
    }
    match (doubt.look(clients).await?, doubt.effect.look()) {
        (Some(finding), _) => Ok(finding),
        (None, Look::Tagged(kind)) => kind::left(&clients.ec2, kind, doubt).await,
        (None, _) => Ok(Finding::Absent),
    }
}

impl<'a> Doubt<'a> {
    async fn look(self, clients: &Clients) -> Result<Option<Finding>, LookUpError> {
        match self.effect.look() {
            Look::None => Ok(None),
            Look::Tagged(kind) => kind::tagged(&clients.ec2, kind, self).await,
            Look::Gone(kind) => kind::gone(&clients.ec2, kind, self).await,
            Look::Iam(look) => iam::find(&clients.session, look, self).await,
            Look::RulesGone => rules::gone(&clients.ec2, self).await,
            look if look.is_profile() => profiles::find(&clients.ec2, look, self).await,
            look if look.is_interface() => interfaces::find(&clients.ec2, look, self).await,
            look if look.is_network() => network::find(&clients.ec2, look, self).await,
            look if look.is_address() => elastic_ips::find(&clients.opsworks, look, self).await,
            look => opsworks::find(&clients.opsworks, look, self).await,
        }
    }

    /// Returns what it means by class that nothing was found.
    fn not_found(self) -> Result<Finding, LookUpError> {
        match self.effect.class {
            Class::Read | Class::Idempotent | Class::Tokened => Ok(Finding::CallAgain),
            Class::Tagged | Class::Keyed if self.effect.has_look_up() => Ok(Finding::Absent),
            Class::Tagged | Class::Keyed | Class::Unsafe => Err(self.unsettled()),
        }
    }

    fn unsettled(self) -> LookUpError {
        LookUpError::Unsettled {
            service: self.effect.service.clone(),
            operation: self.effect.operation.clone(),
        }
    }

    /// Looks only for what a person says was made.
    async fn look_for_chosen(self, clients: &Clients) -> Result<Finding, LookUpError> {
        if !self.effect.has_look_up() {
            return Err(self.unsettled());
        }
        let found = self.look(clients).await?;
        Ok(found
            .filter(|finding| self.is_chosen(finding))
            .unwrap_or(Finding::Absent))
    }

    /// Returns whether a finding is about the chosen thing: one that the answer names, or for want of such the input.
    fn is_chosen(self, finding: &Finding) -> bool {
        let Finding::Done(output) = finding else {
            return true;
        };
        let made = knowledge::resource_ids(self.effect, output);
        let is_meant = |id: &str| {
            if made.is_empty() {
                names(self.input, id)
            } else {
                made.iter().any(|it| it == id)
            }
        };
        self.chosen_ids().next().is_some() && self.chosen_ids().all(is_meant)
    }

    fn chosen_ids(self) -> impl Iterator<Item = &'a str> {
        let ids = self.chosen.unwrap_or_default().split(',');
        ids.map(str::trim).filter(|id| !id.is_empty())
    }

    /// Keeps of the ids only those that a person has chosen, if one has.
    fn narrowed(self, ids: Vec<String>) -> Vec<String> {
        if self.chosen.is_none() {
            return ids;
        }
        let is_chosen = |id: &String| self.chosen_ids().any(|chosen| chosen == id);
        ids.into_iter().filter(is_chosen).collect()
    }

    fn optional(self, member: &str) -> Option<&'a str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// Returns the texts of a list in the input; none if there is no such list.
    fn list(self, member: &str) -> Vec<&'a str> {
        let items = self.input[member].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).collect()
    }

    fn required(self, member: &str) -> Result<&'a str, LookUpError> {
        self.optional(member).ok_or_else(|| LookUpError::Input {
            operation: self.effect.operation.clone(),
            member: member.to_owned(),
        })
    }

    pub(super) fn unanswered<E, R>(self, error: &SdkError<E, R>) -> LookUpError
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

/// Returns whether a text is somewhere in a value.
fn names(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Array(items) => items.iter().any(|item| names(item, text)),
        Value::Object(members) => members.values().any(|member| names(member, text)),
        _ => false,
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
