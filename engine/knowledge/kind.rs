//! Kinds of things that AWS gives an id: one row says how a kind is read, when it is gone and how it is deleted.
//!
//! Members, paths and states are those of AWS's models, and a test compares them. The codes are from the list of error
//! codes in the EC2 API reference (`errors-overview.html`).

use std::fmt;

use Arg::{AllIds, Id, Yes};

/// A kind of thing that AWS gives an id.
pub struct Kind {
    pub noun: &'static str,
    pub service: &'static str,
    /// The operation that reads it.
    pub read: &'static str,
    /// The read's input member that takes filters; none where it takes ids only.
    pub filters: &'static str,
    /// The filter on ids.
    pub filter: &'static str,
    /// The member of the read's input, and of a deletion's, that takes several ids.
    pub ids: &'static str,
    /// Where the read's reply has the things.
    pub items: &'static str,
    /// The member of a thing, and of a deletion's input, that has the id.
    pub id: &'static str,
    /// Where a thing has its state; empty if it has none.
    pub state: &'static str,
    /// The states of a thing that is gone or on its way out, in small letters.
    pub leaving: &'static [&'static str],
    /// The states in which nothing more is to come of a deletion.
    pub rest: &'static [&'static str],
    /// The states in which it is in nobody's way any more.
    pub freed: &'static [&'static str],
    /// The filters on the VPC that it is in; none if it is in no VPC.
    pub vpc: &'static [&'static str],
    /// A path, and what is there in the one that AWS makes with each VPC.
    pub comes_with_vpc: Option<(&'static str, &'static str)>,
    /// The member with its tags.
    pub tags: &'static str,
    /// The member with its name; empty where that is the tag `Name`.
    pub name: &'static str,
    /// Where a thing has the ids of what AWS takes away with it.
    pub parts: &'static str,
    /// How many one call makes.
    pub count: Count,
    /// What the creating call answers, as a template over the read's reply.
    pub made: &'static str,
    /// What the deletion answers, as a template over the list of ids.
    pub deleted: &'static str,
    /// What AWS answers where a thing does not exist, or is not seen yet.
    pub unknown: &'static [&'static str],
    pub deletion: Inverse,
}

/// Where a member of the inverse's input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arg {
    /// The id of what was made.
    Id,
    /// The same, in a list.
    AllIds,
    /// The member of that name in the effect's own input, where it has one.
    Input(&'static str),
    Yes,
}

/// A call that takes something back.
#[derive(Debug, PartialEq, Eq)]
pub struct Inverse {
    pub service: &'static str,
    pub operation: &'static str,
    /// What has a lower one goes first, whatever the order in which it was made.
    pub turn: u8,
    pub(super) args: &'static [(&'static str, Arg)],
    /// The kind of thing that AWS needs time to take away.
    pub slow: Option<&'static Kind>,
}

/// How many things one call makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    One,
    /// As many as this member of the input says.
    Member(&'static str),
    /// One for each rule in the input.
    Rules,
}

/// What most kinds have alike.
const EC2: Kind = Kind {
    noun: "",
    service: "ec2",
    read: "",
    filters: "filters",
    filter: "",
    ids: "",
    items: "",
    id: "",
    state: "",
    leaving: &[],
    rest: &[],
    freed: &[],
    vpc: &[],
    comes_with_vpc: None,
    tags: "tags",
    name: "",
    parts: "",
    count: Count::One,
    made: "",
    deleted: "{}",
    unknown: &[],
    deletion: at_once("", 0, &[]),
};

const fn at_once(
    operation: &'static str,
    turn: u8,
    args: &'static [(&'static str, Arg)],
) -> Inverse {
    Inverse {
        service: "ec2",
        operation,
        turn,
        args,
        slow: None,
    }
}

/// A deletion that takes AWS a while.
const fn slowly(
    kind: &'static Kind,
    operation: &'static str,
    turn: u8,
    args: &'static [(&'static str, Arg)],
) -> Inverse {
    Inverse {
        slow: Some(kind),
        ..at_once(operation, turn, args)
    }
}

