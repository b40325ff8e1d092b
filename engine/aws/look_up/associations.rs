//! Replaced associations of route tables: each has a new id, and is found by what it joins.
//!
//! A row does not fit: what was joined is read before the call.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{RouteTable, RouteTableAssociation, RouteTableAssociationStateCode};
use serde_json::{Value, json};

use crate::look_up::doubt::{Doubt, Found, LookUpError};
use crate::look_up::ec2::{all, filter};

/// Reads what an association joins with its table, before it is replaced: the request names only its id.
///
/// One of `{"subnet_id": …}`, `{"gateway_id": …}`, `{"main": true}`; nothing if there is no such association.
pub(super) async fn context(
    client: &Client,
    doubt: Doubt<'_>,
) -> Result<Option<Value>, LookUpError> {
    let id = doubt.required("association_id")?;
    let table = table_of(client, doubt).await?;
    let association = table.as_ref().and_then(|table| {
        let associations = table.associations();
        associations.iter().find(|it| is(it, id))
    });
    Ok(association.and_then(joined))
}

fn joined(association: &RouteTableAssociation) -> Option<Value> {
    if association.main() == Some(true) {
        return Some(json!({"main": true}));
    }
    let subnet = association.subnet_id().map(|id| json!({"subnet_id": id}));
    subnet.or_else(|| association.gateway_id().map(|id| json!({"gateway_id": id})))
}

/// Reads by filter: a table that is not seen yet is an empty list, not an error.
async fn tables(
    client: &Client,
    name: &str,
    value: &str,
    doubt: Doubt<'_>,
) -> Result<Vec<RouteTable>, LookUpError> {
    all!(
        client
            .describe_route_tables()
            .filters(filter(name, &[value])),
        doubt
    )
}

pub(super) async fn input_table(
    client: &Client,
    doubt: Doubt<'_>,
) -> Result<Option<RouteTable>, LookUpError> {
    let table = doubt.required("route_table_id")?;
    Ok(tables(client, "route-table-id", table, doubt)
        .await?
        .into_iter()
        .next())
}

/// Returns the table that has the input's association.
async fn table_of(client: &Client, doubt: Doubt<'_>) -> Result<Option<RouteTable>, LookUpError> {
    let id = doubt.required("association_id")?;
    let tables = tables(client, "association.route-table-association-id", id, doubt).await?;
    let has = |table: &RouteTable| {
        table
            .associations()
            .iter()
            .any(|it| is_live(it) && is(it, id))
    };
    Ok(tables.into_iter().find(has))
}

/// Looks for the new association of a replaced one, on the new table.
pub(super) async fn replaced(
    client: &Client,
    doubt: Doubt<'_>,
) -> Result<Option<Found>, LookUpError> {
    let old = doubt.required("association_id")?;
    // Without what it joined, only that the old one is gone tells that anything was done.
    if doubt.context.is_none() && table_of(client, doubt).await?.is_some() {
        return Ok(None);
    }
    let table = input_table(client, doubt).await?;
    let associations = table.and_then(|table| table.associations);
    let ids = associations
        .into_iter()
        .flatten()
        .filter(|it| is_live(it) && !is(it, old))
        .filter(|it| {
            doubt
                .context
                .is_none_or(|was| joined(it).as_ref() == Some(was))
        })
        .filter_map(|it| it.route_table_association_id)
        .collect();
    Ok(match &doubt.only_chosen(ids)[..] {
        [] => None,
        [id] => Some(Found::Done(
            json!({"new_association_id": id, "association_state": {"state": "associated"}}),
        )),
        ids => Some(Found::Several(ids.to_vec())),
    })
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
