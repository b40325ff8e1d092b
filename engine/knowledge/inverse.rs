//! How an effect is taken back: the inverse's input and its turn, and what an effect is a part of.

use serde_json::{Map, Value, json};

use crate::class::Class;
use crate::effect::{Effect, resource_ids};
use crate::kind::Arg::{AllIds, Id, Input, Yes};
use crate::kind::{Inverse, KINDS, Kind, MACHINE};

macro_rules! inverses {
    ($($service:ident $operation:ident $turn:literal $args:tt $slow:expr;)*) => {
        &[$(Inverse {
            service: stringify!($service), operation: stringify!($operation), turn: $turn,
            args: &$args, slow: $slow,
        }),*]
    };
}

const AT_ONCE: Option<&Kind> = None;

/// Calls that take something back, beside the deletions of [`KINDS`].
///
/// The columns: service, operation, turn, input, what is waited for.
#[rustfmt::skip]
static INVERSES: &[Inverse] = inverses! {
    opsworks disassociate_elastic_ip        0 [("elastic_ip", Input("elastic_ip"))]                         AT_ONCE;
    opsworks stop_instance                  0 [("instance_id", Id)]                                         Some(&MACHINE);
    opsworks deregister_elastic_ip          2 [("elastic_ip", Id)]                                          AT_ONCE;
    opsworks delete_app                     2 [("app_id", Id)]                                              AT_ONCE;
    opsworks delete_layer                   2 [("layer_id", Id)]                                            AT_ONCE;
    opsworks delete_stack                   3 [("stack_id", Id)]                                            AT_ONCE;
    opsworks delete_user_profile            3 [("iam_user_arn", Id)]                                        AT_ONCE;

    ec2 disassociate_iam_instance_profile   4 [("association_id", Id)]                                      AT_ONCE;
    ec2 disassociate_address                4 [("association_id", Id)]                                      AT_ONCE;
    ec2 detach_network_interface            4 [("attachment_id", Id)]                                       AT_ONCE;
    iam remove_role_from_instance_profile   7 [("instance_profile_name", Input("instance_profile_name")), ("role_name", Input("role_name"))] AT_ONCE;
    iam delete_role_policy                  7 [("role_name", Input("role_name")), ("policy_name", Input("policy_name"))] AT_ONCE;
    iam detach_role_policy                  7 [("role_name", Input("role_name")), ("policy_arn", Input("policy_arn"))] AT_ONCE;
    iam delete_instance_profile             8 [("instance_profile_name", Id)]                               AT_ONCE;
    iam delete_role                         8 [("role_name", Id)]                                           AT_ONCE;
    ec2 delete_tags                         9 [("resources", Input("resources")), ("tags", Input("tags"))]  AT_ONCE;
    ec2 delete_route                        9 [("route_table_id", Input("route_table_id")), ("destination_cidr_block", Input("destination_cidr_block")), ("destination_ipv6_cidr_block", Input("destination_ipv6_cidr_block")), ("destination_prefix_list_id", Input("destination_prefix_list_id"))] AT_ONCE;
    ec2 disassociate_route_table            9 [("association_id", Id)]                                      AT_ONCE;
    ec2 revoke_security_group_egress        9 [("group_id", Input("group_id")), ("security_group_rule_ids", AllIds)] AT_ONCE;
    ec2 detach_internet_gateway            13 [("internet_gateway_id", Input("internet_gateway_id")), ("vpc_id", Input("vpc_id"))] AT_ONCE;
    sns unsubscribe                        16 [("subscription_arn", Id)]                                    AT_ONCE;
};

impl Inverse {
    /// Returns the input that takes back what an effect did: all of it, or the one thing with this id.
    #[must_use]
    pub fn input(&self, effect: &Effect, input: &Value, output: &Value, id: Option<&str>) -> Value {
        let made = resource_ids(effect, output);
        let ids = id.map_or(made, |id| vec![id.to_owned()]);
        let mut members = Map::new();
        for (member, arg) in self.args {
            let value = match arg {
                Id => ids.first().map(|id| json!(id)),
                AllIds => Some(json!(ids)),
                Input(own) => input.get(*own).cloned(),
                Yes => Some(json!(true)),
            };
            members.extend(value.map(|value| ((*member).to_owned(), value)));
        }
        Value::Object(members)
    }
}

/// Returns a call by its name.
#[must_use]
pub fn inverse(service: &str, operation: &str) -> Option<&'static Inverse> {
    let deletions = KINDS.iter().map(|kind| &kind.deletion);
    let mut all = INVERSES.iter().chain(deletions);
    all.find(|inverse| inverse.service == service && inverse.operation == operation)
}

