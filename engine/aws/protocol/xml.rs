//! Replies of the XML protocols: `query` and EC2's dialect.

use roxmltree::{Document, Node};
use serde_json::{Map, Number, Value};

use crate::protocol::message::{CodecError, ErrorReply, Response};
use models::{Field, Kind, Operation, Protocol, Reference, Service};

pub(super) fn reply(
    service: &Service,
    operation: &Operation,
    response: &Response,
) -> Result<Value, CodecError> {
    let fields = service.output_fields(operation);
    if fields.is_empty() && response.body.trim_ascii().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let text = std::str::from_utf8(&response.body).map_err(unreadable)?;
    let document = Document::parse(text).map_err(unreadable)?;
    let root = document.root_element();
    // A web page from something in between is well-formed too.
    if !root.tag_name().name().ends_with("Response") {
        return Err(CodecError::Reply(format!(
            "the root element is `{}`",
            root.tag_name().name()
        )));
    }
    structure(service, fields, wrapped(service, operation, root)?)
}

pub(super) fn error(service: &Service, response: &Response) -> Option<ErrorReply> {
    let text = std::str::from_utf8(&response.body).ok()?;
    let document = Document::parse(text).ok()?;
    let error = document
        .descendants()
        .find(|node| node.tag_name().name() == "Error")?;
    let code = text_of(child(error, "Code")?);
    let fields = service.error(&code).map(|id| service.shape(id).fields());
    let detail = fields.and_then(|fields| structure(service, fields, error).ok());
    Some(ErrorReply {
        code,
        message: child(error, "Message").map(text_of).unwrap_or_default(),
        request_id: find_request_id(&document),
        detail: detail.unwrap_or_else(|| Value::Object(Map::new())),
    })
}

pub(super) fn request_id(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    find_request_id(&Document::parse(text).ok()?)
}

/// It is `RequestId`, `requestId` or `RequestID`, in the root or in `ResponseMetadata`.
fn find_request_id(document: &Document) -> Option<String> {
    let root = document.root_element();
    let mut near = elements(root).chain(
        child(root, "ResponseMetadata")
            .into_iter()
            .flat_map(elements),
    );
    near.find(|node| node.tag_name().name().eq_ignore_ascii_case("requestid"))
        .map(text_of)
}

/// The query protocol puts the output into an element of its own.
fn wrapped<'a, 'b>(
    service: &Service,
    operation: &Operation,
    root: Node<'a, 'b>,
) -> Result<Node<'a, 'b>, CodecError> {
    if service.metadata.protocol != Protocol::Query || operation.output.is_none() {
        return Ok(root);
    }
    let name = operation.result_wrapper.clone();
    let name = name.unwrap_or_else(|| format!("{}Result", operation.name));
    match child(root, &name) {
        Some(result) => Ok(result),
        None if service.output_fields(operation).is_empty() => Ok(root),
        None => Err(CodecError::Reply(format!("the body has no `{name}`"))),
    }
}

fn structure(service: &Service, fields: &[Field], node: Node) -> Result<Value, CodecError> {
    let mut map = Map::new();
    for field in fields {
        if let Some(value) = member(service, field, node)? {
            map.insert(field.snake.clone(), value);
        }
    }
    Ok(Value::Object(map))
}

fn member(service: &Service, field: &Field, parent: Node) -> Result<Option<Value>, CodecError> {
    let name = field.to.location_name.as_deref().unwrap_or(&field.name);
    if field.to.xml_attribute {
        return Ok(attribute(parent, name).map(|value| Value::String(value.to_owned())));
    }
    let mut nodes = named(parent, name);
    if let (Kind::List(item), true, true) = (
        &service.shape(field.to.shape).kind,
        field.to.flattened,
        nodes.is_empty(),
    ) {
        nodes = item
            .location_name
            .as_deref()
            .map_or_else(Vec::new, |name| named(parent, name));
    }
    let Some(first) = nodes.first() else {
        return Ok(None);
    };
    match (&service.shape(field.to.shape).kind, field.to.flattened) {
        (Kind::List(item), true) => list(service, item, nodes.iter().copied()).map(Some),
        (Kind::Map { key, value }, true) => {
            map(service, key, value, nodes.iter().copied()).map(Some)
        }
        _ => read(service, &field.to, *first).map(Some),
    }
}

