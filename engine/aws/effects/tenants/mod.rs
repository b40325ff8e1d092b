//! What depends on things that are to be deleted: a VPC's contents, an address's user, a stack's instances.

mod instances;
mod opsworks;
mod tags;
mod vpc;

use aws_sdk_ec2::types::Tag;
use serde_json::Value;

use super::find::{Clients, Doubt, LookUpError};
use super::inverse::Rest;
use super::{Effect, Identity, RUN_TAG};

/// The things that are to be deleted, of those kinds that others may depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estate {
    pub vpcs: Vec<String>,
    pub subnets: Vec<String>,
    pub groups: Vec<String>,
    pub instances: Vec<String>,
    pub addresses: Vec<String>,
    pub stacks: Vec<String>,
    /// OpsWorks is asked only if the run has used it: it is closed to most.
    pub uses_opsworks: bool,
}

/// Something that depends on what is to be deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenant {
    pub noun: &'static str,
    pub id: String,
    pub name: Option<String>,
    /// The run that its tag names.
    pub run: Option<String>,
    /// What it depends on.
    pub within: String,
    /// AWS made it, and takes it away with that.
    pub is_part: bool,
    /// It only leads traffic there, and stays as it is.
    pub is_led: bool,
    /// With one of these it goes too.
    pub with: Vec<String>,
}

/// How something stands that AWS needs time for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub id: String,
    pub state: String,
    /// What goes with it: the EC2 instance of an OpsWorks one, the interfaces of a gateway.
    pub along: Vec<String>,
}

/// Reads what depends on the estate, itself included.
///
/// # Errors
/// Returns an error if AWS does not answer.
pub async fn tenants(clients: &Clients, estate: &Estate) -> Result<Vec<Tenant>, LookUpError> {
    let effect = reading();
    let doubt = asking(&effect);
    let mut all = Vec::new();
    for id in &estate.vpcs {
        all.extend(vpc::contents(&clients.ec2, id, doubt).await?);
    }
    all.extend(vpc::on_subnets(&clients.ec2, &estate.subnets, doubt).await?);
    all.extend(vpc::on_groups(&clients.ec2, &estate.groups, doubt).await?);
    all.extend(vpc::on_addresses(&clients.ec2, &estate.addresses, doubt).await?);
    all.extend(vpc::leading_to(&clients.ec2, &estate.instances, doubt).await?);
    if estate.uses_opsworks && !estate.vpcs.is_empty() {
        all.extend(opsworks::stacks(&clients.opsworks, &estate.vpcs, doubt).await?);
    }
    for id in &estate.stacks {
        all.extend(opsworks::contents(&clients.opsworks, id, doubt).await?);
    }
    Ok(all)
}

/// Reads how things stand; those that are not there are left out.
///
/// # Errors
/// Returns an error if AWS does not answer.
pub async fn states(
    clients: &Clients,
    kind: Rest,
    ids: &[String],
) -> Result<Vec<State>, LookUpError> {
    let effect = reading();
    let doubt = asking(&effect);
    match kind {
        Rest::Machine => opsworks::states(&clients.opsworks, ids, doubt).await,
        _ => instances::states(&clients.ec2, kind, ids, doubt).await,
    }
}

/// Returns those of the ids, or of all if none are given, that carry one of the tags `[{key, value}]`.
///
/// # Errors
/// Returns an error if AWS does not answer.
pub async fn carriers(
    clients: &Clients,
    ids: &[String],
    tags: &Value,
) -> Result<Vec<String>, LookUpError> {
    let effect = reading();
    tags::carriers(&clients.ec2, ids, tags, asking(&effect)).await
}

/// Errors of look-ups name an operation; here it is not one of a script's.
fn reading() -> Effect {
    super::effect("ec2", "describe_what_depends", super::ModelFacts::default())
}

fn asking(effect: &Effect) -> Doubt<'_> {
    static NOBODY: Identity = Identity {
        run: String::new(),
        key: String::new(),
        epoch: 0,
    };
    Doubt {
        effect,
        input: &Value::Null,
        identity: &NOBODY,
        context: None,
        chosen: None,
    }
}

/// Returns the name of a thing and the run that it belongs to.
fn labels(tags: &[Tag]) -> (Option<String>, Option<String>) {
    let value = |key: &str| {
        let tag = tags.iter().find(|tag| tag.key() == Some(key));
        tag.and_then(Tag::value).map(str::to_owned)
    };
    (value("Name"), value(RUN_TAG))
}
