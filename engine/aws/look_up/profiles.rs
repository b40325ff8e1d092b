//! Instance profiles of instances: an instance has one; a replaced association has a new id.
//!
//! A row does not fit: a request names a profile by its ARN or its name, and whose it was is read before the call.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    IamInstanceProfileAssociation as Association, IamInstanceProfileAssociationState as State,
};
use serde_json::{Value, json};

use crate::look_up::doubt::{Doubt, Found, LookUpError};
use crate::look_up::ec2::{all, filter};

/// Reads whose profile is about to be replaced: the request names only the association.
pub(super) async fn context(
    client: &Client,
    doubt: Doubt<'_>,
) -> Result<Option<Value>, LookUpError> {
    let association = named(client, doubt).await?;
    Ok(association
        .and_then(|it| it.instance_id)
        .map(|id| json!({"instance_id": id})))
}

pub(super) async fn associated(
    client: &Client,
    doubt: Doubt<'_>,
) -> Result<Option<Value>, LookUpError> {
    let instance = Some(doubt.required("instance_id")?);
    let found = with_profile(client, instance, doubt).await?;
    Ok(found.first().map(reply))
}

/// Without knowing whose profile it was, only the one that has the new profile can be meant.
pub(super) async fn replaced(
    client: &Client,
    doubt: Doubt<'_>,
) -> Result<Option<Found>, LookUpError> {
    let instance = doubt.context.and_then(|was| was["instance_id"].as_str());
    if instance.is_none() && named(client, doubt).await?.is_some() {
        return Ok(None);
    }
    let found = with_profile(client, instance, doubt).await?;
    let ids = found.iter().filter_map(|it| it.association_id.clone());
    let ids = doubt.only_chosen(ids.collect());
    let only = found
        .iter()
        .find(|it| it.association_id.as_ref() == ids.first());
    Ok(match ids.len() {
        0 | 1 => only.filter(|_| !ids.is_empty()).map(reply).map(Found::Done),
        _ => Some(Found::Several(ids)),
    })
}

/// Returns the association that the input names, while it is in force.
async fn named(client: &Client, doubt: Doubt<'_>) -> Result<Option<Association>, LookUpError> {
    let id = doubt.required("association_id")?;
    let found = associations(client, None, doubt).await?;
    let is = |it: &Association| it.association_id() == Some(id) && is_live(it);
    Ok(found.into_iter().find(is))
}

/// Returns the associations with the input's profile, the input's own left out.
async fn with_profile(
    client: &Client,
    instance: Option<&str>,
    doubt: Doubt<'_>,
) -> Result<Vec<Association>, LookUpError> {
    let old = doubt.optional("association_id");
    let mut found = associations(client, instance, doubt).await?;
    found.retain(|it| {
        is_live(it)
            && it.association_id() != old
            && has_profile(it, &doubt.input["iam_instance_profile"])
    });
    Ok(found)
}

async fn associations(
    client: &Client,
    instance: Option<&str>,
    doubt: Doubt<'_>,
) -> Result<Vec<Association>, LookUpError> {
    let filters = instance.map(|id| vec![filter("instance-id", &[id])]);
    let request = client
        .describe_iam_instance_profile_associations()
        .set_filters(filters);
    all!(request, doubt)
}

fn is_live(association: &Association) -> bool {
    matches!(
        association.state(),
        Some(State::Associated | State::Associating)
    )
}

/// A request gives the profile's ARN or its name, which is the ARN's last part.
fn has_profile(association: &Association, wanted: &Value) -> bool {
    let Some(arn) = association.iam_instance_profile().and_then(|it| it.arn()) else {
        return false;
    };
    match (wanted["arn"].as_str(), wanted["name"].as_str()) {
        (Some(wanted), _) => arn == wanted,
        (None, Some(name)) => arn.rsplit('/').next() == Some(name),
        (None, None) => false,
    }
}

fn reply(association: &Association) -> Value {
    let profile = association.iam_instance_profile();
    json!({"iam_instance_profile_association": {
        "association_id": association.association_id(),
        "instance_id": association.instance_id(),
        "iam_instance_profile": {"arn": profile.and_then(|it| it.arn()), "id": profile.and_then(|it| it.id())},
        "state": association.state().map(State::as_str),
    }})
}
