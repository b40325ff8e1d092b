//! Attachments, associations and routes: found by what they join.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    InternetGateway, Route, RouteTable, RouteTableAssociation, RouteTableAssociationStateCode,
};
use ipnet::IpNet;
use serde_json::{Value, json};

use super::kind::{all, filter};
use super::{Finding, LookUpError, Question};
use crate::aws::effects::Look;

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

impl Look {
    pub(super) fn is_network(self) -> bool {
        matches!(
            self,
            Self::GatewayAttached
                | Self::GatewayDetached
                | Self::TableAssociated
                | Self::TableDisassociated
                | Self::AssociationReplaced
                | Self::AddressDisassociated
                | Self::RouteMade
                | Self::RouteGone
        )
    }
}

pub(super) async fn find(
    client: &Client,
    look: Look,
    question: Question<'_>,
) -> Result<Option<Finding>, LookUpError> {
    let done = match look {
        Look::GatewayAttached => is_attached(client, question).await?.then(|| json!({})),
        Look::GatewayDetached => (!is_attached(client, question).await?).then(|| json!({})),
        Look::TableAssociated => associated(client, question).await?,
        Look::TableDisassociated => table_of(client, question)
            .await?
            .is_none()
            .then(|| json!({})),
        Look::AssociationReplaced => replaced(client, question).await?,
        Look::AddressDisassociated => address_freed(client, question).await?.then(|| json!({})),
        Look::RouteMade => made(client, question)
            .await?
            .then(|| json!({"return": true})),
        Look::RouteGone => route(client, question).await?.is_none().then(|| json!({})),
        _ => return Err(question.unsettled()),
    };
    Ok(done.map(Finding::Done))
}

async fn is_attached(client: &Client, question: Question<'_>) -> Result<bool, LookUpError> {
    let gateway = question.required("internet_gateway_id")?;
    let vpc = question.required("vpc_id")?;
    let request = client
        .describe_internet_gateways()
        .filters(filter("internet-gateway-id", &[gateway]));
    let gateways = all!(request, question)?;
    let mut attachments = gateways.iter().flat_map(InternetGateway::attachments);
    Ok(attachments.any(|attachment| attachment.vpc_id() == Some(vpc)))
}

async fn address_freed(client: &Client, question: Question<'_>) -> Result<bool, LookUpError> {
    let association = question.required("association_id")?;
    let request = client
        .describe_addresses()
        .filters(filter("association-id", &[association]));
    let reply = request
        .send()
        .await
        .map_err(|error| question.unanswered(&error))?;
    Ok(reply.addresses().is_empty())
}

/// Reads by filter: a table that is not seen yet is an empty list, not an error.
async fn tables(
    client: &Client,
    name: &str,
    value: &str,
    question: Question<'_>,
) -> Result<Vec<RouteTable>, LookUpError> {
    all!(
        client
            .describe_route_tables()
            .filters(filter(name, &[value])),
        question
    )
}

async fn input_table(
    client: &Client,
    question: Question<'_>,
) -> Result<Option<RouteTable>, LookUpError> {
    let table = question.required("route_table_id")?;
    Ok(tables(client, "route-table-id", table, question)
        .await?
        .into_iter()
        .next())
}

/// Looks for the association of the input's subnet or gateway with the input's table, and no other table.
async fn associated(client: &Client, question: Question<'_>) -> Result<Option<Value>, LookUpError> {
    let subnet = question.optional("subnet_id");
    let gateway = question.optional("gateway_id");
    if subnet.or(gateway).is_none() {
        question.required("subnet_id")?;
    }
    let table = input_table(client, question).await?;
    let joins = |association: &&RouteTableAssociation| {
        association.subnet_id() == subnet
            && association.gateway_id() == gateway
            && is_live(association)
    };
    Ok(table.and_then(|table| {
        table
            .associations()
            .iter()
            .find(joins)
            .and_then(association_reply("association_id"))
    }))
}

/// Returns the table that has the input's association.
async fn table_of(
    client: &Client,
    question: Question<'_>,
) -> Result<Option<RouteTable>, LookUpError> {
    let id = question.required("association_id")?;
    let tables = tables(
        client,
        "association.route-table-association-id",
        id,
        question,
    )
    .await?;
    let has = |table: &RouteTable| {
        table
            .associations()
            .iter()
            .any(|it| is_live(it) && is(it, id))
    };
    Ok(tables.into_iter().find(has))
}

/// Looks for the new association of a replaced one, which has another id.
///
/// While the old id is there nothing was done. Once it is gone, the new one is on the new table; the request does not
/// say for which subnet, so several there cannot be told apart.
async fn replaced(client: &Client, question: Question<'_>) -> Result<Option<Value>, LookUpError> {
    if table_of(client, question).await?.is_some() {
        return Ok(None);
    }
    let Some(table) = input_table(client, question).await? else {
        return Ok(None);
    };
    let candidates: Vec<_> = table
        .associations()
        .iter()
        .filter(|it| is_live(it))
        .collect();
    match candidates[..] {
        [] => Ok(None),
        [only] => Ok(association_reply("new_association_id")(only)),
        _ => {
            let ids: Vec<_> = candidates
                .iter()
                .filter_map(|it| it.route_table_association_id.clone())
                .collect();
            Err(question.ambiguous(&ids))
        }
    }
}

fn is(association: &RouteTableAssociation, id: &str) -> bool {
    association.route_table_association_id() == Some(id)
}

fn is_live(association: &RouteTableAssociation) -> bool {
    let state = association
        .association_state()
        .and_then(|state| state.state())
        .map(RouteTableAssociationStateCode::as_str);
    !matches!(state, Some("disassociating" | "disassociated" | "failed"))
}

fn association_reply(member: &'static str) -> impl Fn(&RouteTableAssociation) -> Option<Value> {
    move |association| {
        let id = association.route_table_association_id()?;
        Some(json!({ member: id, "association_state": {"state": "associated"} }))
    }
}

/// Looks for a route with the input's destination and the input's target.
async fn made(client: &Client, question: Question<'_>) -> Result<bool, LookUpError> {
    let Some(route) = route(client, question).await? else {
        return Ok(false);
    };
    let mut given = TARGETS
        .iter()
        .filter_map(|member| Some((*member, question.optional(member)?)))
        .peekable();
    Ok(given.peek().is_some() && given.all(|(member, id)| target(&route, member) == Some(id)))
}

/// Returns the table's own route with the input's destination; propagated ones are not made by a call.
async fn route(client: &Client, question: Question<'_>) -> Result<Option<Route>, LookUpError> {
    let table = input_table(client, question).await?;
    let routes = table.and_then(|table| table.routes).unwrap_or_default();
    Ok(routes
        .into_iter()
        .find(|route| same_destination(route, question)))
}

fn same_destination(route: &Route, question: Question<'_>) -> bool {
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
        question
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