macro_rules! kinds {
    ($(#[$doc:meta])* $list:ident: $($name:ident { $($member:ident: $value:expr),* $(,)? })*) => {
        $(pub static $name: Kind = Kind { $($member: $value,)* ..EC2 };)*

        $(#[$doc])*
        pub static $list: &[&Kind] = &[$(&$name),*];
    };
}

#[rustfmt::skip]
kinds! {
    /// What a call makes. Where several are waited for in one turn of an undo, the first is waited for first.
    KINDS:

    // An OpsWorks instance. OpsWorks is asked for ids one by one: with one unknown among them, it describes none.
    MACHINE {
        noun: "OpsWorks instance", service: "opsworks", read: "describe_instances", filters: "", ids: "instance_ids",
        items: "instances[]", id: "instance_id", state: "status", leaving: &["terminated", "terminating"],
        // The states are from the OpsWorks API reference (`API_Instance.html`); its model has them only as text.
        rest: &["stopped", "start_failed", "stop_failed", "terminated"],
        parts: "ec2_instance_id",
        made: r#"{"instance_id": "$/instances/0/instance_id"}"#,
        unknown: &["ResourceNotFoundException"],
        deletion: Inverse { service: "opsworks", ..at_once("delete_instance", 1, &[("instance_id", Id), ("delete_volumes", Yes)]) },
    }
    VPC_ENDPOINT {
        noun: "VPC endpoint", read: "describe_vpc_endpoints", filter: "vpc-endpoint-id", ids: "vpc_endpoint_ids",
        // AWS writes these states with small letters, its model with capitals.
        items: "vpc_endpoints[]", id: "vpc_endpoint_id", state: "state", leaving: &["deleted", "deleting", "expired", "failed", "rejected"],
        rest: &["deleted"], freed: &["deleted"], vpc: &["vpc-id"],
        parts: "network_interface_ids[]",
        made: r#"{"vpc_endpoint": "$/vpc_endpoints/0"}"#,
        deleted: r#"{"unsuccessful": []}"#,
        unknown: &["InvalidVpcEndpointId.NotFound"],
        deletion: slowly(&VPC_ENDPOINT, "delete_vpc_endpoints", 5, &[("vpc_endpoint_ids", AllIds)]),
    }
    NAT_GATEWAY {
        noun: "NAT gateway", read: "describe_nat_gateways", filters: "filter", filter: "nat-gateway-id", ids: "nat_gateway_ids",
        // Amazon VPC User Guide, "NAT gateway basics": a deleted or failed one is seen for about an hour.
        items: "nat_gateways[]", id: "nat_gateway_id", state: "state", leaving: &["deleted", "deleting", "failed"],
        rest: &["deleted", "failed"], freed: &["deleted", "failed"], vpc: &["vpc-id"],
        parts: "nat_gateway_addresses[].network_interface_id",
        made: r#"{"nat_gateway": "$/nat_gateways/0"}"#,
        deleted: r#"{"nat_gateway_id": "$/0"}"#,
        unknown: &["InvalidNatGatewayID.NotFound", "NatGatewayNotFound"],
        deletion: slowly(&NAT_GATEWAY, "delete_nat_gateway", 5, &[("nat_gateway_id", Id)]),
    }
    INSTANCE {
        noun: "instance", read: "describe_instances", filter: "instance-id", ids: "instance_ids",
        // Amazon EC2 User Guide, "Terminate an instance": a terminated one is seen for about an hour, with its tags.
        items: "reservations[].instances[]", id: "instance_id", state: "state.name", leaving: &["shutting-down", "terminated"],
        rest: &["terminated"], freed: &["shutting-down", "terminated"], vpc: &["vpc-id"],
        count: Count::Member("max_count"),
        made: r#""$/reservations/0""#,
        deleted: r#"{"terminating_instances": [{"instance_id": "$", "current_state": {"code": 48, "name": "terminated"}}]}"#,
        unknown: &["InvalidInstanceID.NotFound"],
        deletion: slowly(&INSTANCE, "terminate_instances", 5, &[("instance_ids", AllIds)]),
    }
    NETWORK_INTERFACE {
        noun: "network interface", read: "describe_network_interfaces", filter: "network-interface-id", ids: "network_interface_ids",
        items: "network_interfaces[]", id: "network_interface_id", vpc: &["vpc-id"], tags: "tag_set", name: "description",
        made: r#"{"network_interface": "$/network_interfaces/0"}"#,
        unknown: &["InvalidNetworkInterfaceID.NotFound"],
        deletion: at_once("delete_network_interface", 6, &[("network_interface_id", Id)]),
    }
    ADDRESS {
        noun: "Elastic IP address", read: "describe_addresses", filter: "allocation-id", ids: "allocation_ids",
        items: "addresses[]", id: "allocation_id",
        made: r#"{"allocation_id": "$/addresses/0/allocation_id", "carrier_ip": "$/addresses/0/carrier_ip",
            "customer_owned_ip": "$/addresses/0/customer_owned_ip", "customer_owned_ipv4_pool": "$/addresses/0/customer_owned_ipv4_pool",
            "domain": "$/addresses/0/domain", "network_border_group": "$/addresses/0/network_border_group",
            "public_ip": "$/addresses/0/public_ip", "public_ipv4_pool": "$/addresses/0/public_ipv4_pool"}"#,
        unknown: &["InvalidAddress.NotFound", "InvalidAllocationID.NotFound"],
        deletion: at_once("release_address", 6, &[("allocation_id", Id)]),
    }
    KEY_PAIR {
        noun: "key pair", read: "describe_key_pairs", filter: "key-pair-id", ids: "key_pair_ids",
        items: "key_pairs[]", id: "key_pair_id",
        made: r#"{"key_fingerprint": "$/key_pairs/0/key_fingerprint", "key_name": "$/key_pairs/0/key_name",
            "key_pair_id": "$/key_pairs/0/key_pair_id", "tags": "$/key_pairs/0/tags"}"#,
        unknown: &["InvalidKeyPair.NotFound"],
        deletion: at_once("delete_key_pair", 6, &[("key_pair_id", Id)]),
    }
    VOLUME {
        noun: "EBS volume", read: "describe_volumes", filter: "volume-id", ids: "volume_ids",
        // One in the state `error` is there, and costs nothing only once it is deleted.
        items: "volumes[]", id: "volume_id", state: "state", leaving: &["deleting", "deleted"],
        made: r#""$/volumes/0""#,
        unknown: &["InvalidVolume.NotFound"],
        deletion: at_once("delete_volume", 6, &[("volume_id", Id)]),
    }
    SECURITY_GROUP_RULE {
        noun: "security group rule", read: "describe_security_group_rules", filter: "security-group-rule-id", ids: "security_group_rule_ids",
        items: "security_group_rules[]", id: "security_group_rule_id",
        count: Count::Rules,
        made: r#"{"return": true, "security_group_rules": "$/security_group_rules"}"#,
        unknown: &["InvalidSecurityGroupRuleId.NotFound"],
        deletion: at_once("revoke_security_group_ingress", 9, &[("group_id", Arg::Input("group_id")), ("security_group_rule_ids", AllIds)]),
    }
    SUBNET {
        noun: "subnet", read: "describe_subnets", filter: "subnet-id", ids: "subnet_ids",
        items: "subnets[]", id: "subnet_id", vpc: &["vpc-id"],
        made: r#"{"subnet": "$/subnets/0"}"#,
        unknown: &["InvalidSubnetID.NotFound", "InvalidSubnetId.NotFound"],
        deletion: at_once("delete_subnet", 10, &[("subnet_id", Id)]),
    }
    ROUTE_TABLE {
        noun: "route table", read: "describe_route_tables", filter: "route-table-id", ids: "route_table_ids",
        items: "route_tables[]", id: "route_table_id", vpc: &["vpc-id"], comes_with_vpc: Some(("associations[].main", "true")),
        made: r#"{"route_table": "$/route_tables/0"}"#,
        unknown: &["InvalidRouteTableID.NotFound", "InvalidRouteTableId.NotFound"],
        deletion: at_once("delete_route_table", 11, &[("route_table_id", Id)]),
    }
    SECURITY_GROUP {
        noun: "security group", read: "describe_security_groups", filter: "group-id", ids: "group_ids",
        items: "security_groups[]", id: "group_id", vpc: &["vpc-id"], comes_with_vpc: Some(("group_name", "default")), name: "group_name",
        made: r#"{"group_id": "$/security_groups/0/group_id", "security_group_arn": "$/security_groups/0/security_group_arn",
            "tags": "$/security_groups/0/tags"}"#,
        deleted: r#"{"return": true, "group_id": "$/0"}"#,
        unknown: &["InvalidGroup.NotFound", "InvalidGroupId.NotFound", "InvalidSecurityGroupID.NotFound"],
        deletion: at_once("delete_security_group", 12, &[("group_id", Id)]),
    }
    INTERNET_GATEWAY {
        noun: "Internet gateway", read: "describe_internet_gateways", filter: "internet-gateway-id", ids: "internet_gateway_ids",
        items: "internet_gateways[]", id: "internet_gateway_id", vpc: &["attachment.vpc-id"],
        made: r#"{"internet_gateway": "$/internet_gateways/0"}"#,
        unknown: &["InvalidGateway.NotFound", "InvalidGatewayID.NotFound", "InvalidInternetGatewayID.NotFound", "InvalidInternetGatewayId.NotFound"],
        deletion: at_once("delete_internet_gateway", 14, &[("internet_gateway_id", Id)]),
    }
    VPC {
        noun: "VPC", read: "describe_vpcs", filter: "vpc-id", ids: "vpc_ids",
        items: "vpcs[]", id: "vpc_id",
        made: r#"{"vpc": "$/vpcs/0"}"#,
        unknown: &["InvalidVpcID.NotFound"],
        deletion: at_once("delete_vpc", 15, &[("vpc_id", Id)]),
    }
}

