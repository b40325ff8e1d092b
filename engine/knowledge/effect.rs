//! An operation as the engine treats it.

use crate::class::Class;
use crate::look::Look;
use crate::path::texts_at;
use crate::reads;
use crate::table::{self, Row};
use base::secret::Reference;
use models::call::Repeat;
use serde_json::Value;

/// What the service model says of an operation, for those that the table does not list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModelFacts<'a> {
    /// The input's client-token member, in `snake_case`.
    pub token_member: Option<&'a str>,
}

/// An operation as the engine treats it.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    pub service: String,
    pub operation: String,
    /// A script may declare a call safer than the table or the model does.
    pub class: Class,
    /// The script did: twice is as good as once, and not at all is an error like any other.
    pub declared: bool,
    /// Where the script says that the secret goes that only the reply has.
    pub keep: Option<Reference>,
    /// The input's client-token member, in `snake_case`.
    pub token_member: Option<String>,
    pub row: Option<&'static Row>,
}

impl Effect {
    /// Returns what people call the thing: `VPC`; the operation's name where the table has none.
    #[must_use]
    pub fn noun(&self) -> &str {
        self.row.map_or(&self.operation, |row| row.noun)
    }

    /// Returns the operation of the same service that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Option<&'static str> {
        self.row
            .map(|row| row.inverse)
            .filter(|inverse| !inverse.is_empty())
    }

    /// Returns whether what it made can be told by a mark of ours or by its name.
    #[must_use]
    pub fn can_be_found(&self) -> bool {
        let is_marked = matches!(self.class, Class::Tokened | Class::Tagged | Class::Keyed);
        is_marked && self.has_look_up()
    }

    /// Returns whether the client may repeat the request by itself.
    ///
    /// An idempotent call with a look-up (a deletion) answers its repeat with an error, which must not be taken for
    /// the answer to the first.
    #[must_use]
    pub fn repeat(&self) -> Repeat {
        match self.class {
            Class::Read | Class::Tokened => Repeat::Safe,
            Class::Idempotent if !self.has_look_up() => Repeat::Safe,
            _ => Repeat::Never,
        }
    }

    #[must_use]
    pub fn look(&self) -> Look {
        self.row.map_or(Look::None, |row| row.look)
    }

    /// Returns whether there is a way to see what became of it.
    #[must_use]
    pub fn has_look_up(&self) -> bool {
        self.look() != Look::None
    }
}

/// Returns how the engine treats an operation: by the table, else by what the model says.
#[must_use]
pub fn effect(service: &str, operation: &str, model: ModelFacts<'_>) -> Effect {
    let row = table::row(service, operation);
    let token_member = row
        .and_then(|row| row.mark.token_member())
        .or(model.token_member);
    let class = match row {
        Some(row) => row.class,
        None if reads::is_read(service, operation) => Class::Read,
        None if token_member.is_some() => Class::Tokened,
        None => Class::Unsafe,
    };
    Effect {
        service: service.to_owned(),
        operation: operation.to_owned(),
        class,
        declared: false,
        keep: None,
        token_member: token_member.map(str::to_owned),
        row,
    }
}

/// Returns the ids of what a call made, as its reply names them.
#[must_use]
pub fn resource_ids(effect: &Effect, output: &Value) -> Vec<String> {
    let paths = effect.row.map_or(&[][..], |row| row.ids);
    paths
        .iter()
        .flat_map(|path| texts_at(output, path))
        .collect()
}

/// Returns those ids as one text; none if the reply names none.
#[must_use]
pub fn resource_id(effect: &Effect, output: &Value) -> Option<String> {
    Some(resource_ids(effect, output).join(", ")).filter(|ids| !ids.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{ModelFacts, effect, resource_id};
    use crate::class::Class;
    use models::call::Repeat;
    use serde_json::json;

    fn class(service: &str, operation: &str, token_member: Option<&str>) -> Class {
        effect(service, operation, ModelFacts { token_member }).class
    }

    #[test]
    fn the_table_comes_before_the_model() {
        assert_eq!(class("ec2", "create_vpc", None), Class::Tagged);
        assert_eq!(
            class("ec2", "create_route_table", Some("client_token")),
            Class::Tagged
        );
        assert_eq!(class("sns", "publish", None), Class::Unsafe);
    }

    #[test]
    fn the_model_decides_what_the_table_does_not_list() {
        assert_eq!(class("ec2", "describe_vpcs", None), Class::Read);
        assert_eq!(
            class(
                "fsx",
                "describe_file_system_aliases",
                Some("client_request_token")
            ),
            Class::Read
        );
        assert_eq!(
            class("rds", "create_custom_db_engine_version", None),
            Class::Unsafe
        );
        assert_eq!(
            class("ec2", "create_fleet", Some("client_token")),
            Class::Tokened
        );
        assert_eq!(class("cognito-identity", "get_id", None), Class::Unsafe);
    }

    #[test]
    fn only_what_answers_its_repeat_alike_is_repeated_by_the_client() {
        let repeat = |operation| effect("ec2", operation, ModelFacts::default()).repeat();
        assert_eq!(repeat("describe_vpcs"), Repeat::Safe);
        assert_eq!(repeat("replace_route"), Repeat::Safe);
        assert_eq!(repeat("run_instances"), Repeat::Safe);
        assert_eq!(repeat("delete_vpc"), Repeat::Never);
        assert_eq!(repeat("create_vpc"), Repeat::Never);
        assert_eq!(repeat("attach_internet_gateway"), Repeat::Never);
    }

    #[test]
    fn ids_are_read_from_the_reply() {
        let vpc = effect("ec2", "create_vpc", ModelFacts::default());
        assert_eq!(
            resource_id(&vpc, &json!({"vpc": {"vpc_id": "vpc-1"}})).as_deref(),
            Some("vpc-1")
        );
        assert_eq!(resource_id(&vpc, &json!({})), None);
        let run = effect("ec2", "run_instances", ModelFacts::default());
        let output = json!({"instances": [{"instance_id": "i-1"}, {"instance_id": "i-2"}]});
        assert_eq!(resource_id(&run, &output).as_deref(), Some("i-1, i-2"));
    }

    #[test]
    fn people_read_nouns() {
        assert_eq!(
            effect("ec2", "create_vpc", ModelFacts::default()).noun(),
            "VPC"
        );
        assert_eq!(
            effect("ec2", "create_fleet", ModelFacts::default()).noun(),
            "create_fleet"
        );
        assert_eq!(
            effect("ec2", "create_vpc", ModelFacts::default()).inverse(),
            Some("delete_vpc")
        );
        assert_eq!(
            effect("ec2", "reboot_instances", ModelFacts::default()).inverse(),
            None
        );
        assert_eq!(Class::Idempotent.to_string(), "idempotent");
    }
}
