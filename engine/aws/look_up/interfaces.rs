//! What network interfaces carry: instances and addresses; and what endpoints are joined with.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    Address, AttachmentStatus, NetworkInterfaceAttachment as Attachment, VpcEndpoint,
};
use serde_json::{Value, json};

use crate::look_up::doubt::{Doubt, Finding, LookUpError};
use crate::look_up::ec2::{all, filter};
use knowledge::Look;

pub(super) async fn find(
    client: &Client,
    look: Look,
    doubt: Doubt<'_>,
) -> Result<Option<Finding>, LookUpError> {
    let done = match look {
        Look::AddressAssociated => address_associated(client, doubt).await?,
        Look::AddressDisassociated => {
            let id = doubt.required("association_id")?;
            let there = addresses(client, "association-id", id, doubt).await?;
            there.is_empty().then(|| json!({}))
        }
        Look::InterfaceAttached => attached(client, doubt).await?,
        Look::InterfaceDetached => detached(client, doubt).await?,
        _ => modified(client, doubt).await?,
    };
    Ok(done.map(Finding::Done))
}

async fn addresses(
    client: &Client,
    name: &str,
    value: &str,
    doubt: Doubt<'_>,
) -> Result<Vec<Address>, LookUpError> {
    let request = client.describe_addresses().filters(filter(name, &[value]));
    let reply = request.send().await;
    Ok(reply
        .map_err(|error| doubt.unanswered(&error))?
        .addresses
        .unwrap_or_default())
}

/// Looks whether the address is where the input wants it.
async fn address_associated(
    client: &Client,
    doubt: Doubt<'_>,
) -> Result<Option<Value>, LookUpError> {
    let found = match doubt.optional("allocation_id") {
        Some(id) => addresses(client, "allocation-id", id, doubt).await?,
        None => addresses(client, "public-ip", doubt.required("public_ip")?, doubt).await?,
    };
    let is_there = |address: &&Address| {
        let same = |member, actual: Option<&str>| {
            doubt
                .optional(member)
                .is_none_or(|wanted| actual == Some(wanted))
        };
        same("instance_id", address.instance_id())
            && same("network_interface_id", address.network_interface_id())
            && same("private_ip_address", address.private_ip_address())
    };
    let association = found
        .iter()
        .find(is_there)
        .and_then(Address::association_id);
    Ok(association.map(|id| json!({"association_id": id})))
}

/// Looks whether the interface is at the instance, in the place that the input gives.
async fn attached(client: &Client, doubt: Doubt<'_>) -> Result<Option<Value>, LookUpError> {
    let interface = doubt.required("network_interface_id")?;
    let instance = doubt.required("instance_id")?;
    let is_there = |it: &Attachment| {
        it.instance_id() == Some(instance)
            && it.device_index().map(i64::from) == doubt.input["device_index"].as_i64()
    };
    let found = attachment(client, "network-interface-id", interface, doubt).await?;
    Ok(found.filter(is_there).map(|it| {
        json!({"attachment_id": it.attachment_id, "network_card_index": it.network_card_index})
    }))
}

async fn detached(client: &Client, doubt: Doubt<'_>) -> Result<Option<Value>, LookUpError> {
    let id = doubt.required("attachment_id")?;
    let there = attachment(client, "attachment.attachment-id", id, doubt).await?;
    Ok(there.is_none().then(|| json!({})))
}

/// Returns the attachment of the interface that the filter selects, unless it is on its way out.
async fn attachment(
    client: &Client,
    name: &str,
    value: &str,
    doubt: Doubt<'_>,
) -> Result<Option<Attachment>, LookUpError> {
    let request = client
        .describe_network_interfaces()
        .filters(filter(name, &[value]));
    let interfaces = all!(request, doubt)?;
    let mut attachments = interfaces.into_iter().filter_map(|it| it.attachment);
    Ok(attachments.find(|it| {
        let status = it.status().map(AttachmentStatus::as_str);
        !matches!(status, Some("detaching" | "detached"))
    }))
}

/// Looks whether the endpoint is joined with all that was to be added and with nothing that was to be removed.
///
/// An input that neither adds nor removes anything leaves nothing to see.
async fn modified(client: &Client, doubt: Doubt<'_>) -> Result<Option<Value>, LookUpError> {
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