/// What there is to take back of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A thing of its own, or several.
    Thing(&'static Inverse),
    /// It joins things. With one of those that these members of its input name, it goes by itself.
    Join(&'static Inverse, &'static [&'static str]),
    /// It changed or took away something; what that was before is not known.
    Change,
    /// Nothing is left of it that could be taken away: a message, a command.
    Past,
    /// The engine does not know what it did.
    Unknown,
}

/// What joins things, with the members of the input that name what it goes with.
const JOINS: &[(&str, &[&str])] = &[
    ("add_role_to_instance_profile", &[]),
    ("associate_address", &[]),
    ("associate_elastic_ip", &["instance_id"]),
    ("associate_iam_instance_profile", &["instance_id"]),
    ("associate_route_table", &["subnet_id"]),
    ("attach_internet_gateway", &[]),
    ("attach_network_interface", &["instance_id"]),
    ("attach_role_policy", &[]),
    ("authorize_security_group_egress", &["group_id"]),
    ("authorize_security_group_ingress", &["group_id"]),
    ("create_route", &["route_table_id"]),
    ("create_tags", &["resources"]),
    ("put_role_policy", &[]),
    ("replace_iam_instance_profile_association", &[]),
];

/// Returns what there is to take back of an effect.
#[must_use]
pub fn nature(effect: &Effect) -> Nature {
    let Some(row) = effect.row else {
        return match (effect.service.as_str(), effect.class) {
            ("command" | "http", _) => Nature::Past,
            _ => Nature::Unknown,
        };
    };
    let Some(inverse) = inverse(row.service, row.inverse) else {
        return match effect.class {
            Class::Unsafe => Nature::Past,
            _ => Nature::Change,
        };
    };
    let join = JOINS
        .iter()
        .find(|(operation, _)| *operation == row.operation);
    match join {
        Some((_, hosts)) => Nature::Join(inverse, hosts),
        None if row.ids.is_empty() => Nature::Change,
        None => Nature::Thing(inverse),
    }
}

/// The members that name what a call changes, the most telling first.
const SUBJECTS: &[&str] = &[
    "route_table_id",
    "resources",
    "network_interface_id",
    "vpc_endpoint_id",
    "subnet_id",
    "group_id",
    "stack_id",
    "layer_id",
    "app_id",
    "instance_id",
    "instance_ids",
    "elastic_ip",
    "iam_user_arn",
    "resource_arn",
    "vpc_id",
    "topic_arn",
    "role_name",
    "instance_profile_name",
];

/// Returns the ids of what a call changes.
#[must_use]
pub fn subjects(input: &Value) -> Vec<String> {
    let named = SUBJECTS.iter().find_map(|member| input.get(*member));
    named.map(texts).unwrap_or_default()
}

/// Returns a text or a list of texts as a list.
#[must_use]
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{INVERSES, JOINS, KINDS, Nature, inverse, nature, subjects};
    use crate::ROWS;
    use crate::class::Class;
    use crate::effect::{ModelFacts, effect};
    use models::check;
    use serde_json::json;

    fn known(service: &str, operation: &str) -> crate::effect::Effect {
        effect(service, operation, ModelFacts::default())
    }

    #[test]
    fn what_carries_our_tag_can_be_taken_away() {
        for row in ROWS.iter().filter(|row| row.class == Class::Tagged) {
            let nature = nature(&known(row.service, row.operation));
            let is_known = matches!(nature, Nature::Thing(_) | Nature::Join(..));
            assert!(is_known, "{}: {nature:?}", row.operation);
        }
    }

    #[test]
    fn every_input_is_one_that_its_model_takes() {
        for row in ROWS {
            let effect = known(row.service, row.operation);
            let (Nature::Thing(inverse) | Nature::Join(inverse, _)) = nature(&effect) else {
                continue;
            };
            let input = json!({
                "route_table_id": "rtb-1", "destination_cidr_block": "10.0.0.0/8", "group_id": "sg-1",
                "internet_gateway_id": "igw-1", "vpc_id": "vpc-1", "elastic_ip": "192.0.2.1",
                "instance_profile_name": "p", "role_name": "r", "policy_name": "n",
                "policy_arn": "arn:aws:iam::aws:policy/NoAccess", "resources": ["i-1"], "tags": [{"key": "a", "value": "b"}],
            });
            let model = models::service(inverse.service).unwrap();
            let operation = model.operation(inverse.operation).unwrap();
            let asked = inverse.input(&effect, &input, &json!({}), Some("x-1"));
            let problems = check::check(&model, operation, &asked);
            assert!(problems.is_empty(), "{}: {problems:?}", inverse.operation);
        }
    }

    #[test]
    fn the_tables_name_operations_that_there_are() {
        for (operation, _) in JOINS {
            assert!(
                ROWS.iter().any(|row| row.operation == *operation),
                "{operation}"
            );
        }
        let deletions = KINDS.iter().map(|kind| &kind.deletion);
        for inverse in INVERSES.iter().chain(deletions) {
            let is_row = |row: &&super::super::Row| {
                row.service == inverse.service && row.operation == inverse.operation
            };
            assert!(ROWS.iter().any(|row| is_row(&row)), "{}", inverse.operation);
        }
    }

    #[test]
    fn what_leaves_nothing_behind_is_past() {
        assert_eq!(nature(&known("sns", "publish")), Nature::Past);
        assert_eq!(nature(&known("command", "run")), Nature::Past);
        assert_eq!(nature(&known("rds", "create_db_instance")), Nature::Unknown);
        assert_eq!(nature(&known("ec2", "replace_route")), Nature::Change);
        assert_eq!(nature(&known("ec2", "start_instances")), Nature::Change);
    }

    #[test]
    fn a_route_is_its_tables() {
        let input = json!({"instance_id": "i-1", "route_table_id": "rtb-1"});
        assert_eq!(subjects(&input), ["rtb-1"]);
        assert_eq!(subjects(&json!({"resources": ["a", "b"]})), ["a", "b"]);
    }

    #[test]
    fn each_thing_goes_by_its_own_id() {
        let effect = known("ec2", "run_instances");
        let inverse = inverse("ec2", "terminate_instances").unwrap();
        let output = json!({"instances": [{"instance_id": "i-1"}, {"instance_id": "i-2"}]});
        assert_eq!(
            inverse.input(&effect, &json!({}), &output, Some("i-2")),
            json!({"instance_ids": ["i-2"]})
        );
    }
}
