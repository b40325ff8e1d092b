//! The IAM policy that a set of calls needs, as narrow as it can be said before anything exists.

mod action;
mod grants;
mod resource;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::Value;

use grants::{Grants, TAG};
use knowledge::kind::IN_VPCS;
use knowledge::{Effect, KINDS, Mark, ModelFacts};
use models::ModelError;
pub use resource::Place;
use resource::Scope;

/// AWS's limit for a managed policy, white space not counted.
pub const LONGEST: usize = 6144;

/// What a script can call.
#[derive(Clone, Copy, Debug)]
pub struct Calls<'a> {
    /// Services with the names of their operations and waiters.
    pub operations: &'a BTreeSet<(String, String)>,
    /// The names of the members that the script's maps have.
    pub members: &'a BTreeSet<String>,
}

/// What the undoing of a run reads beside the kinds that a VPC has and what its calls are looked up with.
const UNDO_READS: [(&str, &[&str]); 2] = [
    (
        "ec2",
        &["describe_addresses", "describe_tags", "describe_volumes"],
    ),
    (
        "opsworks",
        &[
            "describe_apps",
            "describe_instances",
            "describe_layers",
            "describe_stacks",
        ],
    ),
];

/// What has to be taken back beside what a call made: the groups that OpsWorks made for a stack, instances that run.
const UNDO_TOO: [(&str, &str, &str); 2] = [
    ("create_stack", "ec2", "delete_security_group"),
    ("create_instance", "opsworks", "stop_instance"),
];

/// Returns the policy document; with `undo`, for taking back too what the calls do.
///
/// # Errors
/// Returns an error for an operation that no model has.
pub fn document(calls: Calls<'_>, place: &Place, undo: bool) -> Result<Value, ModelError> {
    let mut needs = Needs {
        members: calls.members,
        grants: Grants::default(),
    };
    for (service, name) in calls.operations {
        let effect = operation(service, name)?;
        needs.call(&effect);
        if undo {
            needs.undo(&effect);
        }
    }
    Ok(needs.grants.document(place))
}

/// Returns how the engine treats what a script calls by this name; a waiter reads.
fn operation(service: &str, name: &str) -> Result<Effect, ModelError> {
    let model = models::service(service)?;
    let name = model
        .waiters
        .get(name)
        .map_or(name, |waiter| &waiter.operation);
    model.operation(name)?;
    Ok(knowledge::effect(service, name, ModelFacts::default()))
}

struct Needs<'a> {
    members: &'a BTreeSet<String>,
    grants: Grants,
}

impl Needs<'_> {
    /// A call, our marks in it, and how a doubt about it is settled.
    fn call(&mut self, effect: &Effect) {
        self.action(&effect.service, &effect.operation);
        let Some(row) = effect.row else {
            return;
        };
        if let Some((service, read)) = row.look.asks() {
            self.action(service, read);
        }
        self.tags(effect, row.mark);
        self.passes_role(effect);
    }

    fn undo(&mut self, effect: &Effect) {
        let Some(inverse) = effect.inverse() else {
            return;
        };
        self.call(&knowledge::effect(
            &effect.service,
            inverse,
            ModelFacts::default(),
        ));
        let too = UNDO_TOO
            .iter()
            .filter(|(made_by, ..)| effect.service == "opsworks" && effect.operation == *made_by);
        for (_, service, operation) in too {
            self.call(&knowledge::effect(
                service,
                operation,
                ModelFacts::default(),
            ));
        }
        let in_vpcs = KINDS.iter().chain(IN_VPCS).filter(|it| !it.vpc.is_empty());
        let in_vpcs = in_vpcs.map(|kind| (kind.service, kind.read));
        let others = UNDO_READS
            .iter()
            .flat_map(|(service, reads)| reads.iter().map(|read| (*service, *read)));
        for (service, read) in in_vpcs.chain(others) {
            if service == effect.service {
                self.action(service, read);
            }
        }
    }

    fn action(&mut self, service: &str, operation: &str) {
        if let Some(action) = action::of(service, operation) {
            self.grants.add(action, Scope::of(service, operation));
        }
    }

    /// A request that makes something and tags it needs the right to tag, at that moment only.
    fn tags(&mut self, effect: &Effect, mark: Mark) {
        match (mark, effect.operation.as_str()) {
            (Mark::Tags(types) | Mark::TokenAndTags(types), operation) => {
                let making = action::name("ec2", operation);
                self.grants.add(TAG.into(), Scope::made(types, making));
            }
            (Mark::OwnTags, "create_role") => self.action("iam", "tag_role"),
            (Mark::OwnTags, "create_instance_profile") => {
                self.action("iam", "tag_instance_profile");
            }
            _ => {}
        }
    }

    /// Whoever gives a role to something must be allowed to pass it on.
    fn passes_role(&mut self, effect: &Effect) {
        let to = match (effect.service.as_str(), effect.operation.as_str()) {
            ("ec2", "run_instances") if !self.members.contains("iam_instance_profile") => return,
            (
                "ec2",
                "run_instances"
                | "associate_iam_instance_profile"
                | "replace_iam_instance_profile_association",
            )
            | ("iam", "add_role_to_instance_profile") => &["ec2.amazonaws.com"][..],
            (
                "opsworks",
                "create_stack" | "update_stack" | "clone_stack" | "create_layer" | "update_layer",
            ) => &["ec2.amazonaws.com", "opsworks.amazonaws.com"],
            _ => return,
        };
        self.grants.add("iam:PassRole".into(), Scope::passed(to));
    }
}
