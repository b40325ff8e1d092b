//! What is in a VPC, on a subnet, behind a security group or an address.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    Address, Instance, InternetGateway, NatGateway, NetworkAcl, NetworkInterface, Reservation,
    RouteTable, SecurityGroup, Subnet, Tag, VpcEndpoint, VpnGateway,
};

use crate::dependents::labels::labels;
use crate::look_up::{Doubt, LookUpError, all, filter, lives};
use knowledge::Dependent;

/// Reads everything that keeps the VPC from being deleted, and what goes with it.
pub(super) async fn contents(
    client: &Client,
    vpc: &str,
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let inside = || filter("vpc-id", &[vpc]);
    let attached = || filter("attachment.vpc-id", &[vpc]);
    let mut found = Vec::new();
    let reservations = all!(client.describe_instances().filters(inside()), doubt)?;
    let instances = reservations.iter().flat_map(Reservation::instances);
    found.extend(instances.filter(|one| lives(one)).map(instance));
    let interfaces = client.describe_network_interfaces().filters(inside());
    found.extend(all!(interfaces, doubt)?.iter().map(interface));
    let subnets = client.describe_subnets().filters(inside());
    found.extend(all!(subnets, doubt)?.iter().map(subnet));
    let tables = client.describe_route_tables().filters(inside());
    found.extend(all!(tables, doubt)?.iter().map(table));
    let groups = client.describe_security_groups().filters(inside());
    found.extend(all!(groups, doubt)?.iter().map(group));
    let acls = client.describe_network_acls().filters(inside());
    found.extend(all!(acls, doubt)?.iter().map(acl));
    let gateways = client.describe_internet_gateways().filters(attached());
    found.extend(all!(gateways, doubt)?.iter().map(internet_gateway));
    let gateways = client.describe_nat_gateways().filter(inside());
    found.extend(all!(gateways, doubt)?.iter().filter_map(nat_gateway));
    let endpoints = client.describe_vpc_endpoints().filters(inside());
    found.extend(all!(endpoints, doubt)?.iter().filter_map(endpoint));
    found.extend(vpn_gateways(client, vpc, doubt).await?);
    found.extend(peerings(client, vpc, doubt).await?);
    for one in &mut found {
        vpc.clone_into(&mut one.within);
    }
    Ok(found)
}

async fn vpn_gateways(
    client: &Client,
    vpc: &str,
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let attached = filter("attachment.vpc-id", &[vpc]);
    let reply = client
        .describe_vpn_gateways()
        .filters(attached)
        .send()
        .await;
    let reply = reply.map_err(|error| doubt.unanswered(&error))?;
    let is_attached = |one: &&VpnGateway| {
        one.vpc_attachments()
            .iter()
            .any(|it| it.state().is_none_or(|state| state.as_str() != "detached"))
    };
    let gateways = reply.vpn_gateways().iter().filter(is_attached);
    Ok(gateways
        .map(|one| dependent("VPN gateway", one.vpn_gateway_id(), one.tags()))
        .collect())
}

async fn peerings(
    client: &Client,
    vpc: &str,
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let mut found = Vec::new();
    for side in ["requester-vpc-info.vpc-id", "accepter-vpc-info.vpc-id"] {
        let request = client
            .describe_vpc_peering_connections()
            .filters(filter(side, &[vpc]));
        let connections = all!(request, doubt)?;
        let live = connections.iter().filter(|one| {
            let code = one.status().and_then(|status| status.code());
            code.is_none_or(|code| code.as_str() == "active")
        });
        found.extend(live.map(|one| {
            let id = one.vpc_peering_connection_id();
            dependent("VPC peering connection", id, one.tags())
        }));
    }
    Ok(found)
}

/// Reads the interfaces on the subnets: what else is there has one.
pub(super) async fn on_subnets(
    client: &Client,
    subnets: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let mut found = Vec::new();
    for id in subnets {
        let request = client.describe_network_interfaces();
        let request = request.filters(filter("subnet-id", &[id]));
        found.extend(
            all!(request, doubt)?
                .iter()
                .map(|one| on(id, interface(one))),
        );
    }
    Ok(found)
}

/// Reads the interfaces behind the groups, and the groups whose rules name them.
pub(super) async fn on_groups(
    client: &Client,
    groups: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let mut found = Vec::new();
    for id in groups {
        let request = client.describe_network_interfaces();
        let request = request.filters(filter("group-id", &[id]));
        found.extend(
            all!(request, doubt)?
                .iter()
                .map(|one| on(id, interface(one))),
        );
        for name in ["ip-permission.group-id", "egress.ip-permission.group-id"] {
            let request = client.describe_security_groups();
            let request = request.filters(filter(name, &[id]));
            let naming = all!(request, doubt)?;
            found.extend(naming.iter().map(|one| on(id, group(one))));
        }
    }
    Ok(found)
}