#[rustfmt::skip]
kinds! {
    /// What keeps a VPC from being deleted beside that; no call of a run makes it.
    IN_VPCS:

    NETWORK_ACL {
        noun: "network ACL", read: "describe_network_acls", ids: "network_acl_ids",
        items: "network_acls[]", id: "network_acl_id", vpc: &["vpc-id"], comes_with_vpc: Some(("is_default", "true")),
    }
    VPN_GATEWAY {
        noun: "VPN gateway", read: "describe_vpn_gateways", ids: "vpn_gateway_ids",
        items: "vpn_gateways[]", id: "vpn_gateway_id", vpc: &["attachment.vpc-id"],
        state: "vpc_attachments[].state", freed: &["detached"],
    }
    VPC_PEERING_CONNECTION {
        noun: "VPC peering connection", read: "describe_vpc_peering_connections", ids: "vpc_peering_connection_ids",
        items: "vpc_peering_connections[]", id: "vpc_peering_connection_id", vpc: &["requester-vpc-info.vpc-id", "accepter-vpc-info.vpc-id"],
        state: "status.code",
        freed: &["initiating-request", "pending-acceptance", "deleted", "rejected", "failed", "expired", "provisioning", "deleting"],
    }
}

/// There is one row of each kind.
impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Kind {}

/// A kind's deletion leads back to the kind.
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.noun)
    }
}

impl Kind {
    /// Returns whether one call makes several of them.
    #[must_use]
    pub fn is_plural(&self) -> bool {
        self.count != Count::One
    }

    #[must_use]
    pub fn is_at_rest(&self, state: &str) -> bool {
        self.rest.contains(&state)
    }

    /// Returns the path to a member of the things in a reply.
    #[must_use]
    pub fn path(&self, member: &str) -> String {
        format!("{}.{member}", self.items)
    }
}