fn read(service: &Service, reference: &Reference, node: Node) -> Result<Value, CodecError> {
    match &service.shape(reference.shape).kind {
        Kind::Structure(fields) => structure(service, fields, node),
        Kind::List(item) => list(service, item, elements(node)),
        Kind::Map { key, value } => map(service, key, value, elements(node)),
        kind => scalar(kind, text_of(node)),
    }
}

fn list<'a, 'b: 'a>(
    service: &Service,
    item: &Reference,
    nodes: impl Iterator<Item = Node<'a, 'b>>,
) -> Result<Value, CodecError> {
    nodes
        .map(|node| read(service, item, node))
        .collect::<Result<_, _>>()
        .map(Value::Array)
}

fn map<'a, 'b: 'a>(
    service: &Service,
    key: &Reference,
    value: &Reference,
    entries: impl Iterator<Item = Node<'a, 'b>>,
) -> Result<Value, CodecError> {
    let mut map = Map::new();
    for entry in entries {
        let key = child(entry, key.location_name.as_deref().unwrap_or("key"));
        let item = child(entry, value.location_name.as_deref().unwrap_or("value"));
        let (Some(key), Some(item)) = (key, item) else {
            return Err(CodecError::Reply("an entry has no key or value".to_owned()));
        };
        map.insert(text_of(key), read(service, value, item)?);
    }
    Ok(Value::Object(map))
}

fn scalar(kind: &Kind, text: String) -> Result<Value, CodecError> {
    let value = match kind {
        Kind::Integer => text.trim().parse::<i64>().ok().map(Value::from),
        Kind::Float => float(text.trim()),
        // Some servers capitalise it.
        Kind::Boolean => text
            .trim()
            .to_ascii_lowercase()
            .parse()
            .ok()
            .map(Value::Bool),
        Kind::Timestamp => models::time::parse_any(&Value::String(text.clone()))
            .map(|time| Value::String(time.to_string())),
        Kind::Blob => Some(Value::String(text.trim().to_owned())),
        _ => return Ok(Value::String(text)),
    };
    value.ok_or_else(|| CodecError::Reply(format!("`{text}` is not {}", kind.noun())))
}

/// JSON has no number for `NaN` and the infinities; they stay strings.
fn float(text: &str) -> Option<Value> {
    match text {
        "NaN" | "Infinity" | "-Infinity" => Some(Value::String(text.to_owned())),
        _ => text
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::Number),
    }
}

fn elements<'a, 'b: 'a>(node: Node<'a, 'b>) -> impl Iterator<Item = Node<'a, 'b>> {
    node.children().filter(Node::is_element)
}

fn named<'a, 'b: 'a>(node: Node<'a, 'b>, name: &str) -> Vec<Node<'a, 'b>> {
    elements(node)
        .filter(|child| child.tag_name().name() == name)
        .collect()
}

fn child<'a, 'b: 'a>(node: Node<'a, 'b>, name: &str) -> Option<Node<'a, 'b>> {
    elements(node).find(|child| child.tag_name().name() == name)
}

/// The model writes an attribute with its usual prefix; the document may use another.
fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let local = name.rsplit(':').next()?;
    node.attributes()
        .find(|attribute| attribute.name() == local)
        .map(|attribute| attribute.value())
}

/// Text may be split by comments.
fn text_of(node: Node) -> String {
    node.children()
        .filter(Node::is_text)
        .filter_map(|text| text.text())
        .collect()
}

fn unreadable(error: impl std::fmt::Display) -> CodecError {
    CodecError::Reply(error.to_string())
}