/// Reads the tables with routes to the instances.
pub(super) async fn leading_to(
    client: &Client,
    instances: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let mut found = Vec::new();
    for id in instances {
        let request = client.describe_route_tables();
        let request = request.filters(filter("route.instance-id", &[id]));
        let tables = all!(request, doubt)?;
        found.extend(tables.iter().map(|one| Dependent {
            is_led: true,
            is_part: false,
            ..on(id, table(one))
        }));
    }
    Ok(found)
}

/// Reads who uses the addresses.
pub(super) async fn on_addresses(
    client: &Client,
    allocations: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    if allocations.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = allocations.iter().map(String::as_str).collect();
    let request = client.describe_addresses();
    let request = request.filters(filter("allocation-id", &ids));
    let reply = request.send().await;
    let reply = reply.map_err(|error| doubt.unanswered(&error))?;
    Ok(reply.addresses().iter().filter_map(user).collect())
}

fn user(address: &Address) -> Option<Dependent> {
    let allocation = address.allocation_id().unwrap_or_default();
    let (noun, id) = match (address.instance_id(), address.network_interface_id()) {
        (Some(id), _) if !id.is_empty() => ("instance", id),
        (_, Some(id)) if !id.is_empty() => ("network interface", id),
        _ => return None,
    };
    Some(on(allocation, dependent(noun, Some(id), &[])))
}

fn on(host: &str, dependent: Dependent) -> Dependent {
    Dependent {
        within: host.to_owned(),
        ..dependent
    }
}

fn dependent(noun: &'static str, id: Option<&str>, tags: &[Tag]) -> Dependent {
    let (name, run) = labels(tags);
    Dependent {
        noun,
        id: id.unwrap_or_default().to_owned(),
        name,
        run,
        ..Dependent::default()
    }
}

fn instance(one: &Instance) -> Dependent {
    dependent("instance", one.instance_id(), one.tags())
}

/// An interface goes with the instance that it is part of, or with the gateway or endpoint that AWS made it for.
fn interface(one: &NetworkInterface) -> Dependent {
    let attachment = one.attachment();
    let instance = attachment
        .and_then(|it| it.instance_id())
        .map(str::to_owned);
    let words = one.description().unwrap_or_default().split_whitespace();
    let made_for = words
        .filter(|_| one.requester_managed() == Some(true))
        .map(str::to_owned);
    Dependent {
        with: instance.into_iter().chain(made_for).collect(),
        name: one
            .description()
            .map(str::to_owned)
            .filter(|text| !text.is_empty()),
        ..dependent(
            "network interface",
            one.network_interface_id(),
            one.tag_set(),
        )
    }
}

fn subnet(one: &Subnet) -> Dependent {
    dependent("subnet", one.subnet_id(), one.tags())
}

fn table(one: &RouteTable) -> Dependent {
    let is_main = one.associations().iter().any(|it| it.main() == Some(true));
    Dependent {
        is_part: is_main,
        ..dependent("route table", one.route_table_id(), one.tags())
    }
}

fn group(one: &SecurityGroup) -> Dependent {
    let name = one.group_name().map(str::to_owned);
    Dependent {
        is_part: name.as_deref() == Some("default"),
        name,
        ..dependent("security group", one.group_id(), one.tags())
    }
}

fn acl(one: &NetworkAcl) -> Dependent {
    Dependent {
        is_part: one.is_default() == Some(true),
        ..dependent("network ACL", one.network_acl_id(), one.tags())
    }
}

fn internet_gateway(one: &InternetGateway) -> Dependent {
    dependent("Internet gateway", one.internet_gateway_id(), one.tags())
}

fn nat_gateway(one: &NatGateway) -> Option<Dependent> {
    let state = one.state().map_or("", |state| state.as_str());
    let is_over = ["deleted", "failed"].contains(&state);
    (!is_over).then(|| dependent("NAT gateway", one.nat_gateway_id(), one.tags()))
}

fn endpoint(one: &VpcEndpoint) -> Option<Dependent> {
    let state = one.state().map_or("", |state| state.as_str());
    let is_over = state.eq_ignore_ascii_case("deleted");
    (!is_over).then(|| dependent("VPC endpoint", one.vpc_endpoint_id(), one.tags()))
}
