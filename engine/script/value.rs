//! Script values to JSON and back: the journal, AWS and settings all speak JSON.

use std::sync::atomic::{AtomicUsize, Ordering};

use rhai::{Array, Dynamic, Map};
use serde_json::{Number, Value};
use thiserror::Error;

use crate::secret_text::Secret;
use base::secret;

/// How many lists and maps may lie in each other: readers of JSON take 128, and an entry of the journal adds some.
pub const DEEPEST: usize = 100;

/// How many MiB of JSON the journal takes of one value, unless the environment sets another number.
pub const LARGEST: u32 = 1;

pub const LIMIT_VARIABLE: &str = "RUNBOOK_VALUE_LIMIT";

/// The process's own: a value meets it wherever a script makes one.
static LIMIT: AtomicUsize = AtomicUsize::new((LARGEST as usize) << 20);

/// Sets how many bytes of JSON the journal takes of one value from now on.
pub fn set_limit(bytes: u64) {
    LIMIT.store(
        usize::try_from(bytes).unwrap_or(usize::MAX),
        Ordering::SeqCst,
    );
}

/// A value that has no faithful counterpart on the other side.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Unfaithful {
    #[error(
        "{kind} at `{path}` cannot be recorded: only (), booleans, integers, finite numbers, strings, arrays and maps can"
    )]
    Kind { path: String, kind: String },
    #[error(
        "the value cannot be recorded: it is nested more than {DEEPEST} levels deep; return a flatter one"
    )]
    Depth,
    #[error(
        "the value cannot be recorded: it has {bytes} bytes as JSON, of at most {most}; return what later steps need, such as the ids, or set {LIMIT_VARIABLE} (MiB)"
    )]
    Size { bytes: usize, most: usize },
}

/// Returns the value as JSON that the journal takes.
pub fn to_record(value: &Dynamic) -> Result<Value, Unfaithful> {
    let json = to_json(value)?;
    let (bytes, most) = (json.to_string().len(), LIMIT.load(Ordering::SeqCst));
    if bytes > most {
        return Err(Unfaithful::Size { bytes, most });
    }
    Ok(json)
}

/// Returns the value as JSON.
pub fn to_json(value: &Dynamic) -> Result<Value, Unfaithful> {
    convert(value, &mut Vec::new())
}

fn convert(value: &Dynamic, path: &mut Vec<String>) -> Result<Value, Unfaithful> {
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(truth) = value.as_bool() {
        return Ok(Value::Bool(truth));
    }
    if let Ok(integer) = value.as_int() {
        return Ok(Value::from(integer));
    }
    if let Ok(float) = value.as_float() {
        return Number::from_f64(float)
            .map(Value::Number)
            .ok_or_else(|| unfaithful(value, path));
    }
    if let Some(secret) = value.read_lock::<Secret>() {
        return Ok(Value::String(secret.to_string()));
    }
    if let Ok(text) = value.clone().into_string() {
        return Ok(Value::String(text));
    }
    if let Ok(character) = value.as_char() {
        return Ok(Value::String(character.to_string()));
    }
    if (value.is_array() || value.is_map()) && path.len() == DEEPEST {
        return Err(Unfaithful::Depth);
    }
    if let Some(array) = value.read_lock::<Array>() {
        return list(&array, path);
    }
    if let Some(map) = value.read_lock::<Map>() {
        return object(&map, path);
    }
    Err(unfaithful(value, path))
}

fn list(array: &Array, path: &mut Vec<String>) -> Result<Value, Unfaithful> {
    let mut items = Vec::with_capacity(array.len());
    for (index, item) in array.iter().enumerate() {
        path.push(format!("[{index}]"));
        items.push(convert(item, path)?);
        path.pop();
    }
    Ok(Value::Array(items))
}

fn object(map: &Map, path: &mut Vec<String>) -> Result<Value, Unfaithful> {
    let mut fields = serde_json::Map::new();
    for (name, item) in map {
        path.push(format!(".{name}"));
        fields.insert(name.to_string(), convert(item, path)?);
        path.pop();
    }
    Ok(Value::Object(fields))
}

fn unfaithful(value: &Dynamic, path: &[String]) -> Unfaithful {
    Unfaithful::Kind {
        path: format!("value{}", path.concat()),
        kind: kind(value),
    }
}

fn kind(value: &Dynamic) -> String {
    if value.is_fnptr() {
        return "a closure".into();
    }
    if value.is_float() {
        return "a number that is not finite".into();
    }
    if value.is_blob() {
        return "a blob".into();
    }
    format!("a value of type {}", value.type_name())
}

/// Returns the JSON value as a script sees it; an integer beyond 64 bits becomes a number with a fraction's precision.
pub fn to_script(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(truth) => (*truth).into(),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| number.as_f64().unwrap_or(f64::NAN).into(), Dynamic::from),
        Value::String(text) if secret::is_in(text) => Dynamic::from(Secret::from(text.as_str())),
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => Dynamic::from_array(items.iter().map(to_script).collect()),
        Value::Object(fields) => {
            let map: Map = fields
                .iter()
                .map(|(name, item)| (name.as_str().into(), to_script(item)))
                .collect();
            Dynamic::from_map(map)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_json_has_makes_the_round_trip() {
        let value =
            json!({"a": [1, -2.5, true, null, "x\u{1F600}"], "b": {"c": {}}, "big": i64::MAX});
        assert_eq!(to_json(&to_script(&value)), Ok(value));
    }

    #[test]
    fn what_is_too_deep_or_too_large_for_the_journal_is_refused_to_the_level_and_byte() {
        let nested = |levels: usize| {
            (1..levels).fold(Dynamic::from_array(vec![]), |inner, _| {
                Dynamic::from_array(vec![inner])
            })
        };
        assert!(to_json(&nested(DEEPEST)).is_ok());
        assert_eq!(to_json(&nested(DEEPEST + 1)), Err(Unfaithful::Depth));
        let text = |bytes: usize| Dynamic::from("x".repeat(bytes - 2));
        assert!(to_record(&text(1 << 20)).is_ok());
        let (bytes, most) = ((1 << 20) + 1, 1 << 20);
        assert_eq!(
            to_record(&text(bytes)),
            Err(Unfaithful::Size { bytes, most })
        );
    }

    #[test]
    fn what_json_lacks_is_named_with_its_place() {
        let mut map = Map::new();
        map.insert(
            "f".into(),
            Dynamic::from_array(vec![1.into(), rhai::FnPtr::new("x").unwrap().into()]),
        );
        let error = to_json(&map.into()).unwrap_err().to_string();
        assert!(
            error.starts_with("a closure at `value.f[1]` cannot be recorded"),
            "{error}"
        );
        assert!(
            to_json(&f64::NAN.into())
                .unwrap_err()
                .to_string()
                .contains("not finite")
        );
        assert!(
            to_json(&Dynamic::from_blob(vec![1]))
                .unwrap_err()
                .to_string()
                .contains("a blob")
        );
    }
}
