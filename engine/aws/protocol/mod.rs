//! The wire protocols: a call's input becomes an HTTP request, a reply's body becomes a value again.

mod json;
mod query;
mod xml;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use thiserror::Error;

use models::{Operation, Protocol, Service};

/// Below this many bytes a body is not worth compressing; the size is the one that AWS's clients use.
const COMPRESS_FROM: usize = 10_240;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Goes before the endpoint's host.
    pub host_prefix: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What a service says went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorReply {
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
    /// The error's own fields, where the model knows them.
    pub detail: Value,
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CodecError {
    #[error("the request cannot be built: {0}")]
    Request(String),
    #[error("the reply cannot be read: {0}")]
    Reply(String),
}

impl Request {
    /// Returns the address to send it to; `endpoint` may have a path of its own.
    pub fn url(&self, endpoint: &str) -> Result<String, CodecError> {
        let endpoint = endpoint.trim_end_matches('/');
        let (scheme, host) = endpoint.split_once("://").ok_or_else(|| {
            CodecError::Request(format!("the endpoint `{endpoint}` is not a URL"))
        })?;
        Ok(format!(
            "{scheme}://{}{host}{}",
            self.host_prefix.as_deref().unwrap_or_default(),
            self.path
        ))
    }

    fn compress(&mut self) -> Result<(), CodecError> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let packed = encoder
            .write_all(&self.body)
            .and_then(|()| encoder.finish());
        self.body = packed.map_err(|error| CodecError::Request(error.to_string()))?;
        self.headers
            .push(("Content-Encoding".to_owned(), "gzip".to_owned()));
        Ok(())
    }
}

impl Response {
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

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
