//! The table of effects: one row an operation.

use crate::class::Class;
use crate::class::Class::{Idempotent, Keyed, Tagged, Tokened, Unsafe};
use crate::kind as k;
use crate::look::Look;
use crate::query as q;
use Look as L;
use Mark::{Comment, CustomJson, Hostname, OwnTags, Tags, TokenAndTags};

/// How a request is marked as ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    None,
    /// Our tags on resources of these types.
    Tags(&'static [&'static str]),
    /// Our tags among the request's own `tags`.
    OwnTags,
    /// A client token in `client_token`, and our tags too.
    TokenAndTags(&'static [&'static str]),
    /// An object `runbook` in the custom JSON.
    CustomJson,
    /// A host name derived from the token, where the script gives none.
    Hostname,
    /// The token at the end of the comment.
    Comment,
}

impl Mark {
    pub(super) fn token_member(self) -> Option<&'static str> {
        matches!(self, Self::TokenAndTags(_)).then_some("client_token")
    }

    /// Returns the types of resource that are tagged.
    #[must_use]
    pub fn tagged_types(self) -> &'static [&'static str] {
        match self {
            Self::Tags(types) | Self::TokenAndTags(types) => types,
            _ => &[],
        }
    }
}

/// What is known of one operation.
#[derive(Debug, PartialEq)]
pub struct Row {
    pub service: &'static str,
    pub operation: &'static str,
    pub class: Class,
    pub mark: Mark,
    pub look: Look,
    /// Where the reply has the ids of what was made; `[]` stands for each element.
    pub ids: &'static [&'static str],
    /// For people.
    pub noun: &'static str,
    /// The operation that takes it back; empty if there is none.
    pub inverse: &'static str,
}

pub(super) fn row(service: &str, operation: &str) -> Option<&'static Row> {
    ROWS.iter()
        .find(|row| row.service == service && row.operation == operation)
}

macro_rules! table {
    ($($service:ident $operation:ident $class:ident, $mark:expr, $look:expr, $ids:expr, $noun:literal, $inverse:literal;)*) => {
        &[$(Row {
            service: stringify!($service), operation: stringify!($operation),
            class: $class, mark: $mark, look: $look, ids: &$ids, noun: $noun, inverse: $inverse,
        }),*]
    };
}

const NO: Mark = Mark::None;

