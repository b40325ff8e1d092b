//! Elastic IP addresses that OpsWorks manages: each is known by itself.

use aws_sdk_opsworks::Client;
use aws_sdk_opsworks::types::ElasticIp;
use serde_json::{Value, json};

use super::opsworks::or_none;
use crate::look_up::doubt::{Doubt, Finding, LookUpError};
use knowledge::Look;

pub(super) async fn find(
    client: &Client,
    look: Look,
    doubt: Doubt<'_>,
) -> Result<Option<Finding>, LookUpError> {
    let ip = doubt.required("elastic_ip")?;
    let done = match look {
        Look::IpRegistered => registered(client, ip, doubt).await?,
        Look::IpDeregistered => address(client, ip, doubt)
            .await?
            .is_none()
            .then(|| json!({})),
        Look::IpAssociated => at_instance(client, ip, doubt).await?,
        _ => address(client, ip, doubt)
            .await?
            .is_none_or(|it| it.instance_id.is_none())
            .then(|| json!({})),
    };
    Ok(done.map(Finding::Done))
}

async fn address(
    client: &Client,
    ip: &str,
    doubt: Doubt<'_>,
) -> Result<Option<ElasticIp>, LookUpError> {
    let reply = client.describe_elastic_ips().ips(ip).send().await;
    let ips = or_none(reply, doubt)?.and_then(|reply| reply.elastic_ips);
    let is = |it: &ElasticIp| it.ip() == Some(ip);
    Ok(ips.unwrap_or_default().into_iter().find(is))
}

async fn registered(
    client: &Client,
    ip: &str,
    doubt: Doubt<'_>,
) -> Result<Option<Value>, LookUpError> {
    let stack = doubt.required("stack_id")?;
    let reply = client.describe_elastic_ips().stack_id(stack).send().await;
    let ips = or_none(reply, doubt)?.and_then(|reply| reply.elastic_ips);
    let there = ips.unwrap_or_default().iter().any(|it| it.ip() == Some(ip));
    Ok(there.then(|| json!({"elastic_ip": ip})))
}

async fn at_instance(
    client: &Client,
    ip: &str,
    doubt: Doubt<'_>,
) -> Result<Option<Value>, LookUpError> {
    let wanted = doubt.optional("instance_id");
    let address = address(client, ip, doubt).await?;
    let there = address.is_some_and(|it| it.instance_id.is_some() && it.instance_id() == wanted);
    Ok(there.then(|| json!({})))
}
