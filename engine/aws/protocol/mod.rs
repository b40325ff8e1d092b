//! The wire protocols: a call's input becomes an HTTP request, a reply's body becomes a value again.

mod json;
mod message;
mod query;
mod xml;

use serde_json::Value;

pub use crate::protocol::message::{CodecError, ErrorReply, Request, Response};
use models::{Operation, Protocol, Service};

/// Below this many bytes a body is not worth compressing; the size is the one that AWS's clients use.
const COMPRESS_FROM: usize = 10_240;

/// Builds the request for an operation from its checked input.
pub fn request(
    service: &Service,
    operation: &Operation,
    input: &Value,
) -> Result<Request, CodecError> {
    let mut request = match service.metadata.protocol {
        Protocol::Ec2 | Protocol::Query => query::request(service, operation, input)?,
        Protocol::Json => json::request(service, operation, input)?,
    };
    request.method.clone_from(&operation.method);
    request.path.clone_from(&operation.path);
    request.host_prefix = host_prefix(service, operation, input)?;
    if operation.gzip && request.body.len() >= COMPRESS_FROM {
        request.compress()?;
    }
    Ok(request)
}

/// Reads a successful reply, as it is on the wire: what the reply does not carry is absent.
pub fn reply(
    service: &Service,
    operation: &Operation,
    response: &Response,
) -> Result<Value, CodecError> {
    match service.metadata.protocol {
        Protocol::Ec2 | Protocol::Query => xml::reply(service, operation, response),
        Protocol::Json => json::reply(service, operation, response),
    }
}

/// Reads an error reply; `None` where it is not one of this protocol.
#[must_use]
pub fn error(service: &Service, response: &Response) -> Option<ErrorReply> {
    match service.metadata.protocol {
        Protocol::Ec2 | Protocol::Query => xml::error(service, response),
        Protocol::Json => json::error(service, response),
    }
}

/// Returns the id by which AWS's support finds the call.
#[must_use]
pub fn request_id(response: &Response) -> Option<String> {
    let header = ["x-amzn-requestid", "x-amz-request-id"]
        .iter()
        .find_map(|name| response.header(name));
    header
        .map(str::to_owned)
        .or_else(|| xml::request_id(&response.body))
}

fn host_prefix(
    service: &Service,
    operation: &Operation,
    input: &Value,
) -> Result<Option<String>, CodecError> {
    let Some(prefix) = &operation.host_prefix else {
        return Ok(None);
    };
    let mut host = prefix.clone();
    for field in service.input_fields(operation) {
        let mark = format!("{{{}}}", field.name);
        if !host.contains(&mark) {
            continue;
        }
        let label = input
            .get(&field.snake)
            .and_then(Value::as_str)
            .unwrap_or_default();
        if label.is_empty()
            || !label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        {
            return Err(CodecError::Request(format!(
                "`{}` cannot be part of a host name: `{label}`",
                field.snake
            )));
        }
        host = host.replace(&mark, label);
    }
    Ok(Some(host))
}