/// Every operation whose class is known better than the model tells.
///
/// The columns: service, operation, class, mark, look-up, ids in the reply, noun, inverse.
pub const ROWS: &[Row] = table! {
    ec2 create_vpc                       Tagged,  Tags(&["vpc"]),                        L::Tagged(&k::VPC),                 ["vpc.vpc_id"],                                    "VPC",                "delete_vpc";
    ec2 create_subnet                    Tagged,  Tags(&["subnet"]),                     L::Tagged(&k::SUBNET),              ["subnet.subnet_id"],                              "subnet",             "delete_subnet";
    ec2 create_route_table               Tagged,  TokenAndTags(&["route-table"]),        L::Tagged(&k::ROUTE_TABLE),         ["route_table.route_table_id"],                    "route table",        "delete_route_table";
    ec2 create_volume                    Tagged,  TokenAndTags(&["volume"]),             L::Tagged(&k::VOLUME),              ["volume_id"],                                     "EBS volume",         "delete_volume";
    ec2 create_internet_gateway          Tagged,  Tags(&["internet-gateway"]),           L::Tagged(&k::INTERNET_GATEWAY),    ["internet_gateway.internet_gateway_id"],          "Internet gateway",   "delete_internet_gateway";
    ec2 create_security_group            Tagged,  Tags(&["security-group"]),             L::Tagged(&k::SECURITY_GROUP),      ["group_id"],                                      "security group",     "delete_security_group";
    ec2 authorize_security_group_ingress Tagged,  Tags(&["security-group-rule"]),        L::Tagged(&k::SECURITY_GROUP_RULE), ["security_group_rules[].security_group_rule_id"], "inbound rules",      "revoke_security_group_ingress";
    ec2 authorize_security_group_egress  Tagged,  Tags(&["security-group-rule"]),        L::Tagged(&k::SECURITY_GROUP_RULE), ["security_group_rules[].security_group_rule_id"], "outbound rules",     "revoke_security_group_egress";
    ec2 allocate_address                 Tagged,  Tags(&["elastic-ip"]),                 L::Tagged(&k::ADDRESS),             ["allocation_id"],                                 "Elastic IP address", "release_address";
    ec2 import_key_pair                  Tagged,  Tags(&["key-pair"]),                   L::Tagged(&k::KEY_PAIR),            ["key_pair_id"],                                   "key pair",           "delete_key_pair";
    ec2 run_instances                    Tokened, TokenAndTags(&["instance", "volume"]), L::Tagged(&k::INSTANCE),            ["instances[].instance_id"],                       "instance",           "terminate_instances";
    ec2 create_nat_gateway               Tokened, TokenAndTags(&["natgateway"]),         L::Tagged(&k::NAT_GATEWAY),         ["nat_gateway.nat_gateway_id"],                    "NAT gateway",        "delete_nat_gateway";
    ec2 create_network_interface         Tokened, TokenAndTags(&["network-interface"]),  L::Tagged(&k::NETWORK_INTERFACE),   ["network_interface.network_interface_id"],        "network interface",  "delete_network_interface";
    ec2 create_vpc_endpoint              Tokened, TokenAndTags(&["vpc-endpoint"]),       L::Tagged(&k::VPC_ENDPOINT),        ["vpc_endpoint.vpc_endpoint_id"],                  "VPC endpoint",       "delete_vpc_endpoints";

    ec2 attach_internet_gateway                         Keyed,      NO, L::Query(&q::GATEWAY_ATTACHED),   [],                                                  "Internet gateway attachment",  "detach_internet_gateway";
    ec2 associate_route_table                           Keyed,      NO, L::Query(&q::TABLE_ASSOCIATED),   ["association_id"],                                  "route table association",      "disassociate_route_table";
    ec2 replace_route_table_association                 Keyed,      NO, L::AssociationReplaced,           ["new_association_id"],                              "route table association",      "";
    ec2 create_route                                    Keyed,      NO, L::RouteMade,                     [],                                                  "route",                        "delete_route";
    ec2 replace_route                                   Idempotent, NO, L::None,                          [],                                                  "route",                        "";
    ec2 associate_address                               Idempotent, NO, L::Query(&q::ADDRESS_ASSOCIATED), ["association_id"],                                  "address association",          "disassociate_address";
    ec2 attach_network_interface                        Keyed,      NO, L::Query(&q::INTERFACE_ATTACHED), ["attachment_id"],                                   "network interface attachment", "detach_network_interface";
    ec2 associate_iam_instance_profile                  Keyed,      NO, L::ProfileAssociated,             ["iam_instance_profile_association.association_id"], "instance profile association", "disassociate_iam_instance_profile";
    ec2 replace_iam_instance_profile_association        Keyed,      NO, L::ProfileReplaced,               ["iam_instance_profile_association.association_id"], "instance profile association", "disassociate_iam_instance_profile";
    ec2 create_tags                                     Idempotent, NO, L::None,                          [],                                                  "tags",                         "delete_tags";
    ec2 delete_tags                                     Idempotent, NO, L::None,                          [],                                                  "tags",                         "";
    ec2 modify_vpc_attribute                            Idempotent, NO, L::None,                          [],                                                  "VPC attribute",                "";
    ec2 modify_subnet_attribute                         Idempotent, NO, L::None,                          [],                                                  "subnet attribute",             "";
    ec2 modify_instance_attribute                       Idempotent, NO, L::None,                          [],                                                  "instance attribute",           "";
    ec2 modify_network_interface_attribute              Idempotent, NO, L::None,                          [],                                                  "network interface attribute",  "";
    ec2 reset_network_interface_attribute               Idempotent, NO, L::None,                          [],                                                  "network interface attribute",  "";
    ec2 reset_instance_attribute                        Idempotent, NO, L::None,                          [],                                                  "instance attribute",           "";
    ec2 modify_instance_metadata_options                Idempotent, NO, L::None,                          [],                                                  "instance metadata options",    "";
    ec2 modify_vpc_endpoint                             Idempotent, NO, L::EndpointModified,              [],                                                  "VPC endpoint settings",        "";
    ec2 modify_security_group_rules                     Idempotent, NO, L::None,                          [],                                                  "security group rules",         "";
    ec2 update_security_group_rule_descriptions_ingress Idempotent, NO, L::None,                          [],                                                  "rule descriptions",            "";
    ec2 update_security_group_rule_descriptions_egress  Idempotent, NO, L::None,                          [],                                                  "rule descriptions",            "";
    ec2 monitor_instances                               Idempotent, NO, L::None,                          [],                                                  "instance monitoring",          "unmonitor_instances";
    ec2 unmonitor_instances                             Idempotent, NO, L::None,                          [],                                                  "instance monitoring",          "monitor_instances";
    ec2 start_instances                                 Idempotent, NO, L::None,                          [],                                                  "instance start",               "stop_instances";
    ec2 stop_instances                                  Idempotent, NO, L::None,                          [],                                                  "instance stop",                "start_instances";
    ec2 reboot_instances                                Unsafe,     NO, L::None,                          [],                                                  "instance reboot",              "";
    ec2 create_key_pair                                 Unsafe,     NO, L::None,                          ["key_pair_id"],                                     "key pair",                     "delete_key_pair";

    ec2 delete_vpc                        Idempotent, NO, L::Gone(&k::VPC),                    [], "VPC",                          "";
    ec2 delete_subnet                     Idempotent, NO, L::Gone(&k::SUBNET),                 [], "subnet",                       "";
    ec2 delete_route_table                Idempotent, NO, L::Gone(&k::ROUTE_TABLE),            [], "route table",                  "";
    ec2 delete_internet_gateway           Idempotent, NO, L::Gone(&k::INTERNET_GATEWAY),       [], "Internet gateway",             "";
    ec2 delete_security_group             Idempotent, NO, L::Gone(&k::SECURITY_GROUP),         [], "security group",               "";
    ec2 revoke_security_group_ingress     Idempotent, NO, L::RulesGone,                        [], "inbound rules",                "";
    ec2 revoke_security_group_egress      Idempotent, NO, L::RulesGone,                        [], "outbound rules",               "";
    ec2 release_address                   Idempotent, NO, L::Gone(&k::ADDRESS),                [], "Elastic IP address",           "";
    ec2 disassociate_address              Idempotent, NO, L::Query(&q::ADDRESS_DISASSOCIATED), [], "address association",          "";
    ec2 delete_key_pair                   Idempotent, NO, L::None,                             [], "key pair",                     "";
    ec2 terminate_instances               Idempotent, NO, L::Gone(&k::INSTANCE),               [], "instance",                     "";
    ec2 delete_nat_gateway                Idempotent, NO, L::Gone(&k::NAT_GATEWAY),            [], "NAT gateway",                  "";
    ec2 delete_network_interface          Idempotent, NO, L::Gone(&k::NETWORK_INTERFACE),      [], "network interface",            "";
    ec2 delete_volume                     Idempotent, NO, L::Gone(&k::VOLUME),                 [], "EBS volume",                   "";
    ec2 delete_vpc_endpoints              Keyed,      NO, L::Gone(&k::VPC_ENDPOINT),           [], "VPC endpoint",                 "";
    ec2 detach_network_interface          Idempotent, NO, L::Query(&q::INTERFACE_DETACHED),    [], "network interface attachment", "";
    ec2 disassociate_iam_instance_profile Idempotent, NO, L::Query(&q::PROFILE_DISASSOCIATED), [], "instance profile association", "";
    ec2 detach_internet_gateway           Idempotent, NO, L::Query(&q::GATEWAY_DETACHED),      [], "Internet gateway attachment",  "";
    ec2 disassociate_route_table          Idempotent, NO, L::Query(&q::TABLE_DISASSOCIATED),   [], "route table association",      "";
    ec2 delete_route                      Idempotent, NO, L::RouteGone,                        [], "route",                        "";

    opsworks create_stack                Keyed,      CustomJson, L::Stack,                         ["stack_id"],      "OpsWorks stack",                   "delete_stack";
    opsworks create_layer                Keyed,      NO,         L::Query(&q::LAYER),              ["layer_id"],      "OpsWorks layer",                   "delete_layer";
    opsworks create_instance             Keyed,      Hostname,   L::Query(&q::MACHINE),            ["instance_id"],   "OpsWorks instance",                "delete_instance";
    opsworks start_instance              Keyed,      NO,         L::Query(&q::MACHINE_STARTED),    [],                "OpsWorks instance start",          "stop_instance";
    opsworks stop_instance               Keyed,      NO,         L::Query(&q::MACHINE_STOPPED),    [],                "OpsWorks instance stop",           "start_instance";
    opsworks create_deployment           Keyed,      Comment,    L::Query(&q::DEPLOYMENT),         ["deployment_id"], "OpsWorks deployment",              "";
    opsworks create_app                  Keyed,      NO,         L::Query(&q::APP),                ["app_id"],        "OpsWorks app",                     "delete_app";
    opsworks assign_instance             Keyed,      NO,         L::Query(&q::MACHINE_ASSIGNED),   [],                "OpsWorks layer assignment",        "unassign_instance";
    opsworks unassign_instance           Keyed,      NO,         L::Query(&q::MACHINE_UNASSIGNED), [],                "OpsWorks layer assignment",        "";
    opsworks reboot_instance             Unsafe,     NO,         L::None,                          [],                "OpsWorks instance reboot",         "";
    opsworks start_stack                 Keyed,      NO,         L::Query(&q::STACK_STARTED),      [],                "OpsWorks stack start",             "stop_stack";
    opsworks stop_stack                  Keyed,      NO,         L::Query(&q::STACK_STOPPED),      [],                "OpsWorks stack stop",              "start_stack";
    opsworks register_elastic_ip         Keyed,      NO,         L::Query(&q::IP_REGISTERED),      ["elastic_ip"],    "OpsWorks Elastic IP address",      "deregister_elastic_ip";
    opsworks associate_elastic_ip        Keyed,      NO,         L::Query(&q::IP_ASSOCIATED),      [],                "OpsWorks address association",     "disassociate_elastic_ip";
    opsworks create_user_profile         Keyed,      NO,         L::Query(&q::USER_PROFILE),       ["iam_user_arn"],  "OpsWorks user profile",            "delete_user_profile";
    opsworks update_stack                Idempotent, NO,         L::None,                          [],                "OpsWorks stack settings",          "";
    opsworks update_layer                Idempotent, NO,         L::None,                          [],                "OpsWorks layer settings",          "";
    opsworks update_instance             Idempotent, NO,         L::None,                          [],                "OpsWorks instance settings",       "";
    opsworks update_app                  Idempotent, NO,         L::None,                          [],                "OpsWorks app settings",            "";
    opsworks update_elastic_ip           Idempotent, NO,         L::None,                          [],                "OpsWorks Elastic IP address name", "";
    opsworks update_user_profile         Idempotent, NO,         L::None,                          [],                "OpsWorks user profile",            "";
    opsworks update_my_user_profile      Idempotent, NO,         L::None,                          [],                "OpsWorks user profile",            "";
    opsworks set_load_based_auto_scaling Idempotent, NO,         L::None,                          [],                "OpsWorks load-based scaling",      "";
    opsworks set_time_based_auto_scaling Idempotent, NO,         L::None,                          [],                "OpsWorks time-based scaling",      "";
    opsworks set_permission              Idempotent, NO,         L::None,                          [],                "OpsWorks permission",              "";
    opsworks tag_resource                Idempotent, NO,         L::None,                          [],                "tags",                             "untag_resource";
    opsworks untag_resource              Idempotent, NO,         L::None,                          [],                "tags",                             "";
    opsworks delete_stack                Idempotent, NO,         L::Query(&q::STACK_GONE),         [],                "OpsWorks stack",                   "";
    opsworks delete_layer                Idempotent, NO,         L::Query(&q::LAYER_GONE),         [],                "OpsWorks layer",                   "";
    opsworks delete_instance             Idempotent, NO,         L::Query(&q::MACHINE_GONE),       [],                "OpsWorks instance",                "";
    opsworks delete_app                  Idempotent, NO,         L::Query(&q::APP_GONE),           [],                "OpsWorks app",                     "";
    opsworks deregister_elastic_ip       Idempotent, NO,         L::Query(&q::IP_DEREGISTERED),    [],                "OpsWorks Elastic IP address",      "";
    opsworks disassociate_elastic_ip     Idempotent, NO,         L::Query(&q::IP_DISASSOCIATED),   [],                "OpsWorks address association",     "";
    opsworks delete_user_profile         Idempotent, NO,         L::Query(&q::USER_PROFILE_GONE),  [],                "OpsWorks user profile",            "";

    sns publish                     Unsafe,     NO, L::None, ["message_id"],       "message",                "";
    sns create_topic                Idempotent, NO, L::None, ["topic_arn"],        "topic",                  "delete_topic";
    sns delete_topic                Idempotent, NO, L::None, [],                   "topic",                  "";
    sns subscribe                   Idempotent, NO, L::None, ["subscription_arn"], "subscription",           "unsubscribe";
    sns unsubscribe                 Idempotent, NO, L::None, [],                   "subscription",           "";
    sns set_topic_attributes        Idempotent, NO, L::None, [],                   "topic attribute",        "";
    sns set_subscription_attributes Idempotent, NO, L::None, [],                   "subscription attribute", "";
    sns tag_resource                Idempotent, NO, L::None, [],                   "tags",                   "untag_resource";
    sns untag_resource              Idempotent, NO, L::None, [],                   "tags",                   "";

    iam create_role                       Tagged,     OwnTags, L::Query(&q::ROLE),                ["role.role_name"],                         "IAM role",                     "delete_role";
    iam create_instance_profile           Tagged,     OwnTags, L::Query(&q::PROFILE),             ["instance_profile.instance_profile_name"], "instance profile",             "delete_instance_profile";
    iam add_role_to_instance_profile      Keyed,      NO,      L::Query(&q::ROLE_IN_PROFILE),     [],                                         "role in the instance profile", "remove_role_from_instance_profile";
    iam put_role_policy                   Idempotent, NO,      L::None,                           [],                                         "inline policy of the role",    "delete_role_policy";
    iam attach_role_policy                Idempotent, NO,      L::None,                           [],                                         "policy attachment",            "detach_role_policy";
    iam update_assume_role_policy         Idempotent, NO,      L::None,                           [],                                         "trust policy of the role",     "";
    iam update_role                       Idempotent, NO,      L::None,                           [],                                         "settings of the role",         "";
    iam tag_role                          Idempotent, NO,      L::None,                           [],                                         "tags of the role",             "untag_role";
    iam untag_role                        Idempotent, NO,      L::None,                           [],                                         "tags of the role",             "";
    iam tag_instance_profile              Idempotent, NO,      L::None,                           [],                                         "tags of the instance profile", "untag_instance_profile";
    iam untag_instance_profile            Idempotent, NO,      L::None,                           [],                                         "tags of the instance profile", "";
    iam delete_role                       Idempotent, NO,      L::Query(&q::ROLE_GONE),           [],                                         "IAM role",                     "";
    iam delete_instance_profile           Idempotent, NO,      L::Query(&q::PROFILE_GONE),        [],                                         "instance profile",             "";
    iam remove_role_from_instance_profile Idempotent, NO,      L::Query(&q::ROLE_OUT_OF_PROFILE), [],                                         "role in the instance profile", "";
    iam delete_role_policy                Idempotent, NO,      L::Query(&q::ROLE_POLICY_GONE),    [],                                         "inline policy of the role",    "";
    iam detach_role_policy                Idempotent, NO,      L::Query(&q::POLICY_DETACHED),     [],                                         "policy attachment",            "";
};

