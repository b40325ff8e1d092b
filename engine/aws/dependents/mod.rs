//! What depends on things that are to be deleted: a VPC's contents, an address's user, a stack's instances.

mod opsworks;
mod tags;
mod vpc;

use serde_json::Value;

use crate::client::Session;
use crate::look_up::{Doubt, LookUpError, by_ids, state};
use knowledge::{Deletions, Dependent, Effect, Identity, Kind, State, each, texts_at};

/// Reads what depends on the deletions, itself included.
///
/// # Errors
/// Returns an error if AWS does not answer.
pub async fn dependents(
    session: &Session,
    deletions: &Deletions,
) -> Result<Vec<Dependent>, LookUpError> {
    let effect = reading();
    let doubt = asking(&effect);
    let mut all = Vec::new();
    for id in &deletions.vpcs {
        all.extend(vpc::contents(session, id, doubt).await?);
    }
    all.extend(vpc::on_subnets(session, &deletions.subnets, doubt).await?);
    all.extend(vpc::on_groups(session, &deletions.groups, doubt).await?);
    all.extend(vpc::on_addresses(session, &deletions.addresses, doubt).await?);
    all.extend(vpc::leading_to(session, &deletions.instances, doubt).await?);
    if deletions.uses_opsworks && !deletions.vpcs.is_empty() {
        all.extend(opsworks::stacks(session, &deletions.vpcs, doubt).await?);
    }
    for id in &deletions.stacks {
        all.extend(opsworks::contents(session, id, doubt).await?);
    }
    Ok(all)
}

/// Reads how things stand; those that are not there are left out.
///
/// # Errors
/// Returns an error if AWS does not answer.
pub async fn states(
    session: &Session,
    kind: &Kind,
    ids: &[String],
) -> Result<Vec<State>, LookUpError> {
    let effect = reading();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut states = Vec::new();
    for reply in by_ids(session, kind, &ids, asking(&effect)).await? {
        each(&reply, kind.items, &mut |thing| {
            states.push(State {
                id: thing[kind.id].as_str().unwrap_or_default().to_owned(),
                state: state(kind, thing),
                along: texts_at(thing, kind.parts),
            });
        });
    }
    Ok(states)
}

/// Returns those of the ids, or of all if none are given, that carry one of the tags `[{key, value}]`.
///
/// # Errors
/// Returns an error if AWS does not answer.
pub async fn carriers(
    session: &Session,
    ids: &[String],
    tags: &Value,
) -> Result<Vec<String>, LookUpError> {
    let effect = reading();
    tags::carriers(session, ids, tags, asking(&effect)).await
}

/// Errors of look-ups name an operation; here it is not one of a script's.
fn reading() -> Effect {
    knowledge::effect(
        "ec2",
        "describe_what_depends",
        knowledge::ModelFacts::default(),
    )
}

fn asking(effect: &Effect) -> Doubt<'_> {
    static NOBODY: Identity = Identity {
        run: String::new(),
        key: String::new(),
        epoch: 0,
    };
    Doubt {
        effect,
        input: &Value::Null,
        identity: &NOBODY,
        context: None,
        chosen: None,
    }
}
