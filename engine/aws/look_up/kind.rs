//! Things in EC2: found by our tags or by their id.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, NatGatewayState, Reservation, State};
use serde_json::{Value, json};

use knowledge::{EFFECT_TAG, Kind, RUN_TAG, Recall};

use super::rules;
use crate::look_up::doubt::{Doubt, Finding, LookUpError};
use crate::look_up::ec2::{all, filter, lives};

/// Looks for what carries our tags and is still there.
///
/// Fewer than were asked for may be a read that lags, unless the missing ones are known to be gone: then nobody but a
/// person can say whether the rest is what the run should go on with.
pub(super) async fn tagged(
    client: &Client,
    kind: Kind,
    doubt: Doubt<'_>,
) -> Result<Option<Finding>, LookUpError> {
    let ids = doubt.only_chosen(present(client, kind, marks(doubt), doubt).await?);
    if ids.len() > 1 && !kind.is_plural() {
        return Ok(Some(Finding::Several(ids)));
    }
    let complete = !ids.is_empty() && ids.len() >= wanted(kind, doubt);
    if complete {
        return Ok(Some(Finding::Recall(recall(kind, ids))));
    }
    let is_rest = !ids.is_empty() && kind == Kind::Instance && some_died(client, doubt).await?;
    Ok(is_rest.then_some(Finding::Several(ids)))
}

/// Looks, after a repeat was refused, whether anything that carries our tags is left.
pub(super) async fn left(
    client: &Client,
    kind: Kind,
    doubt: Doubt<'_>,
) -> Result<Finding, LookUpError> {
    let ids = present(client, kind, marks(doubt), doubt).await?;
    Ok(if ids.is_empty() {
        Finding::Absent
    } else {
        Finding::Several(ids)
    })
}

fn marks(doubt: Doubt<'_>) -> Vec<Filter> {
    let Doubt { identity, .. } = doubt;
    vec![
        filter(&format!("tag:{RUN_TAG}"), &[&identity.run_tag()]),
        filter(&format!("tag:{EFFECT_TAG}"), &[&identity.effect_tag()]),
    ]
}

/// Returns whether an instance of ours has been terminated.
async fn some_died(client: &Client, doubt: Doubt<'_>) -> Result<bool, LookUpError> {
    let request = client.describe_instances().set_filters(Some(marks(doubt)));
    let reservations = all!(request, doubt)?;
    let mut instances = reservations.iter().flat_map(Reservation::instances);
    Ok(instances.any(|it| !lives(it)))
}

/// Looks whether what the input names is gone.
pub(super) async fn gone(
    client: &Client,
    kind: Kind,
    doubt: Doubt<'_>,
) -> Result<Option<Finding>, LookUpError> {
    let reading = kind.reading();
    let named: Vec<&str> = match &doubt.input[reading.ids] {
        Value::Array(ids) => ids.iter().filter_map(Value::as_str).collect(),
        _ => vec![doubt.required(reading.id)?],
    };
    let there = present(client, kind, vec![filter(reading.filter, &named)], doubt).await?;
    Ok(there
        .is_empty()
        .then(|| Finding::Done(deletion_reply(&doubt.effect.operation, &named))))
}

/// Returns what a deletion answers.
fn deletion_reply(operation: &str, ids: &[&str]) -> Value {
    match operation {
        "delete_nat_gateway" => json!({"nat_gateway_id": ids.first()}),
        "delete_vpc_endpoints" => json!({"unsuccessful": []}),
        "delete_security_group" => json!({"return": true, "group_id": ids.first()}),
        "terminate_instances" => {
            json!({"terminating_instances": ids.iter().map(terminated).collect::<Vec<_>>()})
        }
        _ => json!({}),
    }
}

fn terminated(id: &&str) -> Value {
    json!({"instance_id": id, "current_state": {"code": 48, "name": "terminated"}})
}

fn recall(kind: Kind, ids: Vec<String>) -> Recall {
    let reading = kind.reading();
    Recall {
        service: "ec2",
        operation: reading.operation,
        input: json!({ reading.ids: ids }),
        list: reading.list,
        shape: reading.shape,
        ids,
    }
}

