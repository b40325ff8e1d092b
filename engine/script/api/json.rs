//! `json::…`: text to values and back.

use rhai::{Dynamic, Module};
use serde_json::Value;

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::Scripted;
use crate::secret_text::USE;
use crate::{fault, value};
use base::secret;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "parse",
        &["text"],
        "Returns the value of a JSON text; `null` is `()`.\n\nError `InvalidJson`: the text is not JSON.",
    ),
    primitive(
        "stringify",
        &["value"],
        "Returns a value as JSON on one line, maps sorted by their keys.\n\nError `InvalidJson`: JSON cannot hold the value, such as a closure.",
    ),
    primitive(
        "pretty",
        &["value"],
        "Returns a value as JSON over several lines, for people.\n\nError `InvalidJson`: JSON cannot hold the value.",
    ),
];

pub(super) fn module() -> Module {
    let mut module = Module::new();
    function(&mut module, "parse", parse);
    function(&mut module, "stringify", |value: Dynamic| {
        Ok(json(&value)?.to_string())
    });
    function(&mut module, "pretty", |value: Dynamic| {
        Ok(format!("{:#}", json(&value)?))
    });
    module
}

fn parse(text: &str) -> Scripted<Dynamic> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| wrong(format!("the text is not JSON: {error}")))?;
    Ok(value::to_script(&value))
}

/// A secret in a text of JSON could not be escaped any more.
fn json(value: &Dynamic) -> Scripted<Value> {
    let json = value::to_json(value).map_err(|error| wrong(error.to_string()))?;
    if secret::is_within(&json) {
        return Err(wrong(format!("a text of JSON cannot have a secret: {USE}")));
    }
    Ok(json)
}

fn wrong(message: String) -> Box<rhai::EvalAltResult> {
    fault::error("InvalidJson", message)
}
