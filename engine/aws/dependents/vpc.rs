//! What is in a VPC, on a subnet, behind a security group or an address.

use serde_json::Value;

use crate::client::Session;
use crate::look_up::{Doubt, LookUpError, filter, selected};
use knowledge::kind::{ADDRESS, IN_VPCS, NETWORK_INTERFACE, ROUTE_TABLE, SECURITY_GROUP};
use knowledge::{Dependent, KINDS, Kind, RUN_TAG, each, texts_at};

/// Reads everything that keeps the VPC from being deleted, and what goes with it.
pub(super) async fn contents(
    session: &Session,
    vpc: &str,
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let mut found = Vec::new();
    for kind in KINDS.iter().chain(IN_VPCS) {
        for name in kind.vpc {
            found.extend(on(session, kind, name, vpc, doubt).await?);
        }
    }
    Ok(found)
}

/// Reads the interfaces on the subnets: what else is there has one.
pub(super) async fn on_subnets(
    session: &Session,
    subnets: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let mut found = Vec::new();
    for id in subnets {
        found.extend(on(session, &NETWORK_INTERFACE, "subnet-id", id, doubt).await?);
    }
    Ok(found)
}

/// Reads the interfaces behind the groups, and the groups whose rules name them.
pub(super) async fn on_groups(
    session: &Session,
    groups: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let mut found = Vec::new();
    for id in groups {
        found.extend(on(session, &NETWORK_INTERFACE, "group-id", id, doubt).await?);
        for name in ["ip-permission.group-id", "egress.ip-permission.group-id"] {
            found.extend(on(session, &SECURITY_GROUP, name, id, doubt).await?);
        }
    }
    Ok(found)
}

/// Reads the tables with routes to the instances.
pub(super) async fn leading_to(
    session: &Session,
    instances: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let mut found = Vec::new();
    for id in instances {
        let tables = on(session, &ROUTE_TABLE, "route.instance-id", id, doubt).await?;
        found.extend(tables.into_iter().map(|table| Dependent {
            is_led: true,
            is_part: false,
            ..table
        }));
    }
    Ok(found)
}

/// Reads who uses the addresses.
pub(super) async fn on_addresses(
    session: &Session,
    allocations: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    if allocations.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = allocations.iter().map(String::as_str).collect();
    let reply = selected(session, &ADDRESS, &[filter(ADDRESS.filter, &ids)], doubt).await?;
    let mut found = Vec::new();
    each(&reply, ADDRESS.items, &mut |address| {
        found.extend(user(address));
    });
    Ok(found)
}

fn user(address: &Value) -> Option<Dependent> {
    let members = [
        ("instance", "instance_id"),
        ("network interface", "network_interface_id"),
    ];
    let used = |(noun, member)| Some((noun, text(address, member)?));
    let (noun, id) = members.into_iter().find_map(used)?;
    Some(Dependent {
        noun,
        id,
        within: text(address, "allocation_id").unwrap_or_default(),
        ..Dependent::default()
    })
}

/// Reads the things of a kind that a filter selects by their host.
async fn on(
    session: &Session,
    kind: &Kind,
    name: &str,
    host: &str,
    doubt: Doubt<'_>,
) -> Result<Vec<Dependent>, LookUpError> {
    let reply = selected(session, kind, &[filter(name, &[host])], doubt).await?;
    let mut found = Vec::new();
    each(&reply, kind.items, &mut |thing| {
        let states = texts_at(thing, kind.state);
        let mut states = states.iter().map(|state| state.to_lowercase());
        let is_freed = states.len() > 0 && states.all(|one| kind.freed.contains(&one.as_str()));
        if !is_freed {
            found.push(dependent(kind, thing, host));
        }
    });
    Ok(found)
}

fn dependent(kind: &Kind, thing: &Value, host: &str) -> Dependent {
    let tags = thing[kind.tags].as_array().map_or(&[][..], Vec::as_slice);
    let tag = |key: &str| text(tags.iter().find(|tag| tag["key"] == key)?, "value");
    let name = match kind.name {
        "" => tag("Name"),
        member => text(thing, member),
    };
    Dependent {
        noun: kind.noun,
        id: text(thing, kind.id).unwrap_or_default(),
        name,
        run: tag(RUN_TAG),
        within: host.to_owned(),
        is_part: kind.comes_with_vpc.is_some_and(|it| is_at(thing, it)),
        is_led: false,
        with: goes_with(thing),
    }
}

/// An interface goes with the instance that it is part of, or with the gateway or endpoint that AWS made it for.
fn goes_with(thing: &Value) -> Vec<String> {
    let instance = text(&thing["attachment"], "instance_id");
    let description = text(thing, "description").filter(|_| thing["requester_managed"] == true);
    let made_for = description.unwrap_or_default();
    let made_for = made_for.split_whitespace().map(str::to_owned);
    instance.into_iter().chain(made_for).collect()
}

fn is_at(thing: &Value, (path, wanted): (&str, &str)) -> bool {
    let mut is_there = false;
    each(thing, path, &mut |value| {
        is_there |= value == wanted || value.as_bool().is_some_and(|it| it.to_string() == wanted);
    });
    is_there
}

/// Returns a member's text, unless it is empty.
fn text(thing: &Value, member: &str) -> Option<String> {
    let text = thing[member].as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}
