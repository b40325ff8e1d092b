//! What a script throws and catches: a failure as data, with its place and the calls that led there.

use rhai::{Dynamic, EvalAltResult, Map, Position};
use serde_json::Value;

use super::host::stop_reason;
use super::{secret_text, value};
use crate::located::lower;
use base::fault::Fault;

/// Returns what the error says of itself, without its place.
#[must_use]
pub fn fault(error: &EvalAltResult) -> Fault {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => fault(inner),
        EvalAltResult::ErrorRuntime(value, _) => thrown(value),
        EvalAltResult::ErrorTerminated(..) => Fault {
            message: stop_reason(error).map_or_else(|| "stopped".into(), |stop| stop.to_string()),
            ..Fault::default()
        },
        other => Fault {
            message: plain(other),
            ..Fault::default()
        },
    }
}

/// A script may throw anything; a map with `message` is an error as AWS's are.
fn thrown(value: &Dynamic) -> Fault {
    let Some(map) = value.read_lock::<Map>() else {
        return Fault {
            message: value.to_string(),
            ..Fault::default()
        };
    };
    let text = |name: &str| {
        map.get(name)
            .filter(|value| !value.is_unit())
            .map(ToString::to_string)
    };
    Fault {
        message: text("message").unwrap_or_else(|| value.to_string()),
        code: text("code"),
        service: text("service"),
        operation: text("operation"),
        request_id: text("request_id"),
        ..Fault::default()
    }
}

/// Makes a failure one that the journal can keep and a later process can throw again, equal to what is thrown now:
/// returns the error with a thrown value of JSON, and that value. Place and calls of the error stay.
#[must_use]
pub fn lasting(mut error: Box<EvalAltResult>) -> (Box<EvalAltResult>, Value) {
    let value = match error.unwrap_inner() {
        EvalAltResult::ErrorRuntime(value, _) => value::to_record(value)
            .unwrap_or_else(|problem| caught(&not_recordable(&problem.to_string()))),
        own => of_rhai(own),
    };
    let innermost = innermost(&mut error);
    let position = innermost.position();
    *innermost = EvalAltResult::ErrorRuntime(value::to_script(&value), position);
    (error, value)
}

/// Returns the failure as the journal keeps it; `thrown` is what a script catches of it.
#[must_use]
pub fn recorded(fault: Fault, thrown: Value) -> Fault {
    let needless = as_map(&fault) == thrown;
    Fault {
        thrown: (!needless).then(|| Box::new(thrown)),
        ..fault
    }
}

/// Returns the failure of a value that the journal cannot keep.
#[must_use]
pub fn not_recordable(problem: &str) -> Fault {
    Fault {
        message: problem.into(),
        code: Some("NotRecordable".into()),
        ..Fault::default()
    }
}

fn innermost(error: &mut EvalAltResult) -> &mut EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => innermost(inner),
        error => error,
    }
}

/// What a call of ours is refused with because of how the script makes it. AWS has such codes too, with a request id.
const MISTAKES: [&str; 4] = [
    "InvalidArgument",
    "InvalidInput",
    "InvalidName",
    "NotRecordable",
];

/// Whether the script is wrong: Rhai found that, or a call of ours.
#[must_use]
pub fn is_mistake(fault: &Fault) -> bool {
    let code = fault.code.as_deref().filter(|_| fault.request_id.is_none());
    code.is_some_and(|code| MISTAKES.contains(&code))
        || fault.thrown.as_deref().is_some_and(names_rhais)
}

fn names_rhais(thrown: &Value) -> bool {
    thrown["error"].is_string() && thrown["line"].is_u64()
}

/// Returns what a script catches of an error of Rhai's own, or threw on of it.
pub(super) fn rhais(error: &EvalAltResult) -> Option<Value> {
    match error {
        EvalAltResult::ErrorTerminated(..) => None,
        EvalAltResult::ErrorRuntime(value, _) => {
            let is_map = value.is_map();
            let thrown = is_map.then(|| value::to_record(value).ok());
            thrown.flatten().filter(names_rhais)
        }
        own => Some(of_rhai(own)),
    }
}

/// An error of Rhai's own, as a map like AWS's errors with Rhai's name of it and its place.
fn of_rhai(error: &EvalAltResult) -> Value {
    let mut map = caught(&fault(error));
    let debug = format!("{error:?}");
    let (line, column) = (error.position().line(), error.position().position());
    map["error"] = debug.split('(').next().unwrap_or_default().into();
    map["line"] = line.into();
    map["position"] = column.into();
    map
}

/// Rhai's own words without its position, which is shown apart; ours where its are for Rust programmers.
fn plain(error: &EvalAltResult) -> String {
    match error {
        EvalAltResult::ErrorFunctionNotFound(signature, _) => no_function(signature),
        EvalAltResult::ErrorTooManyOperations(_) => {
            "the script does not end: it probably has an endless loop".into()
        }
        EvalAltResult::ErrorStackOverflow(_) => {
            "the calls are nested too deep: a function probably calls itself without end".into()
        }
        other => {
            let text = other.to_string();
            let end = text.rfind(" (line ").unwrap_or(text.len());
            lower(&text[..end])
        }
    }
}

/// A signature is a name and the types of the arguments, in Rust's words.
fn no_function(signature: &str) -> String {
    let (name, types) = signature.split_once(" (").unwrap_or((signature, ")"));
    let mut each = types.trim_end_matches(')').split(", ");
    if each.any(|one| one == secret_text::TYPE) {
        return format!("`{name}` cannot take a secret: {}", secret_text::USE);
    }
    let types = types
        .replace("&str | ImmutableString | String", "string")
        .replace("i64", "integer")
        .replace("f64", "number");
    format!("there is no function `{name}` for ({types}")
}

/// Returns an error of ours as scripts catch it.
pub fn error(code: &str, message: impl Into<String>) -> Box<EvalAltResult> {
    throw(&Fault::coded(code, message))
}

/// Returns a thrown error as scripts catch it.
#[must_use]
pub fn throw(fault: &Fault) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(
        value::to_script(&caught(fault)),
        Position::NONE,
    ))
}

/// Returns what a script catches of the failure: what was thrown, or a map.
#[must_use]
pub fn caught(fault: &Fault) -> Value {
    let thrown = fault.thrown.as_deref().cloned();
    thrown.unwrap_or_else(|| as_map(fault))
}

fn as_map(fault: &Fault) -> Value {
    let mut map = match &fault.details {
        Some(Value::Object(details)) => details.clone(),
        _ => serde_json::Map::new(),
    };
    map.insert("message".into(), fault.message.as_str().into());
    let named = [
        ("code", &fault.code),
        ("service", &fault.service),
        ("operation", &fault.operation),
        ("request_id", &fault.request_id),
    ];
    for (name, text) in named {
        map.insert(name.into(), text.as_deref().into());
    }
    Value::Object(map)
}
