//! The IAM policy that a set of calls needs, as narrow as it can be said before anything exists.

mod action;
mod error;
mod grants;
mod names;
mod resource;
#[cfg(test)]
mod tests;
mod types;

use std::collections::BTreeSet;

use serde_json::Value;

pub use error::PolicyError;
use grants::Grants;
use knowledge::kind::IN_VPCS;
use knowledge::{Effect, KINDS, Mark, ModelFacts};
use models::ModelError;
pub use names::Names;
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

/// What the undoing of a service's calls reads, beside what they are looked up with: what still carries the run's tags.
const UNDO_READS: [(&str, &[&str]); 2] = [
    ("ec2", &["describe_tags", "describe_volumes"]),
    ("opsworks", &["describe_stacks"]),
];

/// What the undoing of a call reads: what may depend on the thing that it made. For a VPC, that is every kind that a VPC has.
#[rustfmt::skip]
const DEPENDENTS: [(&str, &[&str]); 5] = [
    ("create_subnet", &["describe_network_interfaces"]),
    ("create_security_group", &["describe_network_interfaces", "describe_security_groups"]),
    ("run_instances", &["describe_route_tables"]),
    ("allocate_address", &["describe_addresses"]),
    ("create_stack", &["describe_apps", "describe_instances", "describe_layers"]),
];

/// The rights that make a role, give it any right, and give it to a machine: one of each line is enough.
const GROWTH: [&[&str]; 3] = [
    &["iam:CreateRole"],
    &["iam:PutRolePolicy", "iam:AttachRolePolicy"],
    &["iam:PassRole"],
];

/// What has to be taken back beside what a call made: the groups that OpsWorks made for a stack, instances that run.
const UNDO_TOO: [(&str, &str, &str); 2] = [
    ("create_stack", "ec2", "delete_security_group"),
    ("create_instance", "opsworks", "stop_instance"),
];

/// Returns the policy document; with `undo`, for taking back too what the calls do.
///
/// # Errors
/// Returns an error for an operation that no model has, and where the policy would allow to make any role, give it any
/// right and pass it on.
pub fn document(calls: Calls<'_>, place: &Place, undo: bool) -> Result<Value, PolicyError> {
    let mut needs = Needs {
        members: calls.members,
        place,
        grants: Grants::default(),
    };
    for (service, name) in calls.operations {
        let effect = operation(service, name)?;
        needs.call(&effect);
        if undo {
            needs.undo(&effect);
        }
    }
    let has = |actions: &&[&str]| actions.iter().any(|action| needs.grants.has(action));
    let has_growth = GROWTH.iter().all(has);
    if has_growth && place.names.of("iam", "role").is_none() {
        return Err(PolicyError::AnyRole);
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
    place: &'a Place,
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
        let service = UNDO_READS.iter().filter(|(it, _)| *it == effect.service);
        let thing = DEPENDENTS.iter().filter(|(it, _)| *it == effect.operation);
        for read in service.chain(thing).flat_map(|(_, reads)| *reads) {
            self.action(&effect.service, read);
        }
        if effect.operation == "create_vpc" {
            let in_vpcs = KINDS.iter().chain(IN_VPCS).filter(|it| !it.vpc.is_empty());
            for kind in in_vpcs {
                self.action(kind.service, kind.read);
            }
        }
    }

    fn action(&mut self, service: &str, operation: &str) {
        let scope = match (service, operation) {
            ("iam", "create_role" | "put_role_policy" | "attach_role_policy")
                if !self.place.names.boundaries().is_empty() =>
            {
                Scope::Bounded
            }
            _ => Scope::of(service, operation),
        };
        if let Some(action) = action::of(service, operation) {
            self.grants.add(action, scope);
        }
    }

    /// A request that makes something and tags it needs the right to tag, at that moment only.
    fn tags(&mut self, effect: &Effect, mark: Mark) {
        match (mark, effect.operation.as_str()) {
            (Mark::Tags(types) | Mark::TokenAndTags(types), operation) => {
                self.grants.tag(types, action::name("ec2", operation));
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
