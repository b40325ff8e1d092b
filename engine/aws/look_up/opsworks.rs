//! What OpsWorks calls made: found by natural keys and by marks in the request.

use aws_sdk_opsworks::Client;
use aws_sdk_opsworks::types::{App, AppType, Instance, Layer};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::{Value, json};

use crate::look_up::doubt::{Doubt, Finding, LookUpError};
use knowledge::{Look, has_stack_mark, marked};

/// States of an instance that was not started, or not since it was stopped.
const NOT_STARTED: &[&str] = &[
    "shutting_down",
    "stop_failed",
    "stopped",
    "stopping",
    "terminated",
    "terminating",
];

/// States of an instance that was stopped.
const STOPPED: &[&str] = &[
    "shutting_down",
    "stopped",
    "stopping",
    "terminated",
    "terminating",
];

pub(super) async fn find(
    client: &Client,
    look: Look,
    doubt: Doubt<'_>,
) -> Result<Option<Finding>, LookUpError> {
    let done = match look {
        Look::Stack => return stack(client, doubt).await,
        Look::Layer => return layer(client, doubt).await,
        Look::Machine => return machine(client, doubt).await,
        Look::MachineStarted => {
            in_state(client, doubt, |state| !NOT_STARTED.contains(&state)).await?
        }
        Look::MachineStopped => in_state(client, doubt, |state| STOPPED.contains(&state)).await?,
        Look::Deployment => return deployment(client, doubt).await,
        Look::UserProfile => user_profile(client, doubt).await?,
        Look::App => return app(client, doubt).await,
        Look::AppGone => app_gone(client, doubt).await?,
        Look::MachineAssigned => assigned(client, doubt).await?,
        Look::MachineUnassigned => unassigned(client, doubt).await?,
        Look::StackStarted => {
            all_in_state(client, doubt, |state| !NOT_STARTED.contains(&state)).await?
        }
        Look::StackStopped => all_in_state(client, doubt, |state| STOPPED.contains(&state)).await?,
        Look::StackGone => stack_gone(client, doubt).await?,
        Look::LayerGone => layer_gone(client, doubt).await?,
        Look::MachineGone => input_machine(client, doubt)
            .await?
            .is_none()
            .then(|| json!({})),
        Look::UserProfileGone => user_profile(client, doubt)
            .await?
            .is_none()
            .then(|| json!({})),
        _ => return Err(doubt.unsettled()),
    };
    Ok(done.map(Finding::Done))
}

