//! Settling an effect in doubt: one look at AWS, by a row of [`knowledge`] or, where none fits, by a typed client.

mod associations;
mod doubt;
mod ec2;
mod endpoints;
mod kind;
mod opsworks;
mod profiles;
mod query;
mod read;
#[cfg(test)]
mod replay;
mod routes;
mod rules;
#[cfg(test)]
mod tests;

use base::texts::texts;
use serde_json::Value;

use knowledge::{Class, Effect, Identity, Look};

pub use doubt::{Clients, Doubt, Found, LookUpError};

pub(crate) use read::{by_ids, filter, read, selected, state};

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
/// Returns an error if AWS does not answer.
pub async fn look_up(clients: &Clients, doubt: Doubt<'_>) -> Result<Found, LookUpError> {
    found(doubt.look_once(clients).await)
}

/// Takes one look after a repeat was refused with a code of which [`knowledge::done_already`] holds.
///
/// What is absent even then was refused for another reason, or is not seen yet.
///
/// # Errors
/// Returns an error if AWS does not answer.
pub async fn look_again(clients: &Clients, doubt: Doubt<'_>) -> Result<Found, LookUpError> {
    found(doubt.look_after_refusal(clients).await)
}

/// Takes for an answer that no look can tell.
fn found(looked: Result<Found, LookUpError>) -> Result<Found, LookUpError> {
    match looked {
        Err(error @ (LookUpError::Unsettled { .. } | LookUpError::Input { .. })) => {
            Ok(Found::Unknowable(error.to_string()))
        }
        looked => looked,
    }
}

impl Doubt<'_> {
    async fn look_once(self, clients: &Clients) -> Result<Found, LookUpError> {
        if self.chosen.is_some() {
            return self.look_for_chosen(clients).await;
        }
        let found = match self.effect.class {
            Class::Read | Class::Idempotent => None,
            _ => self.look(clients).await?,
        };
        found.map_or_else(|| self.not_found(), Ok)
    }

    async fn look_after_refusal(self, clients: &Clients) -> Result<Found, LookUpError> {
        if self.chosen.is_some() {
            return self.look_for_chosen(clients).await;
        }
        match (self.look(clients).await?, self.effect.look()) {
            (Some(found), _) => Ok(found),
            (None, Look::Tagged(kind)) => kind::left(&clients.session, kind, self).await,
            (None, _) => Ok(Found::Absent),
        }
    }

    async fn look(self, clients: &Clients) -> Result<Option<Found>, LookUpError> {
        let Clients { ec2, session, .. } = clients;
        let done = match self.effect.look() {
            Look::None => None,
            Look::Tagged(kind) => return kind::tagged(session, kind, self).await,
            Look::Gone(kind) => return kind::gone(session, kind, self).await,
            Look::Query(query) => return query::find(session, query, self).await,
            Look::AssociationReplaced => return associations::replaced(ec2, self).await,
            Look::ProfileReplaced => return profiles::replaced(ec2, self).await,
            Look::Stack => return opsworks::stack(&clients.opsworks, self).await,
            Look::ProfileAssociated => profiles::associated(ec2, self).await?,
            Look::EndpointModified => endpoints::modified(ec2, self).await?,
            Look::RouteMade => routes::exists(ec2, self).await?,
            Look::RouteGone => routes::gone(ec2, self).await?,
            Look::RulesGone => rules::gone(ec2, self).await?,
        };
        Ok(done.map(Found::Done))
    }

    /// Returns what it means by class that nothing was found.
    fn not_found(self) -> Result<Found, LookUpError> {
        match self.effect.class {
            Class::Read | Class::Idempotent | Class::Tokened => Ok(Found::CallAgain),
            Class::Tagged | Class::Keyed if self.effect.has_look_up() => Ok(Found::Absent),
            Class::Tagged | Class::Keyed | Class::Unsafe => Err(self.unsettled()),
        }
    }

    /// Looks only for what a person says was made.
    async fn look_for_chosen(self, clients: &Clients) -> Result<Found, LookUpError> {
        if !self.effect.has_look_up() {
            return Err(self.unsettled());
        }
        let found = self.look(clients).await?;
        Ok(found
            .filter(|found| self.is_chosen(found))
            .unwrap_or(Found::Absent))
    }

    /// Returns whether what was found is about the chosen thing: one that the answer names, or for want of such the input.
    fn is_chosen(self, found: &Found) -> bool {
        let Found::Done(output) = found else {
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
