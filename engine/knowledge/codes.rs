//! Error codes that mean something to the engine.

use crate::class::Class;
use crate::effect::Effect;
use crate::kind::KINDS;
use crate::look::Look;

/// Codes for things that exist but are not yet seen everywhere, beside those of the kinds.
const NOT_YET_SEEN: &[&str] = &[
    "InvalidAssociationID.NotFound",
    // IAM's.
    "NoSuchEntity",
];

/// What a service answers to a read of what it does not know.
const NOT_THERE: &[(&str, &str)] = &[
    ("iam", "NoSuchEntity"),
    ("opsworks", "ResourceNotFoundException"),
];

/// What a creating call answers if the thing is there already.
const THERE_ALREADY: &[&str] = &[
    // IAM's.
    "EntityAlreadyExists",
    // There is an association already.
    "IncorrectState",
    "InvalidGroup.Duplicate",
    "InvalidIPAddress.InUse",
    "InvalidKeyPair.Duplicate",
    "InvalidNetworkInterface.InUse",
    // A device index that is taken, a gateway too many.
    "InvalidParameterValue",
    "InvalidPermission.Duplicate",
    "InvalidSubnet.Conflict",
    "Resource.AlreadyAssociated",
    "RouteAlreadyExists",
    // OpsWorks has one code for all it refuses.
    "ValidationException",
];

/// What a call that takes something away answers if it is not there any more.
const GONE_ALREADY: &[&str] = &[
    "Gateway.NotAttached",
    "IncorrectState",
    "InvalidAttachmentID.NotFound",
    "InvalidPermission.NotFound",
    "InvalidRoute.NotFound",
    "ValidationException",
];

/// Returns whether an error to a read of one thing means that there is no such thing.
#[must_use]
pub fn is_not_there(service: &str, code: &str) -> bool {
    NOT_THERE.contains(&(service, code))
}

/// Returns whether an error may only mean that AWS has not yet seen everywhere what this run made seconds ago.
#[must_use]
pub fn consistency_retryable(code: &str) -> bool {
    NOT_YET_SEEN.contains(&code) || KINDS.iter().any(|kind| kind.unknown.contains(&code))
}

/// Returns whether an error to a repeated call may mean that the first one was done: look it up again, and adopt only
/// what matches.
#[must_use]
pub fn done_already(effect: &Effect, code: &str) -> bool {
    let there = THERE_ALREADY.contains(&code) || is_limit(code);
    let gone = GONE_ALREADY.contains(&code) || consistency_retryable(code);
    match effect.class {
        // Replacing an association takes the old one away.
        Class::Keyed if effect.has_look_up() => {
            there || gone && (takes_away(effect) || code == "InvalidAssociationID.NotFound")
        }
        Class::Tagged => there,
        Class::Idempotent if effect.has_look_up() => there || gone,
        _ => false,
    }
}

fn takes_away(effect: &Effect) -> bool {
    matches!(effect.look(), Look::Gone(_))
}

/// What the first call made may be what fills the quota.
fn is_limit(code: &str) -> bool {
    code.ends_with("LimitExceeded")
        && !matches!(code, "BandwidthLimitExceeded" | "RequestLimitExceeded")
}

/// Returns whether the token was used up by something that is gone since: the call can be made only under a new epoch.
#[must_use]
pub fn token_spent(code: &str) -> bool {
    code == "IdempotentInstanceTerminated"
}

#[cfg(test)]
mod tests {
    use super::{consistency_retryable, done_already};
    use crate::effect::{ModelFacts, effect};

    #[test]
    fn not_found_is_retried_and_refusals_are_not() {
        assert!(consistency_retryable("InvalidVpcID.NotFound"));
        assert!(consistency_retryable("ResourceNotFoundException"));
        assert!(!consistency_retryable("InvalidAMIID.NotFound"));
        assert!(!consistency_retryable("IncorrectInstanceState"));
        assert!(!consistency_retryable("InvalidPermission.NotFound"));
    }

    #[test]
    fn a_repeat_that_was_not_needed_is_looked_up_again() {
        let done = |service, operation, code| {
            done_already(&effect(service, operation, ModelFacts::default()), code)
        };
        assert!(done("ec2", "create_route", "RouteAlreadyExists"));
        assert!(done(
            "ec2",
            "associate_route_table",
            "Resource.AlreadyAssociated"
        ));
        assert!(done(
            "ec2",
            "authorize_security_group_ingress",
            "InvalidPermission.Duplicate"
        ));
        assert!(done("ec2", "delete_vpc", "InvalidVpcID.NotFound"));
        assert!(done("opsworks", "create_layer", "ValidationException"));
        assert!(done("iam", "create_role", "EntityAlreadyExists"));
        assert!(done("iam", "add_role_to_instance_profile", "LimitExceeded"));
        assert!(done("iam", "delete_role", "NoSuchEntity"));
        assert!(!done("iam", "delete_role", "DeleteConflict"));
        assert!(done(
            "opsworks",
            "delete_layer",
            "ResourceNotFoundException"
        ));
        assert!(!done("ec2", "create_route", "InvalidRouteTableID.NotFound"));
        assert!(done("ec2", "create_vpc", "VpcLimitExceeded"));
        assert!(!done("ec2", "create_vpc", "RequestLimitExceeded"));
        assert!(!done("ec2", "create_vpc", "InvalidVpcID.NotFound"));
        assert!(done(
            "ec2",
            "associate_address",
            "Resource.AlreadyAssociated"
        ));
        assert!(done(
            "ec2",
            "delete_vpc_endpoints",
            "InvalidVpcEndpointId.NotFound"
        ));
        assert!(!done(
            "ec2",
            "replace_route",
            "InvalidRouteTableID.NotFound"
        ));
        assert!(!done("sns", "publish", "RouteAlreadyExists"));
    }
}
