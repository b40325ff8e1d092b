//! Effects as the plan tells of them.

use serde_json::{Value, json};

use super::history::Done;
use super::plan::{Deletion, Told};
use crate::recent::names;
use knowledge::{Dependent, Inverse, inverse};

/// The members that name what a call joins, where its reply has no id.
const JOINED: [&str; 4] = [
    "internet_gateway_id",
    "route_table_id",
    "elastic_ip",
    "instance_id",
];

const DESTINATIONS: [&str; 3] = [
    "destination_cidr_block",
    "destination_ipv6_cidr_block",
    "destination_prefix_list_id",
];

pub(super) fn takes_away(operation: &str) -> bool {
    const VERBS: [&str; 9] = [
        "delete_",
        "deregister_",
        "detach_",
        "disassociate_",
        "release_",
        "remove_",
        "revoke_",
        "terminate_",
        "unassign_",
    ];
    VERBS.iter().any(|verb| operation.starts_with(verb))
}

pub(super) fn told(done: &Done, id: Option<String>, reason: &str) -> Told {
    Told {
        key: done.intent.key.clone(),
        noun: match done.effect.row {
            Some(row) => row.noun.to_owned(),
            None => done.operation(),
        },
        id,
        reason: reason.to_owned(),
    }
}

pub(super) fn keys(done: &Done) -> String {
    let tags = done.intent.input["tags"].as_array();
    let keys = tags
        .into_iter()
        .flatten()
        .filter_map(|tag| tag["key"].as_str());
    keys.collect::<Vec<_>>().join(" ")
}

/// A rule that names another group keeps that one from being deleted.
pub(super) fn refers_to_another(input: &Value) -> bool {
    let own = input["group_id"].as_str();
    let others = |text: &str| text.starts_with("sg-") && Some(text) != own;
    own.is_some() && names(input, &others)
}

/// Returns the ids of what a call made, or may have found.
pub(super) fn made(done: &Done) -> Option<String> {
    Some(done.ids().join(", ")).filter(|ids| !ids.is_empty())
}

/// Returns the ids of what a call joined, with the destination of a route.
pub(super) fn joined(done: &Done) -> Option<String> {
    let input = &done.intent.input;
    let text = |member: &&str| input[*member].as_str().map(str::to_owned);
    let named = made(done).or_else(|| JOINED.iter().find_map(text))?;
    Some(match DESTINATIONS.iter().find_map(text) {
        Some(destination) => format!("{named} {destination}"),
        None => named,
    })
}

pub(super) fn deletion(
    done: &Done,
    inverse: &'static Inverse,
    id: Option<&str>,
    shown: String,
) -> Deletion {
    Deletion {
        of: Some(done.intent.key.clone()),
        noun: done.effect.noun().to_owned(),
        id: shown,
        service: inverse.service,
        operation: inverse.operation,
        input: inverse.input(&done.effect, &done.intent.input, &done.output, id),
        turn: inverse.turn,
        slow: inverse.slow,
    }
}

pub(super) fn group_of_opsworks(dependent: &Dependent) -> Deletion {
    Deletion {
        of: None,
        noun: dependent
            .name
            .clone()
            .unwrap_or_else(|| dependent.noun.into()),
        id: dependent.id.clone(),
        service: "ec2",
        operation: "delete_security_group",
        input: json!({"group_id": dependent.id}),
        turn: inverse("ec2", "delete_security_group").map_or(0, |inverse| inverse.turn),
        slow: None,
    }
}
