//! How it is found out whether a call was done, and which operations that reads with.

use crate::kind::Kind;

/// How it is found out whether the call was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    None,
    /// Something with our tags.
    Tagged(Kind),
    /// Something in IAM.
    Iam(Iam),
    /// The thing with the input's id is not there any more.
    Gone(Kind),
    GatewayAttached,
    GatewayDetached,
    TableAssociated,
    TableDisassociated,
    AssociationReplaced,
    AddressAssociated,
    AddressDisassociated,
    InterfaceAttached,
    InterfaceDetached,
    ProfileAssociated,
    ProfileReplaced,
    ProfileDisassociated,
    EndpointModified,
    RouteMade,
    RouteGone,
    RulesGone,
    Stack,
    StackGone,
    Layer,
    LayerGone,
    /// An OpsWorks instance, not an EC2 one; the next five too.
    Machine,
    MachineGone,
    MachineStarted,
    MachineStopped,
    MachineAssigned,
    MachineUnassigned,
    StackStarted,
    StackStopped,
    App,
    AppGone,
    /// An Elastic IP address that OpsWorks manages; the next three too.
    IpRegistered,
    IpDeregistered,
    IpAssociated,
    IpDisassociated,
    Deployment,
    UserProfile,
    UserProfileGone,
}

/// What is looked for in IAM. Names are unique in an account there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Iam {
    Role,
    RoleGone,
    RolePolicyGone,
    PolicyDetached,
    Profile,
    ProfileGone,
    RoleInProfile,
    RoleOutOfProfile,
}

impl Look {
    /// Returns whether it looks for something with our tags.
    #[must_use]
    pub fn is_tagged(self) -> bool {
        matches!(self, Self::Tagged(_) | Self::Iam(Iam::Role | Iam::Profile))
    }

    #[must_use]
    pub fn is_address(self) -> bool {
        matches!(
            self,
            Self::IpRegistered | Self::IpDeregistered | Self::IpAssociated | Self::IpDisassociated
        )
    }

    #[must_use]
    pub fn is_network(self) -> bool {
        matches!(
            self,
            Self::GatewayAttached
                | Self::GatewayDetached
                | Self::TableAssociated
                | Self::TableDisassociated
                | Self::AssociationReplaced
                | Self::RouteMade
                | Self::RouteGone
        )
    }

    #[must_use]
    pub fn is_profile(self) -> bool {
        matches!(
            self,
            Self::ProfileAssociated | Self::ProfileReplaced | Self::ProfileDisassociated
        )
    }

    #[must_use]
    pub fn is_interface(self) -> bool {
        matches!(
            self,
            Self::AddressAssociated
                | Self::AddressDisassociated
                | Self::InterfaceAttached
                | Self::InterfaceDetached
                | Self::EndpointModified
        )
    }

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
    #[must_use]
    pub fn read_by(self) -> &'static str {
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
