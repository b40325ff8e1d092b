//! A model's waiters, as data.

use serde::Deserialize;
use serde_json::Value;

use crate::names::operation_name;

#[derive(Clone, Debug, PartialEq)]
pub struct Waiter {
    /// What to call, with the waiter's input.
    pub operation: String,
    /// Seconds between two attempts.
    pub delay: u64,
    pub max_attempts: u32,
    pub acceptors: Vec<Acceptor>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Acceptor {
    pub state: State,
    pub matcher: Matcher,
    pub expected: Value,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Success,
    Retry,
    Failure,
}

/// Paths are `JMESPath` over the reply with AWS's own names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matcher {
    Path(String),
    PathAll(String),
    PathAny(String),
    Status,
    Error,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawWaiter {
    operation: String,
    delay: u64,
    max_attempts: u32,
    acceptors: Vec<RawAcceptor>,
}

#[derive(Deserialize)]
struct RawAcceptor {
    state: State,
    matcher: String,
    #[serde(default)]
    argument: String,
    expected: Value,
}

impl From<RawWaiter> for Waiter {
    fn from(raw: RawWaiter) -> Self {
        Self {
            operation: operation_name(&raw.operation),
            delay: raw.delay,
            max_attempts: raw.max_attempts,
            acceptors: raw.acceptors.into_iter().map(Acceptor::from).collect(),
        }
    }
}

impl From<RawAcceptor> for Acceptor {
    fn from(raw: RawAcceptor) -> Self {
        let matcher = match raw.matcher.as_str() {
            "path" => Matcher::Path(raw.argument),
            "pathAll" => Matcher::PathAll(raw.argument),
            "pathAny" => Matcher::PathAny(raw.argument),
            "status" => Matcher::Status,
            _ => Matcher::Error,
        };
        Self {
            state: raw.state,
            matcher,
            expected: raw.expected,
        }
    }
}
