//! What VPC endpoints are joined with.
//!
//! A row does not fit: the input has lists of what to add and what to remove.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::VpcEndpoint;
use serde_json::{Value, json};

use crate::look_up::doubt::{Doubt, LookUpError};
use crate::look_up::ec2::{all, filter};

/// Looks whether the endpoint is joined with all that was to be added and with nothing that was to be removed.
///
/// An input that neither adds nor removes anything leaves nothing to see.
pub(super) async fn modified(
    client: &Client,
    doubt: Doubt<'_>,
) -> Result<Option<Value>, LookUpError> {
    let id = doubt.required("vpc_endpoint_id")?;
    let request = client
        .describe_vpc_endpoints()
        .filters(filter("vpc-endpoint-id", &[id]));
    let endpoints = all!(request, doubt)?;
    let Some(endpoint) = endpoints.first() else {
        return Ok(None);
    };
    let kinds = ["route_table_ids", "subnet_ids", "security_group_ids"];
    let [mut asked, mut right] = [false, true];
    for kind in kinds {
        let (add, remove) = (
            doubt.list(&format!("add_{kind}")),
            doubt.list(&format!("remove_{kind}")),
        );
        let joined = joined(endpoint, kind);
        asked |= !add.is_empty() || !remove.is_empty();
        right &= add.iter().all(|id| joined.contains(id));
        right &= !remove.iter().any(|id| joined.contains(id));
    }
    Ok((asked && right).then(|| json!({"return": true})))
}

fn joined<'a>(endpoint: &'a VpcEndpoint, kind: &str) -> Vec<&'a str> {
    match kind {
        "route_table_ids" => endpoint
            .route_table_ids()
            .iter()
            .map(String::as_str)
            .collect(),
        "subnet_ids" => endpoint.subnet_ids().iter().map(String::as_str).collect(),
        _ => endpoint
            .groups()
            .iter()
            .filter_map(|it| it.group_id())
            .collect(),
    }
}
