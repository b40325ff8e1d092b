//! What is in OpsWorks stacks.

use serde_json::{Value, json};

use crate::client::Session;
use crate::look_up::{Doubt, LookUpError, read};
use knowledge::{Dependent, each};

/// What a stack has: noun, read, things, their id and name.
const CONTENTS: [(&str, &str, &str, &str, &str); 3] = [
    (
        "OpsWorks layer",
        "describe_layers",
        "layers[]",
        "layer_id",
        "name",
    ),
    ("OpsWorks app", "describe_apps", "apps[]", "app_id", "name"),
    (
        "OpsWorks instance",
        "describe_instances",
        "instances[]",
        "instance_id",
        "hostname",
    ),
];

/// Reads the stacks whose instances are in these VPCs.
pub(super) async fn stacks(
    session: &Session,
    vpcs: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let reply = read(session, ("opsworks", "describe_stacks"), json!({}), doubt).await?;
    let mut found = Vec::new();
    each(&reply, "stacks[]", &mut |stack| {
        let vpc = vpcs.iter().find(|vpc| stack["vpc_id"] == vpc.as_str());
        found.extend(
            vpc.map(|vpc| dependent("OpsWorks stack", &stack["stack_id"], &stack["name"], vpc)),
        );
    });
    Ok(found)
}

pub(super) async fn contents(
    session: &Session,
    stack: &str,
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let mut found = Vec::new();
    for (noun, operation, items, id, name) in CONTENTS {
        let input = json!({"stack_id": stack});
        let reply = read(session, ("opsworks", operation), input, doubt).await?;
        each(&reply, items, &mut |thing| {
            found.push(dependent(noun, &thing[id], &thing[name], stack));
        });
    }
    Ok(found)
}

fn dependent(noun: &'static str, id: &Value, name: &Value, within: &str) -> Dependent {
    Dependent {
        noun,
        id: id.as_str().unwrap_or_default().to_owned(),
        name: name.as_str().map(str::to_owned),
        within: within.to_owned(),
        ..Dependent::default()
    }
}
