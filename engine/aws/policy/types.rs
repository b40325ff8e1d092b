//! The types of resources that operations act on.

type Group = (&'static [&'static str], &'static [&'static str]);

/// The operations of a service by the types that they act on; none for those without resource-level permissions.
///
/// A read of EC2 that is not here has none. An operation that takes several types needs the right for each that a
/// request names.
pub(super) const TABLE: [(&str, &[Group]); 4] = [
    ("ec2", EC2),
    ("opsworks", OPSWORKS),
    ("sns", SNS),
    ("iam", IAM),
];

#[rustfmt::skip]
const EC2: &[Group] = &[
    (&["create_vpc", "modify_vpc_attribute", "delete_vpc", "describe_vpc_attribute"], &["vpc"]),
    (&["create_subnet"], &["subnet", "vpc"]),
    (&["modify_subnet_attribute", "delete_subnet"], &["subnet"]),
    (&["create_route_table"], &["route-table", "vpc"]),
    (&["delete_route_table", "create_route", "replace_route", "delete_route"], &["route-table"]),
    (&["associate_route_table", "disassociate_route_table", "replace_route_table_association"], &["internet-gateway", "route-table", "subnet"]),
    (&["create_internet_gateway", "delete_internet_gateway"], &["internet-gateway"]),
    (&["attach_internet_gateway", "detach_internet_gateway"], &["internet-gateway", "vpc"]),
    (&["create_security_group"], &["security-group", "vpc"]),
    (&["delete_security_group", "update_security_group_rule_descriptions_ingress", "update_security_group_rule_descriptions_egress"], &["security-group"]),
    (&["authorize_security_group_ingress", "authorize_security_group_egress", "revoke_security_group_ingress", "revoke_security_group_egress", "modify_security_group_rules"], &["security-group", "security-group-rule"]),
    (&["allocate_address", "release_address"], &["elastic-ip"]),
    (&["associate_address", "disassociate_address"], &["elastic-ip", "instance", "network-interface"]),
    (&["import_key_pair", "create_key_pair", "delete_key_pair"], &["key-pair"]),
    (&["run_instances"], &["image", "instance", "key-pair", "network-interface", "security-group", "snapshot", "subnet", "volume"]),
    (&["terminate_instances", "start_instances", "stop_instances", "reboot_instances", "monitor_instances", "unmonitor_instances", "modify_instance_metadata_options", "reset_instance_attribute", "associate_iam_instance_profile", "replace_iam_instance_profile_association", "disassociate_iam_instance_profile", "describe_instance_attribute", "get_console_output"], &["instance"]),
    (&["modify_instance_attribute"], &["instance", "security-group", "volume"]),
    (&["create_nat_gateway"], &["elastic-ip", "natgateway", "subnet"]),
    (&["delete_nat_gateway"], &["natgateway"]),
    (&["create_network_interface"], &["network-interface", "security-group", "subnet"]),
    (&["delete_network_interface", "reset_network_interface_attribute", "describe_network_interface_attribute"], &["network-interface"]),
    (&["modify_network_interface_attribute"], &["instance", "network-interface", "security-group"]),
    (&["attach_network_interface", "detach_network_interface"], &["instance", "network-interface"]),
    (&["create_volume"], &["snapshot", "volume"]),
    (&["delete_volume"], &["volume"]),
    (&["create_vpc_endpoint"], &["route-table", "security-group", "subnet", "vpc", "vpc-endpoint"]),
    (&["modify_vpc_endpoint"], &["route-table", "security-group", "subnet", "vpc-endpoint"]),
    (&["delete_vpc_endpoints"], &["vpc-endpoint"]),
    // What a script tags is known by its id only.
    (&["create_tags", "delete_tags"], &["*"]),
];

#[rustfmt::skip]
const OPSWORKS: &[Group] = &[
    (&["create_stack", "create_user_profile", "delete_user_profile", "update_user_profile", "update_my_user_profile", "describe_my_user_profile", "describe_user_profiles", "describe_operating_systems"], &[]),
    (&["clone_stack", "update_stack", "delete_stack", "start_stack", "stop_stack", "create_layer", "update_layer", "delete_layer", "create_instance", "update_instance", "delete_instance", "start_instance", "stop_instance", "reboot_instance", "assign_instance", "unassign_instance", "create_app", "update_app", "delete_app", "create_deployment", "register_elastic_ip", "deregister_elastic_ip", "associate_elastic_ip", "disassociate_elastic_ip", "update_elastic_ip", "set_permission", "set_load_based_auto_scaling", "set_time_based_auto_scaling", "tag_resource", "untag_resource"], &["stack"]),
    (&["describe_stacks", "describe_layers", "describe_instances", "describe_apps", "describe_deployments", "describe_commands", "describe_elastic_ips", "describe_permissions", "describe_stack_summary", "describe_stack_provisioning_parameters", "describe_volumes", "list_tags"], &["stack"]),
];

#[rustfmt::skip]
const SNS: &[Group] = &[
    (&["publish", "publish_batch", "create_topic", "delete_topic", "subscribe", "set_topic_attributes", "get_topic_attributes", "list_subscriptions_by_topic", "tag_resource", "untag_resource", "list_tags_for_resource"], &["topic"]),
    (&["unsubscribe", "set_subscription_attributes", "get_subscription_attributes", "list_topics", "list_subscriptions"], &[]),
];

#[rustfmt::skip]
const IAM: &[Group] = &[
    (&["create_role", "delete_role", "get_role", "put_role_policy", "get_role_policy", "delete_role_policy", "list_role_policies", "attach_role_policy", "detach_role_policy", "list_attached_role_policies", "list_instance_profiles_for_role", "update_role", "update_assume_role_policy", "tag_role", "untag_role", "list_role_tags"], &["role"]),
    (&["create_instance_profile", "delete_instance_profile", "get_instance_profile", "add_role_to_instance_profile", "remove_role_from_instance_profile", "tag_instance_profile", "untag_instance_profile", "list_instance_profile_tags"], &["instance-profile"]),
];

/// Returns whether a policy can name resources of the type, such as `iam:role`.
pub(super) fn is_type(name: &str) -> bool {
    let Some((service, kind)) = name.split_once(':') else {
        return false;
    };
    let groups = TABLE.iter().filter(|(known, _)| *known == service);
    groups
        .flat_map(|(_, groups)| *groups)
        .any(|(_, kinds)| kinds.contains(&kind))
}
