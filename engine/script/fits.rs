//! Whether a value fits the declaration of a parameter.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Map, Value};

use crate::declaration::{Kind, Spec, Specs};
use base::duration;
use base::nearest::nearest;
use base::secret::{self, Reference};

pub(super) fn table(
    specs: &Specs,
    values: &Map<String, Value>,
    path: &str,
    problems: &mut Vec<String>,
) -> Value {
    for name in values.keys().filter(|name| !specs.contains_key(*name)) {
        let meant = match nearest(name, specs.keys().map(String::as_str)) {
            Some(meant) => format!("; did you mean `{path}{meant}`?"),
            None if specs.is_empty() => ": the runbook takes none".into(),
            None => String::new(),
        };
        problems.push(format!("unknown setting `{path}{name}`{meant}"));
    }
    let mut settled = Map::new();
    for (name, spec) in specs {
        let path = format!("{path}{name}");
        let value = if let Some(value) = values.get(name).or(spec.preset.as_ref()) {
            checked(spec, value, &path, problems)
        } else {
            if spec.required {
                let help = if spec.help.is_empty() {
                    String::new()
                } else {
                    format!(": {}", spec.help)
                };
                problems.push(format!("missing setting `{path}` ({}){help}", spec.kind));
            }
            Value::Null
        };
        settled.insert(name.clone(), value);
    }
    Value::Object(settled)
}

/// Returns what is wrong with the presets of a declaration, down to the fields of its maps.
pub(super) fn preset_problems(specs: &Specs, path: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, spec) in specs {
        let path = format!("{path}.{name}");
        if let Some(preset) = &spec.preset {
            checked(spec, preset, &format!("{path}.value"), &mut problems);
        }
        let fields = match &spec.kind {
            Kind::Map(fields) => Some(fields),
            Kind::List(items) => match &items.kind {
                Kind::Map(fields) => Some(fields),
                _ => None,
            },
            _ => None,
        };
        problems.extend(
            fields
                .into_iter()
                .flat_map(|fields| preset_problems(fields, &path)),
        );
    }
    problems
}

fn checked(spec: &Spec, value: &Value, path: &str, problems: &mut Vec<String>) -> Value {
    match (&spec.kind, value) {
        (Kind::List(items), Value::Array(values)) => {
            let checked = values
                .iter()
                .enumerate()
                .map(|(index, value)| checked(items, value, &format!("{path}[{index}]"), problems));
            return Value::Array(checked.collect());
        }
        (Kind::Map(specs), Value::Object(values)) if !specs.is_empty() => {
            return table(specs, values, &format!("{path}."), problems);
        }
        (Kind::Secret, value) => return secret(value, path, problems),
        (Kind::Duration, Value::Number(number)) => {
            return checked(spec, &Value::String(format!("{number}s")), path, problems);
        }
        _ => {}
    }
    if matches!(spec.kind, Kind::Arn) && found_pattern(value) {
        problems.push(format!(
            "`{path}`: {value} names more than one resource: expected an ARN without `*` and `?`"
        ));
        return value.clone();
    }
    if !fits(&spec.kind, value) {
        problems.push(format!(
            "`{path}`: expected {}, found {}",
            spec.kind,
            found(&spec.kind, value)
        ));
    }
    value.clone()
}

/// Returns the token of a secret that is yet to be read. One from another runbook has been.
fn secret(value: &Value, path: &str, problems: &mut Vec<String>) -> Value {
    let text = value.as_str().unwrap_or_default();
    if secret::is_in(text) {
        return value.clone();
    }
    match Reference::parse(text) {
        Ok(reference) => secret::unread(&reference).into(),
        Err(problem) => {
            problems.push(format!("`{path}`: {problem}"));
            Value::Null
        }
    }
}

/// In a policy that the ARN goes into, these stand for any letters.
fn found_pattern(value: &Value) -> bool {
    let text = value.as_str();
    text.is_some_and(|text| text.contains(['*', '?']))
}

fn fits(kind: &Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Integer, Value::Number(number)) => number.is_i64(),
        (Kind::Boolean, Value::Bool(_))
        | (Kind::String, Value::String(_))
        | (Kind::Map(_), Value::Object(_)) => true,
        (Kind::Choice(choices), Value::String(text)) => choices.contains(text),
        (kind, Value::String(text)) => text_fits(kind, text),
        _ => false,
    }
}

fn text_fits(kind: &Kind, text: &str) -> bool {
    match kind {
        Kind::Duration => duration::parse(text).is_ok(),
        Kind::Cidr => text
            .parse::<IpNet>()
            .is_ok_and(|net| net.addr() == net.network()),
        Kind::Ip => text.parse::<IpAddr>().is_ok(),
        Kind::Arn => arn(text),
        Kind::Region => region(text),
        Kind::AvailabilityZone => text
            .char_indices()
            .last()
            .is_some_and(|(end, last)| last.is_ascii_lowercase() && region(&text[..end])),
        Kind::InstanceType => text
            .split_once('.')
            .is_some_and(|(family, size)| is_plain(family) && is_plain(size)),
        _ => false,
    }
}

/// `arn:partition:service:region:account:resource`, region and account empty for some services.
fn arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let account = |part: &str| {
        part.is_empty()
            || part == "aws"
            || (part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(parts.as_slice(), ["arn", partition, service, _, owner, resource]
        if partition.starts_with("aws") && !service.is_empty() && account(owner) && !resource.is_empty())
}

/// `eu-west-1`, `us-gov-east-1`: words, then a number.
fn region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let (Some(number), words) = (parts.last(), &parts[..parts.len() - 1]) else {
        return false;
    };
    words.len() >= 2
        && words
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The type is said where it is what is wrong.
fn found(kind: &Kind, value: &Value) -> String {
    match value {
        Value::String(text)
            if matches!(
                kind,
                Kind::Integer | Kind::Boolean | Kind::List(_) | Kind::Map(_)
            ) =>
        {
            format!("the string `{text}`")
        }
        Value::String(text) => format!("`{text}`"),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "a table".into(),
        Value::Number(number) => format!("the number `{number}`"),
        other => format!("`{other}`"),
    }
}
