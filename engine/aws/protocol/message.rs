//! Requests, replies and errors, as they are on the wire.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use thiserror::Error;

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

    pub(super) fn compress(&mut self) -> Result<(), CodecError> {
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
