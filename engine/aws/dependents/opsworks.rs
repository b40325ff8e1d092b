//! What is in OpsWorks stacks, and how its instances stand.

use aws_sdk_opsworks::Client;
use aws_sdk_opsworks::types::Instance;

use crate::look_up::{Doubt, LookUpError, or_none};
use knowledge::{Dependent, State};

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

pub(super) async fn states(
    client: &Client,
    ids: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<State>, LookUpError> {
    let mut states = Vec::new();
    // Asked one by one: with one unknown among them, OpsWorks describes none.
    for id in ids {
        let reply = client.describe_instances().instance_ids(id).send().await;
        let reply = or_none(reply, doubt)?;
        let found = reply.and_then(|reply| reply.instances).unwrap_or_default();
        states.extend(found.iter().map(state));
    }
    Ok(states)
}

fn state(machine: &Instance) -> State {
    State {
        id: machine.instance_id().unwrap_or_default().to_owned(),
        state: machine.status().unwrap_or_default().to_owned(),
        along: machine.ec2_instance_id.clone().into_iter().collect(),
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
