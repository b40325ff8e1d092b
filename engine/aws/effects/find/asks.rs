//! Which operations a look-up reads with.

use super::Iam;
use crate::aws::effects::Look;

impl Look {
    /// Returns the service and the read that answers this look-up; none where nothing is looked up.
    #[must_use]
    pub fn asks(self) -> Option<(&'static str, &'static str)> {
        let ec2 = |operation| Some(("ec2", operation));
        let opsworks = |operation| Some(("opsworks", operation));
        match self {
            Self::None => None,
            Self::Tagged(kind) | Self::Gone(kind) => ec2(kind.read_by()),
            Self::Iam(look) => Some(("iam", look.read_by())),
            Self::GatewayAttached | Self::GatewayDetached => ec2("describe_internet_gateways"),
            Self::TableAssociated
            | Self::TableDisassociated
            | Self::AssociationReplaced
            | Self::RouteMade
            | Self::RouteGone => ec2("describe_route_tables"),
            Self::AddressAssociated | Self::AddressDisassociated => ec2("describe_addresses"),
            Self::InterfaceAttached | Self::InterfaceDetached => ec2("describe_network_interfaces"),
            Self::ProfileAssociated | Self::ProfileReplaced | Self::ProfileDisassociated => {
                ec2("describe_iam_instance_profile_associations")
            }
            Self::EndpointModified => ec2("describe_vpc_endpoints"),
            Self::RulesGone => ec2("describe_security_group_rules"),
            Self::Stack | Self::StackGone => opsworks("describe_stacks"),
            Self::Layer | Self::LayerGone => opsworks("describe_layers"),
            Self::App | Self::AppGone => opsworks("describe_apps"),
            Self::Deployment => opsworks("describe_deployments"),
            Self::UserProfile | Self::UserProfileGone => opsworks("describe_user_profiles"),
            Self::IpRegistered
            | Self::IpDeregistered
            | Self::IpAssociated
            | Self::IpDisassociated => opsworks("describe_elastic_ips"),
            Self::Machine
            | Self::MachineGone
            | Self::MachineStarted
            | Self::MachineStopped
            | Self::MachineAssigned
            | Self::MachineUnassigned
            | Self::StackStarted
            | Self::StackStopped => opsworks("describe_instances"),
        }
    }
}

impl Iam {
    /// Returns the operation that reads it.
    pub(super) fn read_by(self) -> &'static str {
        match self {
            Self::Role | Self::RoleGone => "get_role",
            Self::RolePolicyGone => "get_role_policy",
            Self::PolicyDetached => "list_attached_role_policies",
            Self::Profile | Self::ProfileGone | Self::RoleInProfile | Self::RoleOutOfProfile => {
                "get_instance_profile"
            }
        }
    }
}
