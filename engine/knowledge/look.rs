//! How it is found out whether a call was done, and which operations that reads with.

use crate::kind::Kind;
use crate::query::{Fit, Query};

/// How it is found out whether the call was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    None,
    /// Something with our tags.
    Tagged(&'static Kind),
    /// The thing with the input's id is not there any more.
    Gone(&'static Kind),
    /// One read, compared with the input.
    Query(&'static Query),
    AssociationReplaced,
    ProfileAssociated,
    ProfileReplaced,
    EndpointModified,
    RouteMade,
    RouteGone,
    RulesGone,
    Stack,
}

impl Look {
    /// Returns whether it looks for something with our tags.
    #[must_use]
    pub fn is_tagged(self) -> bool {
        match self {
            Self::Tagged(_) => true,
            Self::Query(query) => query.fits.iter().any(|fit| matches!(fit, Fit::Tags(_))),
            _ => false,
        }
    }

    /// Returns the service and the read that answers this look-up; none where nothing is looked up.
    #[must_use]
    pub fn asks(self) -> Option<(&'static str, &'static str)> {
        let ec2 = |operation| Some(("ec2", operation));
        match self {
            Self::None => None,
            Self::Tagged(kind) | Self::Gone(kind) => Some((kind.service, kind.read)),
            Self::Query(query) => Some((query.service, query.read)),
            Self::AssociationReplaced | Self::RouteMade | Self::RouteGone => {
                ec2("describe_route_tables")
            }
            Self::ProfileAssociated | Self::ProfileReplaced => {
                ec2("describe_iam_instance_profile_associations")
            }
            Self::EndpointModified => ec2("describe_vpc_endpoints"),
            Self::RulesGone => ec2("describe_security_group_rules"),
            Self::Stack => Some(("opsworks", "describe_stacks")),
        }
    }
}
