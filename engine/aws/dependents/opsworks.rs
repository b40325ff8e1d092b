//! What is in OpsWorks stacks.

use aws_sdk_opsworks::Client;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::look_up::{Doubt, LookUpError};
use knowledge::Dependent;

/// Reads the stacks whose instances are in these VPCs.
pub(super) async fn stacks(
    client: &Client,
    vpcs: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let reply = or_none(client.describe_stacks().send().await, doubt)?;
    let stacks = reply.and_then(|reply| reply.stacks).unwrap_or_default();
    let inside = stacks.into_iter().filter_map(|stack| {
        let vpc = stack.vpc_id.filter(|vpc| vpcs.contains(vpc))?;
        Some(dependent(
            "OpsWorks stack",
            stack.stack_id,
            stack.name,
            &vpc,
        ))
    });
    Ok(inside.collect())
}

pub(super) async fn contents(
    client: &Client,
    stack: &str,
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let reply = client.describe_layers().stack_id(stack).send().await;
    let reply = or_none(reply, doubt)?;
    let layers = reply.and_then(|reply| reply.layers).unwrap_or_default();
    let layers = layers
        .into_iter()
        .map(|layer| dependent("OpsWorks layer", layer.layer_id, layer.name, stack));
    let reply = client.describe_apps().stack_id(stack).send().await;
    let reply = or_none(reply, doubt)?;
    let apps = reply.and_then(|reply| reply.apps).unwrap_or_default();
    let apps = apps
        .into_iter()
        .map(|app| dependent("OpsWorks app", app.app_id, app.name, stack));
    let reply = client.describe_instances().stack_id(stack).send().await;
    let reply = or_none(reply, doubt)?;
    let machines = reply.and_then(|reply| reply.instances).unwrap_or_default();
    let machines = machines
        .into_iter()
        .map(|one| dependent("OpsWorks instance", one.instance_id, one.hostname, stack));
    Ok(layers.chain(apps).chain(machines).collect())
}

/// Takes OpsWorks's refusal to describe what it does not know for an empty reply.
fn or_none<T, E, R>(
    reply: Result<T, SdkError<E, R>>,
    doubt: Doubt<'_>,
) -> Result<Option<T>, LookUpError>
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug + 'static,
{
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(doubt.unanswered(&error)),
    }
}

fn dependent(
    noun: &'static str,
    id: Option<String>,
    name: Option<String>,
    within: &str,
) -> Dependent {
    Dependent {
        noun,
        id: id.unwrap_or_default(),
        name,
        within: within.to_owned(),
        ..Dependent::default()
    }
}