/// Returns how many the call asked for, or how many a person has chosen.
fn wanted(kind: Kind, doubt: Doubt<'_>) -> usize {
    let count = doubt.input["max_count"].as_u64();
    match kind {
        _ if doubt.chosen.is_some() => doubt.chosen_ids().count(),
        Kind::Instance => count.map_or(1, |count| usize::try_from(count).unwrap_or(usize::MAX)),
        Kind::SecurityGroupRule => rules::asked(doubt.input).len(),
        _ => 1,
    }
}

/// Returns the ids of the things that the filters select and that are not on their way out.
async fn present(
    client: &Client,
    kind: Kind,
    filters: Vec<Filter>,
    doubt: Doubt<'_>,
) -> Result<Vec<String>, LookUpError> {
    let filters = Some(filters);
    Ok(match kind {
        Kind::Vpc => ids(
            all!(client.describe_vpcs().set_filters(filters), doubt)?,
            |it| it.vpc_id,
        ),
        Kind::Subnet => ids(
            all!(client.describe_subnets().set_filters(filters), doubt)?,
            |it| it.subnet_id,
        ),
        Kind::RouteTable => ids(
            all!(client.describe_route_tables().set_filters(filters), doubt)?,
            |it| it.route_table_id,
        ),
        Kind::InternetGateway => ids(
            all!(
                client.describe_internet_gateways().set_filters(filters),
                doubt
            )?,
            |it| it.internet_gateway_id,
        ),
        Kind::SecurityGroup => ids(
            all!(
                client.describe_security_groups().set_filters(filters),
                doubt
            )?,
            |it| it.group_id,
        ),
        Kind::SecurityGroupRule => {
            let rules = all!(
                client.describe_security_group_rules().set_filters(filters),
                doubt
            )?;
            ids(rules, |it| it.security_group_rule_id)
        }
        Kind::Address => {
            let reply = client
                .describe_addresses()
                .set_filters(filters)
                .send()
                .await;
            let addresses = reply.map_err(|error| doubt.unanswered(&error))?.addresses;
            ids(addresses.unwrap_or_default(), |it| it.allocation_id)
        }
        Kind::KeyPair => {
            let reply = client
                .describe_key_pairs()
                .set_filters(filters)
                .send()
                .await;
            let pairs = reply.map_err(|error| doubt.unanswered(&error))?.key_pairs;
            ids(pairs.unwrap_or_default(), |it| it.key_pair_id)
        }
        Kind::Instance => {
            let reservations = all!(client.describe_instances().set_filters(filters), doubt)?;
            let instances = reservations
                .into_iter()
                .flat_map(|it| it.instances.unwrap_or_default());
            ids(instances.filter(lives), |it| it.instance_id)
        }
        Kind::NatGateway => {
            let gateways = all!(client.describe_nat_gateways().set_filter(filters), doubt)?;
            let live = gateways
                .into_iter()
                .filter(|it| !it.state.as_ref().is_some_and(is_over));
            ids(live, |it| it.nat_gateway_id)
        }
        Kind::NetworkInterface => {
            let interfaces = all!(
                client.describe_network_interfaces().set_filters(filters),
                doubt
            )?;
            ids(interfaces, |it| it.network_interface_id)
        }
        Kind::VpcEndpoint => {
            let endpoints = all!(client.describe_vpc_endpoints().set_filters(filters), doubt)?;
            let live = endpoints
                .into_iter()
                .filter(|it| !it.state.as_ref().is_some_and(is_leaving));
            ids(live, |it| it.vpc_endpoint_id)
        }
    })
}

fn ids<T>(things: impl IntoIterator<Item = T>, id: fn(T) -> Option<String>) -> Vec<String> {
    things.into_iter().filter_map(id).collect()
}

fn is_over(state: &NatGatewayState) -> bool {
    matches!(
        state,
        NatGatewayState::Deleted | NatGatewayState::Deleting | NatGatewayState::Failed
    )
}

/// AWS writes these states with small letters, its model with capitals.
fn is_leaving(state: &State) -> bool {
    let state = state.as_str().to_ascii_lowercase();
    ["deleted", "deleting", "expired", "failed", "rejected"].contains(&state.as_str())
}
