//! `PARAMS`: what a runbook declares of its parameters.

use serde_json::Value;

use crate::declaration::{Kind, Spec, Specs};
use base::nearest::nearest;

const TYPES: [&str; 14] = [
    "string",
    "integer",
    "boolean",
    "duration",
    "cidr",
    "ip",
    "arn",
    "region",
    "availability_zone",
    "instance_type",
    "choice",
    "secret",
    "list",
    "map",
];
const KEYS: [&str; 7] = [
    "type", "value", "help", "required", "choices", "items", "fields",
];

/// Reads `PARAMS`; every mistake in it is returned.
pub fn read(declared: &Value) -> Result<Specs, Vec<String>> {
    let mut problems = Vec::new();
    let specs = fields(declared, "PARAMS", &mut problems);
    problems.extend(crate::fits::preset_problems(&specs, "PARAMS"));
    if problems.is_empty() {
        Ok(specs)
    } else {
        Err(problems)
    }
}

fn fields(declared: &Value, path: &str, problems: &mut Vec<String>) -> Specs {
    let Some(map) = declared.as_object() else {
        problems.push(format!("`{path}` must be a map of names to declarations"));
        return Specs::new();
    };
    map.iter()
        .filter_map(|(name, declared)| {
            Some((
                name.clone(),
                spec(declared, &format!("{path}.{name}"), problems)?,
            ))
        })
        .collect()
}

fn spec(declared: &Value, path: &str, problems: &mut Vec<String>) -> Option<Spec> {
    let Some(map) = declared.as_object() else {
        problems.push(format!(
            "`{path}` must be a map such as `#{{type: \"string\", help: \"…\"}}`"
        ));
        return None;
    };
    for key in map.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        problems.push(format!(
            "`{path}` has an unknown key `{key}`{}",
            meant(key, &KEYS)
        ));
    }
    misplaced(map, path, problems);
    let kind = kind(map, path, problems)?;
    let required = map
        .get("required")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let preset = map.get("value").filter(|value| !value.is_null()).cloned();
    if required && preset.is_some() {
        problems.push(format!(
            "`{path}` is required and has a preset `value`: choose one"
        ));
    }
    let help = map
        .get("help")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    Some(Spec {
        kind,
        preset,
        required,
        help,
    })
}

/// Keys whose values nothing would read.
fn misplaced(map: &serde_json::Map<String, Value>, path: &str, problems: &mut Vec<String>) {
    if map.get("required").is_some_and(|value| !value.is_boolean()) {
        problems.push(format!("`{path}.required` must be true or false"));
    }
    if map.get("help").is_some_and(|value| !value.is_string()) {
        problems.push(format!("`{path}.help` must be a string"));
    }
    let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
    for (key, owner) in [("choices", "choice"), ("items", "list"), ("fields", "map")] {
        if map.contains_key(key) && kind != owner && TYPES.contains(&kind) {
            problems.push(format!(
                "`{path}` has `{key}`, which belongs to the type `{owner}`, not to `{kind}`"
            ));
        }
    }
}

fn meant(name: &str, known: &[&str]) -> String {
    let near = nearest(name, known.iter().copied());
    near.map_or_else(
        || format!("; known are {}", known.join(", ")),
        |near| format!("; did you mean `{near}`?"),
    )
}

fn kind(
    map: &serde_json::Map<String, Value>,
    path: &str,
    problems: &mut Vec<String>,
) -> Option<Kind> {
    let Some(name) = map.get("type").and_then(Value::as_str) else {
        problems.push(format!(
            "`{path}` needs a `type`: one of {}",
            TYPES.join(", ")
        ));
        return None;
    };
    Some(match name {
        "string" => Kind::String,
        "integer" => Kind::Integer,
        "boolean" => Kind::Boolean,
        "duration" => Kind::Duration,
        "cidr" => Kind::Cidr,
        "ip" => Kind::Ip,
        "arn" => Kind::Arn,
        "region" => Kind::Region,
        "availability_zone" => Kind::AvailabilityZone,
        "instance_type" => Kind::InstanceType,
        "choice" => Kind::Choice(choices(map, path, problems)),
        "secret" => Kind::Secret,
        "list" => Kind::List(Box::new(items(map, path, problems)?)),
        "map" => Kind::Map(match map.get("fields") {
            Some(declared) if declared.is_object() => fields(declared, path, problems),
            Some(_) => {
                problems.push(format!(
                    "`{path}.fields` must be a map of names to declarations"
                ));
                Specs::new()
            }
            None => Specs::new(),
        }),
        unknown => {
            problems.push(format!(
                "`{path}` has an unknown type `{unknown}`{}",
                meant(unknown, &TYPES)
            ));
            return None;
        }
    })
}

fn choices(
    map: &serde_json::Map<String, Value>,
    path: &str,
    problems: &mut Vec<String>,
) -> Vec<String> {
    let listed = map.get("choices").and_then(Value::as_array).map(|choices| {
        choices
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    match listed {
        Some(choices) if !choices.is_empty() => choices,
        _ => {
            problems.push(format!("`{path}` needs `choices`: a list of strings"));
            Vec::new()
        }
    }
}

fn items(
    map: &serde_json::Map<String, Value>,
    path: &str,
    problems: &mut Vec<String>,
) -> Option<Spec> {
    match map.get("items") {
        Some(declared) => spec(declared, &format!("{path}[]"), problems),
        None => Some(Spec {
            kind: Kind::String,
            preset: None,
            required: false,
            help: String::new(),
        }),
    }
}
