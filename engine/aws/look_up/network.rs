//! Attachments and routes: found by what they join.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{InternetGateway, Route};
use ipnet::IpNet;
use serde_json::json;

use super::associations::{self, input_table};
use crate::look_up::doubt::{Doubt, Finding, LookUpError};
use crate::look_up::ec2::{all, filter};
use knowledge::Look;

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

pub(super) async fn find(
    client: &Client,
    look: Look,
    doubt: Doubt<'_>,
) -> Result<Option<Finding>, LookUpError> {
    let done = match look {
        Look::GatewayAttached => is_attached(client, doubt).await?.then(|| json!({})),
        Look::GatewayDetached => (!is_attached(client, doubt).await?).then(|| json!({})),
        Look::TableAssociated => associations::made(client, doubt).await?,
        Look::TableDisassociated => associations::gone(client, doubt).await?,
        Look::AssociationReplaced => return associations::replaced(client, doubt).await,
        Look::RouteMade => made(client, doubt).await?.then(|| json!({"return": true})),
        Look::RouteGone => route(client, doubt).await?.is_none().then(|| json!({})),
        _ => return Err(doubt.unsettled()),
    };
    Ok(done.map(Finding::Done))
}

async fn is_attached(client: &Client, doubt: Doubt<'_>) -> Result<bool, LookUpError> {
    let gateway = doubt.required("internet_gateway_id")?;
    let vpc = doubt.required("vpc_id")?;
    let request = client
        .describe_internet_gateways()
        .filters(filter("internet-gateway-id", &[gateway]));
    let gateways = all!(request, doubt)?;
    let mut attachments = gateways.iter().flat_map(InternetGateway::attachments);
    Ok(attachments.any(|attachment| attachment.vpc_id() == Some(vpc)))
}

/// Looks for a route with the input's destination and the input's target.
async fn made(client: &Client, doubt: Doubt<'_>) -> Result<bool, LookUpError> {
    let Some(route) = route(client, doubt).await? else {
        return Ok(false);
    };
    let mut given = TARGETS
        .iter()
        .filter_map(|member| Some((*member, doubt.optional(member)?)))
        .peekable();
    Ok(given.peek().is_some() && given.all(|(member, id)| target(&route, member) == Some(id)))
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
