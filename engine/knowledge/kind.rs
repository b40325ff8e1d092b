//! Kinds of things in EC2 that carry our tags, and how each is read.

use crate::recall::Shape;

/// A kind of thing that carries tags and has an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Vpc,
    Subnet,
    RouteTable,
    InternetGateway,
    SecurityGroup,
    SecurityGroupRule,
    Address,
    KeyPair,
    Instance,
    NatGateway,
    NetworkInterface,
    VpcEndpoint,
}

/// How a kind is read.
pub struct Reading {
    pub operation: &'static str,
    /// The read's input member that takes ids.
    pub ids: &'static str,
    /// The member of an input that has the id.
    pub id: &'static str,
    /// The filter on ids.
    pub filter: &'static str,
    pub list: &'static str,
    pub shape: Shape,
}

const GROUP: Shape = Shape::Members(&["group_id", "security_group_arn", "tags"]);
const KEY_PAIR: Shape = Shape::Members(&["key_fingerprint", "key_name", "key_pair_id", "tags"]);
const ADDRESS: Shape = Shape::Members(&[
    "allocation_id",
    "carrier_ip",
    "customer_owned_ip",
    "customer_owned_ipv4_pool",
    "domain",
    "network_border_group",
    "public_ip",
    "public_ipv4_pool",
]);

macro_rules! reading {
    ($operation:literal, $ids:literal, $id:literal, $filter:literal, $list:literal, $shape:expr) => {
        Reading {
            operation: $operation,
            ids: $ids,
            id: $id,
            filter: $filter,
            list: $list,
            shape: $shape,
        }
    };
}

impl Kind {
    #[rustfmt::skip]
    #[must_use]
    pub const fn reading(self) -> Reading {
        match self {
            Self::Vpc => reading!("describe_vpcs", "vpc_ids", "vpc_id", "vpc-id", "vpcs", Shape::Under("vpc")),
            Self::Subnet => reading!("describe_subnets", "subnet_ids", "subnet_id", "subnet-id", "subnets", Shape::Under("subnet")),
            Self::RouteTable => reading!("describe_route_tables", "route_table_ids", "route_table_id", "route-table-id", "route_tables", Shape::Under("route_table")),
            Self::InternetGateway => reading!("describe_internet_gateways", "internet_gateway_ids", "internet_gateway_id", "internet-gateway-id", "internet_gateways", Shape::Under("internet_gateway")),
            Self::SecurityGroup => reading!("describe_security_groups", "group_ids", "group_id", "group-id", "security_groups", GROUP),
            Self::SecurityGroupRule => reading!("describe_security_group_rules", "security_group_rule_ids", "security_group_rule_id", "security-group-rule-id", "security_group_rules", Shape::List),
            Self::Address => reading!("describe_addresses", "allocation_ids", "allocation_id", "allocation-id", "addresses", ADDRESS),
            Self::KeyPair => reading!("describe_key_pairs", "key_pair_ids", "key_pair_id", "key-pair-id", "key_pairs", KEY_PAIR),
            Self::Instance => reading!("describe_instances", "instance_ids", "instance_id", "instance-id", "reservations", Shape::Itself),
            Self::NatGateway => reading!("describe_nat_gateways", "nat_gateway_ids", "nat_gateway_id", "nat-gateway-id", "nat_gateways", Shape::Under("nat_gateway")),
            Self::NetworkInterface => reading!("describe_network_interfaces", "network_interface_ids", "network_interface_id", "network-interface-id", "network_interfaces", Shape::Under("network_interface")),
            Self::VpcEndpoint => reading!("describe_vpc_endpoints", "vpc_endpoint_ids", "vpc_endpoint_id", "vpc-endpoint-id", "vpc_endpoints", Shape::Under("vpc_endpoint")),
        }
    }

    /// Returns the operation that reads it.
    #[must_use]
    pub const fn read_by(self) -> &'static str {
        self.reading().operation
    }

    /// Returns whether one call makes several of them.
    #[must_use]
    pub fn is_plural(self) -> bool {
        matches!(self, Self::Instance | Self::SecurityGroupRule)
    }
}
