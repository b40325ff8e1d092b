//! An AWS that remembers what was made, and with which marks.

use knowledge::Identity;
use models::call::Call;
use serde_json::{Value, json};

/// Something that a call has made or done.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Thing {
    /// Of the effect that made it.
    pub(super) key: String,
    pub(super) operation: String,
    /// As it was sent, our marks included.
    pub(super) input: Value,
    output: Value,
}

/// Why a call is refused.
pub(super) type Code = &'static str;

#[derive(Clone, Debug, Default)]
pub(super) struct World(pub(super) Vec<Thing>);

/// What makes two calls of one operation the same to AWS, for calls that it does not let happen twice.
const NATURAL: [(&str, &[&str]); 3] = [
    (
        "create_route",
        &["route_table_id", "destination_cidr_block"],
    ),
    ("attach_internet_gateway", &["internet_gateway_id"]),
    ("associate_route_table", &["subnet_id"]),
];

impl World {
    /// Returns the world in which only the effects with these keys have happened.
    pub(super) fn only(&self, keys: &[String]) -> Self {
        let happened = |thing: &&Thing| keys.contains(&thing.key);
        Self(self.0.iter().filter(happened).cloned().collect())
    }

    /// Returns what there is, in an order that does not depend on the order of making.
    pub(super) fn census(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .0
            .iter()
            .map(|thing| format!("{} {} {}", thing.operation, thing.key, thing.input))
            .collect();
        lines.sort();
        lines
    }

    pub(super) fn count(&self, operation: &str) -> usize {
        self.0
            .iter()
            .filter(|thing| thing.operation == operation)
            .count()
    }

    /// Does what a call asks for.
    pub(super) fn apply(&mut self, key: &str, call: &Call) -> Result<Value, Code> {
        if let Some(known) = self.with_token(&call.operation, &call.input["client_token"]) {
            return Ok(known.output.clone());
        }
        if self.natural(&call.operation, &call.input).is_some() {
            return Err("RouteAlreadyExists");
        }
        if idempotent(&call.operation) {
            self.0
                .retain(|thing| (&thing.operation, &thing.input) != (&call.operation, &call.input));
        }
        let doubles = self.0.iter().filter(|thing| thing.key == key).count();
        let id = if doubles == 0 {
            key.to_owned()
        } else {
            format!("{key}~{doubles}")
        };
        let output = answer(&call.operation, &call.input, &id);
        self.0.push(Thing {
            key: key.into(),
            operation: call.operation.clone(),
            input: call.input.clone(),
            output: output.clone(),
        });
        Ok(output)
    }

    /// Returns what carries the identity's tags, as the call that made it answered.
    pub(super) fn tagged(&self, operation: &str, identity: &Identity) -> Option<Value> {
        let ours = json!({"key": "runbook:effect", "value": identity.effect_tag()});
        let run = json!({"key": "runbook:run", "value": identity.run_tag()});
        let carries = |thing: &&Thing| {
            let tags = thing.input["tag_specifications"][0]["tags"].as_array();
            thing.operation == operation
                && tags.is_some_and(|tags| tags.contains(&ours) && tags.contains(&run))
        };
        self.0
            .iter()
            .find(carries)
            .map(|thing| thing.output.clone())
    }

    /// Returns what an equal call made.
    pub(super) fn same(&self, operation: &str, input: &Value) -> Option<Value> {
        let found = self
            .natural(operation, input)
            .filter(|thing| thing.input == *input);
        found.map(|thing| thing.output.clone())
    }

    fn with_token(&self, operation: &str, token: &Value) -> Option<&Thing> {
        let same =
            |thing: &&Thing| thing.operation == operation && thing.input["client_token"] == *token;
        self.0
            .iter()
            .find(|_| token.is_string())
            .and_then(|_| self.0.iter().find(same))
    }

    fn natural(&self, operation: &str, input: &Value) -> Option<&Thing> {
        let (_, members) = NATURAL.iter().find(|(name, _)| *name == operation)?;
        let same = |thing: &&Thing| {
            thing.operation == operation
                && members
                    .iter()
                    .all(|member| thing.input[*member] == input[*member])
        };
        self.0.iter().find(same)
    }
}

fn idempotent(operation: &str) -> bool {
    operation.starts_with("modify_") || operation.starts_with("replace_")
}

/// The shapes of the replies are AWS's; ids are the effects' keys, so that they are the same in every run.
fn answer(operation: &str, input: &Value, id: &str) -> Value {
    match operation {
        "create_vpc" => json!({"vpc": {"vpc_id": id}}),
        "create_subnet" => json!({"subnet": {"subnet_id": id}}),
        "create_route_table" => json!({"route_table": {"route_table_id": id}}),
        "create_internet_gateway" => json!({"internet_gateway": {"internet_gateway_id": id}}),
        "run_instances" => {
            let count = input["max_count"].as_u64().unwrap_or(1);
            let instances =
                (1..=count).map(|number| json!({"instance_id": format!("{id}:{number}")}));
            json!({"instances": instances.collect::<Vec<_>>()})
        }
        "associate_route_table" => json!({"association_id": id}),
        "publish" => json!({"message_id": id}),
        _ => json!({"return": true}),
    }
}
