//! What several functions of `run::` take: items with a name, and maps that are recorded.

use rhai::{Dynamic, Map};
use serde_json::Value;

use crate::api::options::wrong;
use crate::host::Scripted;
use crate::value;

/// Returns the name of an item: a string, an integer, or a map's `name`.
pub(super) fn label(item: &Dynamic) -> Scripted<String> {
    if let Some(map) = item.read_lock::<Map>() {
        let name = map.get("name").cloned().map(Dynamic::into_string);
        return name
            .and_then(Result::ok)
            .ok_or_else(|| wrong("an item that is a map needs a `name`, which is a string"));
    }
    if item.is_string() || item.is_int() {
        return Ok(item.to_string());
    }
    Err(wrong(format!(
        "expected an item that is a string, an integer or a map with a `name`, found a value of type {}",
        item.type_name()
    )))
}

pub(super) fn record(map: Map) -> Scripted<Value> {
    value::to_record(&map.into()).map_err(|error| wrong(error.to_string()))
}