#[cfg(test)]
mod tests {
    use super::{Look, Mark, ROWS, row};
    use crate::class::Class;

    #[test]
    fn no_operation_is_listed_twice() {
        for (index, row) in ROWS.iter().enumerate() {
            let twin = ROWS[index + 1..]
                .iter()
                .find(|other| (other.service, other.operation) == (row.service, row.operation));
            assert!(twin.is_none(), "{} {}", row.service, row.operation);
        }
    }

    #[test]
    fn every_inverse_is_in_the_table() {
        for entry in ROWS.iter().filter(|row| !row.inverse.is_empty()) {
            assert!(
                row(entry.service, entry.inverse).is_some(),
                "{}",
                entry.inverse
            );
        }
    }

    #[test]
    fn every_operation_is_in_its_model() {
        for row in ROWS {
            let service = models::service(row.service).unwrap();
            let operation = service.operation(row.operation).unwrap();
            let members = service.input_fields(operation);
            let takes = |member: &str| members.iter().any(|field| field.snake == member);
            let needed = match row.mark {
                Mark::None => vec![],
                Mark::OwnTags => vec!["tags"],
                Mark::Tags(_) => vec!["tag_specifications"],
                Mark::TokenAndTags(_) => vec!["client_token", "tag_specifications"],
                Mark::CustomJson => vec!["custom_json"],
                Mark::Hostname => vec!["hostname"],
                Mark::Comment => vec!["comment"],
            };
            assert!(needed.into_iter().all(takes), "{}", row.operation);
        }
    }

    #[test]
    fn the_class_fits_mark_and_look_up() {
        for row in ROWS {
            let fits = match row.class {
                Class::Read => false,
                Class::Tagged if row.mark == Mark::OwnTags => row.look.is_tagged(),
                Class::Tagged => !row.mark.tagged_types().is_empty() && row.look.is_tagged(),
                Class::Tokened => row.mark.token_member().is_some(),
                Class::Keyed => row.look != Look::None,
                Class::Idempotent => row.mark == Mark::None,
                Class::Unsafe => row.look == Look::None,
            };
            assert!(fits, "{}", row.operation);
        }
    }

    #[test]
    fn everything_created_has_an_id_and_a_noun() {
        for row in ROWS {
            assert!(!row.noun.is_empty(), "{}", row.operation);
            let creates = !row.mark.tagged_types().is_empty();
            assert!(!creates || !row.ids.is_empty(), "{}", row.operation);
        }
    }
}
