//! Look-ups by one read: what is asked, what in the reply counts, and what it must be like.
//!
//! Members, paths and states are those of AWS's models, and a test compares them.

use Ask::{Filter, List, Member};
use Done::{Gone, There};
use Fit::{Absent, Alike, Both, Given, Has, In, Needs, NoCase, NotIn, Same, Tags, Token};

/// One read that shows whether a call was done.
#[derive(Debug, PartialEq, Eq)]
pub struct Query {
    pub service: &'static str,
    pub read: &'static str,
    pub asks: &'static [Ask],
    /// Where the reply has the things.
    pub items: &'static str,
    /// What a thing must be like to count.
    pub fits: &'static [Fit],
    /// The member with the id, where several things may fit: then none of them is guessed.
    pub id: &'static str,
    pub done: Done,
}

/// A member of the read's input, and the member of the call's own input that it is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    Member(&'static str, &'static str),
    /// As the only element of a list.
    List(&'static str, &'static str),
    /// As a filter: the first of these pairs whose member the input has.
    Filter(&'static [(&'static str, &'static str)]),
}

/// What a thing must be like: a path in it (`a.b`), and mostly a member of the call's input as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Equal; the input must have it.
    Same(&'static str, &'static str),
    /// Equal, but for letters' case.
    NoCase(&'static str, &'static str),
    /// Equal, where the input has it.
    Alike(&'static str, &'static str),
    /// Equal or both absent.
    Both(&'static str, &'static str),
    /// Anything; the input must have one of these.
    Needs(&'static [&'static str]),
    /// A list with all that the input's list has.
    Has(&'static str, &'static str),
    /// Present and not empty.
    Given(&'static str),
    Absent(&'static str),
    /// One of these states; an absent one is empty.
    In(&'static str, &'static [&'static str]),
    NotIn(&'static str, &'static [&'static str]),
    /// A text with our token in it.
    Token(&'static str),
    /// A list with our tags. A stranger's thing of that name is never adopted, whatever a person says.
    Tags(&'static str),
}

/// When the call was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// If a thing fits; then it answered this, a template over the reply with what fits.
    There(&'static str),
    /// If none does; then it answered nothing.
    Gone,
}

macro_rules! queries {
    ($($name:ident: $service:ident $read:ident($($ask:expr),*) $items:literal [$($fit:expr),*] $id:literal $done:expr;)*) => {
        $(pub(super) static $name: Query = Query {
            service: stringify!($service), read: stringify!($read), asks: &[$($ask),*], items: $items, fits: &[$($fit),*],
            id: $id, done: $done,
        };)*

        #[cfg(test)]
        pub(super) static QUERIES: &[&Query] = &[$(&$name),*];
    };
}

/// Nothing is left of the instance, or will be soon.
const DEAD: &[&str] = &["terminated", "terminating"];

/// States of an OpsWorks instance that was not started, or not since it was stopped.
const NOT_STARTED: &[&str] = &[
    "",
    "shutting_down",
    "stop_failed",
    "stopped",
    "stopping",
    "terminated",
    "terminating",
];

/// States of an OpsWorks instance that was stopped.
const STOPPED: &[&str] = &[
    "shutting_down",
    "stopped",
    "stopping",
    "terminated",
    "terminating",
];

/// States of an association that joins nothing, or not for long.
const PARTED: &[&str] = &["disassociating", "disassociated", "failed"];

const DETACHED: &[&str] = &["detaching", "detached"];

const EMPTY: Done = There("{}");

const ADDRESS: Ask = Filter(&[
    ("allocation-id", "allocation_id"),
    ("public-ip", "public_ip"),
]);
const GATEWAY: Ask = Filter(&[("internet-gateway-id", "internet_gateway_id")]);
const STACK: Ask = Member("stack_id", "stack_id");
const MACHINE_ID: Ask = List("instance_ids", "instance_id");
const IPS: Ask = List("ips", "elastic_ip");
const IP: Fit = Same("ip", "elastic_ip");
const ROLE_NAME: Ask = Member("role_name", "role_name");
const PROFILE_NAME: Ask = Member("instance_profile_name", "instance_profile_name");

// The columns: name, service and read with what is asked; the things in the reply, what fits, their id, when it was done.
#[rustfmt::skip]
queries! {
    GATEWAY_ATTACHED: ec2 describe_internet_gateways(GATEWAY) "internet_gateways[].attachments[]" [Same("vpc_id", "vpc_id")] "" EMPTY;
    GATEWAY_DETACHED: ec2 describe_internet_gateways(GATEWAY) "internet_gateways[].attachments[]" [Same("vpc_id", "vpc_id")] "" Gone;
    // The association with the input's subnet or gateway; a main one has neither.
    TABLE_ASSOCIATED: ec2 describe_route_tables(Filter(&[("route-table-id", "route_table_id")])) "route_tables[].associations[]"
        [Needs(&["subnet_id", "gateway_id"]), Both("subnet_id", "subnet_id"), Both("gateway_id", "gateway_id"), NotIn("association_state.state", PARTED)] ""
        There(r#"{"association_id": "$/route_tables/0/associations/0/route_table_association_id", "association_state": {"state": "associated"}}"#);
    TABLE_DISASSOCIATED: ec2 describe_route_tables(Filter(&[("association.route-table-association-id", "association_id")]))
        "route_tables[].associations[]" [Same("route_table_association_id", "association_id"), NotIn("association_state.state", PARTED)] "" Gone;
    ADDRESS_ASSOCIATED: ec2 describe_addresses(ADDRESS) "addresses[]"
        [Alike("instance_id", "instance_id"), Alike("network_interface_id", "network_interface_id"), Alike("private_ip_address", "private_ip_address"), Given("association_id")] ""
        There(r#"{"association_id": "$/addresses/0/association_id"}"#);
    ADDRESS_DISASSOCIATED: ec2 describe_addresses(Filter(&[("association-id", "association_id")])) "addresses[]" [] "" Gone;
    INTERFACE_ATTACHED: ec2 describe_network_interfaces(Filter(&[("network-interface-id", "network_interface_id")])) "network_interfaces[].attachment"
        [Same("instance_id", "instance_id"), Both("device_index", "device_index"), NotIn("status", DETACHED)] ""
        There(r#"{"attachment_id": "$/network_interfaces/0/attachment/attachment_id", "network_card_index": "$/network_interfaces/0/attachment/network_card_index"}"#);
    INTERFACE_DETACHED: ec2 describe_network_interfaces(Filter(&[("attachment.attachment-id", "attachment_id")]))
        "network_interfaces[].attachment" [NotIn("status", DETACHED)] "" Gone;
    PROFILE_DISASSOCIATED: ec2 describe_iam_instance_profile_associations() "iam_instance_profile_associations[]"
        [Same("association_id", "association_id"), In("state", &["associated", "associating"])] "" Gone;

    // A stack's layers and apps have names of their own; the rest tells a stranger's from ours.
    LAYER: opsworks describe_layers(STACK) "layers[]" [Same("shortname", "shortname"), Alike("name", "name"), Alike("type", "type")] "layer_id"
        There(r#"{"layer_id": "$/layers/0/layer_id"}"#);
    APP: opsworks describe_apps(STACK) "apps[]" [Alike("name", "name"), Alike("shortname", "shortname"), Alike("type", "type")] "app_id"
        There(r#"{"app_id": "$/apps/0/app_id"}"#);
    DEPLOYMENT: opsworks describe_deployments(STACK) "deployments[]" [Token("comment")] "deployment_id"
        There(r#"{"deployment_id": "$/deployments/0/deployment_id"}"#);
    // A stack's instances have different host names; the layers tell a stranger's instance.
    MACHINE: opsworks describe_instances(STACK) "instances[]" [NoCase("hostname", "hostname"), Has("layer_ids", "layer_ids"), NotIn("status", DEAD)] "instance_id"
        There(r#"{"instance_id": "$/instances/0/instance_id"}"#);
    MACHINE_STARTED: opsworks describe_instances(MACHINE_ID) "instances[]" [NotIn("status", NOT_STARTED)] "" EMPTY;
    MACHINE_STOPPED: opsworks describe_instances(MACHINE_ID) "instances[]" [In("status", STOPPED), NotIn("status", DEAD)] "" EMPTY;
    MACHINE_ASSIGNED: opsworks describe_instances(MACHINE_ID) "instances[]" [Has("layer_ids", "layer_ids"), NotIn("status", DEAD)] "" EMPTY;
    MACHINE_UNASSIGNED: opsworks describe_instances(MACHINE_ID) "instances[]" [Given("layer_ids"), NotIn("status", DEAD)] "" Gone;
    // Those that OpsWorks starts by load or time are its own.
    STACK_STARTED: opsworks describe_instances(STACK) "instances[]" [Absent("auto_scaling_type"), In("status", NOT_STARTED)] "" Gone;
    STACK_STOPPED: opsworks describe_instances(STACK) "instances[]" [Absent("auto_scaling_type"), NotIn("status", STOPPED)] "" Gone;
    STACK_GONE: opsworks describe_stacks(List("stack_ids", "stack_id")) "stacks[]" [] "" Gone;
    LAYER_GONE: opsworks describe_layers(List("layer_ids", "layer_id")) "layers[]" [] "" Gone;
    APP_GONE: opsworks describe_apps(List("app_ids", "app_id")) "apps[]" [] "" Gone;
    MACHINE_GONE: opsworks describe_instances(MACHINE_ID) "instances[]" [NotIn("status", DEAD)] "" Gone;
    USER_PROFILE: opsworks describe_user_profiles(List("iam_user_arns", "iam_user_arn")) "user_profiles[]" [Same("iam_user_arn", "iam_user_arn")] ""
        There(r#"{"iam_user_arn": "$/user_profiles/0/iam_user_arn"}"#);
    USER_PROFILE_GONE: opsworks describe_user_profiles(List("iam_user_arns", "iam_user_arn")) "user_profiles[]" [Same("iam_user_arn", "iam_user_arn")] "" Gone;
    IP_REGISTERED: opsworks describe_elastic_ips(STACK) "elastic_ips[]" [IP] "" There(r#"{"elastic_ip": "$/elastic_ips/0/ip"}"#);
    IP_DEREGISTERED: opsworks describe_elastic_ips(IPS) "elastic_ips[]" [IP] "" Gone;
    IP_ASSOCIATED: opsworks describe_elastic_ips(IPS) "elastic_ips[]" [IP, Given("instance_id"), Both("instance_id", "instance_id")] "" EMPTY;
    IP_DISASSOCIATED: opsworks describe_elastic_ips(IPS) "elastic_ips[]" [IP, Given("instance_id")] "" Gone;

    // Names are unique in an account there.
    ROLE: iam get_role(ROLE_NAME) "role" [Tags("tags")] "" There(r#"{"role": "$/role"}"#);
    ROLE_GONE: iam get_role(ROLE_NAME) "role" [] "" Gone;
    ROLE_POLICY_GONE: iam get_role_policy(ROLE_NAME, Member("policy_name", "policy_name")) "policy_name" [] "" Gone;
    POLICY_DETACHED: iam list_attached_role_policies(ROLE_NAME) "attached_policies[]" [Same("policy_arn", "policy_arn")] "" Gone;
    PROFILE: iam get_instance_profile(PROFILE_NAME) "instance_profile" [Tags("tags")] "" There(r#"{"instance_profile": "$/instance_profile"}"#);
    PROFILE_GONE: iam get_instance_profile(PROFILE_NAME) "instance_profile" [] "" Gone;
    ROLE_IN_PROFILE: iam get_instance_profile(PROFILE_NAME) "instance_profile.roles[]" [Same("role_name", "role_name")] "" EMPTY;
    ROLE_OUT_OF_PROFILE: iam get_instance_profile(PROFILE_NAME) "instance_profile.roles[]" [Same("role_name", "role_name")] "" Gone;
}
