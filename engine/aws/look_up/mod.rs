//! Settling an effect in doubt: one look at AWS, by the typed clients.

mod associations;
mod doubt;
mod ec2;
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

use base::texts::texts;
use serde_json::Value;

use knowledge::{Class, Effect, Identity, Look};

pub use doubt::{Clients, Doubt, Finding, LookUpError};

pub(crate) use ec2::{all, filter, lives};
pub(crate) use opsworks::or_none;

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

impl Doubt<'_> {
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
                texts(self.input).any(|text| text == id)
            } else {
                made.iter().any(|it| it == id)
            }
        };
        self.chosen_ids().next().is_some() && self.chosen_ids().all(is_meant)
    }
}
