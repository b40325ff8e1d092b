//! Routes: found by destination and target.
//!
//! A row does not fit: AWS clears the host bits of a destination, and a target has two names.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::Route;
use ipnet::IpNet;
use serde_json::{Value, json};

use super::associations::input_table;
use crate::look_up::doubt::{Doubt, LookUpError};

/// The inputs' members that name a route's target.
const TARGETS: &[&str] = &[
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_internet_gateway_id",
    "gateway_id",
    "instance_id",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
];

/// Looks for a route with the input's destination and the input's target.
pub(super) async fn exists(
    client: &Client,
    doubt: Doubt<'_>,
) -> Result<Option<Value>, LookUpError> {
    let Some(route) = route(client, doubt).await? else {
        return Ok(None);
    };
    let mut given = TARGETS
        .iter()
        .filter_map(|member| Some((*member, doubt.optional(member)?)))
        .peekable();
    let is_same =
        given.peek().is_some() && given.all(|(member, id)| target(&route, member) == Some(id));
    Ok(is_same.then(|| json!({"return": true})))
}

pub(super) async fn gone(client: &Client, doubt: Doubt<'_>) -> Result<Option<Value>, LookUpError> {
    Ok(route(client, doubt).await?.is_none().then(|| json!({})))
}

/// Returns the table's own route with the input's destination; propagated ones are not made by a call.
async fn route(client: &Client, doubt: Doubt<'_>) -> Result<Option<Route>, LookUpError> {
    let table = input_table(client, doubt).await?;
    let routes = table.and_then(|table| table.routes).unwrap_or_default();
    Ok(routes
        .into_iter()
        .find(|route| same_destination(route, doubt)))
}

fn same_destination(route: &Route, doubt: Doubt<'_>) -> bool {
    let pairs = [
        ("destination_cidr_block", route.destination_cidr_block()),
        (
            "destination_ipv6_cidr_block",
            route.destination_ipv6_cidr_block(),
        ),
        (
            "destination_prefix_list_id",
            route.destination_prefix_list_id(),
        ),
    ];
    let same = |(member, actual): (&str, Option<&str>)| {
        doubt
            .optional(member)
            .zip(actual)
            .is_some_and(|(wanted, actual)| canonical(wanted) == canonical(actual))
    };
    pairs.into_iter().any(same)
        && route
            .origin()
            .is_none_or(|origin| origin.as_str() != "EnableVgwRoutePropagation")
}

/// AWS clears the host bits of a CIDR block.
pub(super) fn canonical(destination: &str) -> String {
    destination
        .parse::<IpNet>()
        .map_or_else(|_| destination.to_owned(), |net| net.trunc().to_string())
}

fn target<'a>(route: &'a Route, member: &str) -> Option<&'a str> {
    match member {
        "carrier_gateway_id" => route.carrier_gateway_id(),
        "core_network_arn" => route.core_network_arn(),
        "egress_only_internet_gateway_id" => route.egress_only_internet_gateway_id(),
        // A gateway endpoint's route names it as its gateway.
        "gateway_id" | "vpc_endpoint_id" => route.gateway_id(),
        "instance_id" => route.instance_id(),
        "local_gateway_id" => route.local_gateway_id(),
        "nat_gateway_id" => route.nat_gateway_id(),
        "network_interface_id" => route.network_interface_id(),
        "transit_gateway_id" => route.transit_gateway_id(),
        "vpc_peering_connection_id" => route.vpc_peering_connection_id(),
        _ => None,
    }
}
