//! The `json` protocols, 1.0 and 1.1.

use serde_json::{Map, Value};

use crate::protocol::message::{CodecError, ErrorReply, Request, Response};
use crate::protocol::request_id;
use models::{Field, Kind, Operation, Reference, Service, TimeFormat};

pub(super) fn request(
    service: &Service,
    operation: &Operation,
    input: &Value,
) -> Result<Request, CodecError> {
    let metadata = &service.metadata;
    let body = match &operation.input {
        Some(reference) => to_wire(service, reference, input)?,
        None => Value::Object(Map::new()),
    };
    let mut headers = vec![
        (
            "Content-Type".to_owned(),
            format!("application/x-amz-json-{}", metadata.json_version),
        ),
        (
            "X-Amz-Target".to_owned(),
            format!("{}.{}", metadata.target_prefix, operation.name),
        ),
    ];
    if metadata.query_compatible {
        headers.push(("x-amzn-query-mode".to_owned(), "true".to_owned()));
    }
    Ok(Request {
        headers,
        body: body.to_string().into_bytes(),
        ..Request::default()
    })
}

pub(super) fn reply(
    service: &Service,
    operation: &Operation,
    response: &Response,
) -> Result<Value, CodecError> {
    let body = response.body.trim_ascii();
    let Some(output) = operation.output.as_ref().filter(|_| !body.is_empty()) else {
        // AWS leaves the body out only where there is nothing to say.
        return if service.output_fields(operation).is_empty() {
            Ok(Value::Object(Map::new()))
        } else {
            Err(CodecError::Reply("the body is empty".to_owned()))
        };
    };
    let value: Value =
        serde_json::from_slice(body).map_err(|error| CodecError::Reply(error.to_string()))?;
    from_wire(service, output, value)
        .ok_or_else(|| CodecError::Reply("the body is not what the model describes".to_owned()))
}

pub(super) fn error(service: &Service, response: &Response) -> Option<ErrorReply> {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let shape = response
        .header("x-amzn-errortype")
        .or_else(|| text("__type"))
        .or_else(|| text("code"))?;
    let shape = shape_name(shape);
    let former = response
        .header("x-amzn-query-error")
        .and_then(|error| error.split(';').next());
    let code = former.filter(|code| !code.is_empty()).unwrap_or(shape);
    let detail = service.error(shape).and_then(|id| {
        structure(
            service,
            service.shape(id).fields(),
            body.as_object()?.clone(),
        )
    });
    Some(ErrorReply {
        code: code.to_owned(),
        message: text("message")
            .or_else(|| text("Message"))
            .unwrap_or_default()
            .to_owned(),
        request_id: request_id(response),
        detail: detail.unwrap_or_else(|| Value::Object(Map::new())),
    })
}

/// `com.amazonaws.x#FooError:http://…` is `FooError`.
fn shape_name(kind: &str) -> &str {
    let kind = kind.split(':').next().unwrap_or(kind);
    kind.rsplit('#').next().unwrap_or(kind)
}

fn wire_name(field: &Field) -> &str {
    field.to.location_name.as_deref().unwrap_or(&field.name)
}

fn to_wire(service: &Service, reference: &Reference, value: &Value) -> Result<Value, CodecError> {
    let kind = &service.shape(reference.shape).kind;
    Ok(match (kind, value) {
        (Kind::Structure(fields), Value::Object(map)) => {
            let mut wire = Map::new();
            for field in fields {
                if let Some(value) = map.get(&field.snake).filter(|value| !value.is_null()) {
                    wire.insert(
                        wire_name(field).to_owned(),
                        to_wire(service, &field.to, value)?,
                    );
                }
            }
            Value::Object(wire)
        }
        (Kind::List(item), Value::Array(items)) => Value::Array(
            items
                .iter()
                .map(|value| to_wire(service, item, value))
                .collect::<Result<_, _>>()?,
        ),
        (Kind::Map { value: item, .. }, Value::Object(map)) => {
            let entries = map
                .iter()
                .map(|(key, value)| Ok((key.clone(), to_wire(service, item, value)?)));
            Value::Object(entries.collect::<Result<_, _>>()?)
        }
        (Kind::Timestamp, value) if !value.is_null() => {
            models::time::write(value, reference.time_format, TimeFormat::Epoch)
                .ok_or_else(|| CodecError::Request(format!("`{value}` is not a timestamp")))?
        }
        (_, value) => value.clone(),
    })
}

/// Returns `None` for a value that is not of its shape's kind; an unknown field is passed over.
fn from_wire(service: &Service, reference: &Reference, value: Value) -> Option<Value> {
    Some(match (&service.shape(reference.shape).kind, value) {
        (_, Value::Null) => Value::Null,
        (Kind::Structure(fields), Value::Object(map)) => structure(service, fields, map)?,
        (Kind::List(item), Value::Array(items)) => Value::Array(
            items
                .into_iter()
                .map(|value| from_wire(service, item, value))
                .collect::<Option<_>>()?,
        ),
        (Kind::Map { value: item, .. }, Value::Object(map)) => {
            let entries = map
                .into_iter()
                .map(|(key, value)| Some((key, from_wire(service, item, value)?)));
            Value::Object(entries.collect::<Option<_>>()?)
        }
        (Kind::Structure(_) | Kind::List(_) | Kind::Map { .. }, _) => return None,
        (Kind::Timestamp, value) => Value::String(models::time::parse_any(&value)?.to_string()),
        (_, value) => value,
    })
}

fn structure(service: &Service, fields: &[Field], mut map: Map<String, Value>) -> Option<Value> {
    let mut out = Map::new();
    for field in fields {
        match map.remove(wire_name(field)) {
            None | Some(Value::Null) => {}
            Some(value) => {
                out.insert(field.snake.clone(), from_wire(service, &field.to, value)?);
            }
        }
    }
    Some(Value::Object(out))
}