/// Takes OpsWorks's refusal to describe what it does not know for an empty reply.
pub(crate) fn or_none<T, E, R>(
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

/// Returns the only id, as the call's answer.
fn only(member: &str, ids: Vec<String>, doubt: Doubt<'_>) -> Option<Finding> {
    match &doubt.only_chosen(ids)[..] {
        [] => None,
        [id] => Some(Finding::Done(json!({ member: id }))),
        ids => Some(Finding::Several(ids.to_vec())),
    }
}

/// A stack without our mark was made by a request that could not be marked: then nothing tells.
async fn stack(client: &Client, doubt: Doubt<'_>) -> Result<Option<Finding>, LookUpError> {
    let ours = |json: Option<&str>| json.is_some_and(|json| has_stack_mark(json, doubt.identity));
    let sent = marked(doubt.effect, doubt.input, doubt.identity);
    if !ours(sent["custom_json"].as_str()) {
        return Err(doubt.unsettled());
    }
    let reply = client
        .describe_stacks()
        .send()
        .await
        .map_err(|error| doubt.unanswered(&error))?;
    let stacks = reply
        .stacks()
        .iter()
        .filter(|stack| ours(stack.custom_json()));
    let ids: Vec<_> = stacks.filter_map(|stack| stack.stack_id.clone()).collect();
    Ok(only("stack_id", ids, doubt))
}

/// A stack's layers have different short names; the name and the type tell a stranger's layer.
async fn layer(client: &Client, doubt: Doubt<'_>) -> Result<Option<Finding>, LookUpError> {
    let stack = doubt.required("stack_id")?;
    let shortname = doubt.required("shortname")?;
    let reply = or_none(client.describe_layers().stack_id(stack).send().await, doubt)?;
    let layers = reply.and_then(|reply| reply.layers).unwrap_or_default();
    let matches = |layer: &&Layer| {
        layer.shortname() == Some(shortname)
            && doubt
                .optional("name")
                .is_none_or(|name| layer.name() == Some(name))
            && doubt
                .optional("type")
                .is_none_or(|kind| layer.r#type().is_some_and(|it| it.as_str() == kind))
    };
    let ids: Vec<_> = layers
        .iter()
        .filter(matches)
        .filter_map(|layer| layer.layer_id.clone())
        .collect();
    Ok(only("layer_id", ids, doubt))
}

/// A stack's instances have different host names; the layers tell a stranger's instance.
async fn machine(client: &Client, doubt: Doubt<'_>) -> Result<Option<Finding>, LookUpError> {
    let sent = marked(doubt.effect, doubt.input, doubt.identity);
    let hostname = sent["hostname"].as_str().unwrap_or_default();
    let matches = |machine: &&Instance| {
        machine
            .hostname()
            .is_some_and(|it| it.eq_ignore_ascii_case(hostname))
            && lives(machine)
            && same_layers(machine, &doubt.input["layer_ids"])
    };
    let ids: Vec<_> = machines(client, doubt)
        .await?
        .iter()
        .filter(matches)
        .filter_map(|machine| machine.instance_id.clone())
        .collect();
    Ok(only("instance_id", ids, doubt))
}

/// Returns the instances of the input's stack.
async fn machines(client: &Client, doubt: Doubt<'_>) -> Result<Vec<Instance>, LookUpError> {
    let stack = doubt.required("stack_id")?;
    let reply = client.describe_instances().stack_id(stack).send().await;
    Ok(or_none(reply, doubt)?
        .and_then(|reply| reply.instances)
        .unwrap_or_default())
}

fn lives(machine: &Instance) -> bool {
    !matches!(machine.status(), Some("terminated" | "terminating"))
}

fn same_layers(machine: &Instance, layers: &Value) -> bool {
    let wanted = layers
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    wanted
        .into_iter()
        .all(|layer| machine.layer_ids().iter().any(|id| id == layer))
}

async fn input_machine(client: &Client, doubt: Doubt<'_>) -> Result<Option<Instance>, LookUpError> {
    let id = doubt.required("instance_id")?;
    let reply = or_none(
        client.describe_instances().instance_ids(id).send().await,
        doubt,
    )?;
    Ok(reply
        .and_then(|reply| reply.instances)
        .unwrap_or_default()
        .into_iter()
        .find(lives))
}

async fn in_state(
    client: &Client,
    doubt: Doubt<'_>,
    is_done: fn(&str) -> bool,
) -> Result<Option<Value>, LookUpError> {
    let machine = input_machine(client, doubt).await?;
    let status = machine.as_ref().and_then(Instance::status);
    Ok(status.is_some_and(is_done).then(|| json!({})))
}

async fn deployment(client: &Client, doubt: Doubt<'_>) -> Result<Option<Finding>, LookUpError> {
    let stack = doubt.required("stack_id")?;
    let token = doubt.identity.token();
    let reply = or_none(
        client.describe_deployments().stack_id(stack).send().await,
        doubt,
    )?;
    let deployments = reply
        .and_then(|reply| reply.deployments)
        .unwrap_or_default();
    let ours = deployments
        .iter()
        .filter(|it| it.comment().is_some_and(|comment| comment.contains(&token)));
    let ids: Vec<_> = ours.filter_map(|it| it.deployment_id.clone()).collect();
    Ok(only("deployment_id", ids, doubt))
}

/// Looks whether all of the stack's instances are in such a state; those that OpsWorks starts by load or time are its own.
async fn all_in_state(
    client: &Client,
    doubt: Doubt<'_>,
    is_done: fn(&str) -> bool,
) -> Result<Option<Value>, LookUpError> {
    let machines = machines(client, doubt).await?;
    let mut steady = machines.iter().filter(|it| it.auto_scaling_type.is_none());
    let done = steady.all(|it| it.status().is_some_and(is_done));
    Ok(done.then(|| json!({})))
}

async fn assigned(client: &Client, doubt: Doubt<'_>) -> Result<Option<Value>, LookUpError> {
    let machine = input_machine(client, doubt).await?;
    let done = machine.is_some_and(|it| same_layers(&it, &doubt.input["layer_ids"]));
    Ok(done.then(|| json!({})))
}

async fn unassigned(client: &Client, doubt: Doubt<'_>) -> Result<Option<Value>, LookUpError> {
    let machine = input_machine(client, doubt).await?;
    Ok(machine
        .is_none_or(|it| it.layer_ids().is_empty())
        .then(|| json!({})))
}

/// A stack's apps have different names; the type and the short name tell a stranger's app.
async fn app(client: &Client, doubt: Doubt<'_>) -> Result<Option<Finding>, LookUpError> {
    let stack = doubt.required("stack_id")?;
    let reply = or_none(client.describe_apps().stack_id(stack).send().await, doubt)?;
    let apps = reply.and_then(|reply| reply.apps).unwrap_or_default();
    let same = |member: &str, actual: Option<&str>| {
        doubt
            .optional(member)
            .is_none_or(|wanted| actual == Some(wanted))
    };
    let matches = |app: &&App| {
        same("name", app.name())
            && same("shortname", app.shortname())
            && same("type", app.r#type().map(AppType::as_str))
    };
    let ids = apps.iter().filter(matches);
    let ids = ids.filter_map(|app| app.app_id.clone()).collect();
    Ok(only("app_id", ids, doubt))
}

async fn app_gone(client: &Client, doubt: Doubt<'_>) -> Result<Option<Value>, LookUpError> {
    let id = doubt.required("app_id")?;
    let reply = or_none(client.describe_apps().app_ids(id).send().await, doubt)?;
    Ok(reply
        .is_none_or(|reply| reply.apps().is_empty())
        .then(|| json!({})))
}

async fn user_profile(client: &Client, doubt: Doubt<'_>) -> Result<Option<Value>, LookUpError> {
    let arn = doubt.required("iam_user_arn")?;
    let reply = or_none(
        client
            .describe_user_profiles()
            .iam_user_arns(arn)
            .send()
            .await,
        doubt,
    )?;
    let profiles = reply
        .and_then(|reply| reply.user_profiles)
        .unwrap_or_default();
    let there = profiles
        .iter()
        .any(|profile| profile.iam_user_arn() == Some(arn));
    Ok(there.then(|| json!({"iam_user_arn": arn})))
}

async fn stack_gone(client: &Client, doubt: Doubt<'_>) -> Result<Option<Value>, LookUpError> {
    let id = doubt.required("stack_id")?;
    let reply = or_none(client.describe_stacks().stack_ids(id).send().await, doubt)?;
    Ok(reply
        .is_none_or(|reply| reply.stacks().is_empty())
        .then(|| json!({})))
}

async fn layer_gone(client: &Client, doubt: Doubt<'_>) -> Result<Option<Value>, LookUpError> {
    let id = doubt.required("layer_id")?;
    let reply = or_none(client.describe_layers().layer_ids(id).send().await, doubt)?;
    Ok(reply
        .is_none_or(|reply| reply.layers().is_empty())
        .then(|| json!({})))
}
