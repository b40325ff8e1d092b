//! Secrets: what may be sent, and never recorded or shown.
//!
//! A secret goes through the program as a *token*: where it comes from and a keyed digest, between two private-use
//! characters, in texts that are otherwise plain. Only this module knows what a token stands for. Whoever sends a text
//! off reveals it at the last moment; whatever comes back is scrubbed.

mod key;
mod reference;
mod scrub;
mod table;

use std::fmt::Write;

use serde_json::Value;

pub use key::{Keep, use_key};
pub use reference::{Kind, Reference};
pub use scrub::{scrub, scrub_cut, scrub_value};
pub use table::{add, is_known, reveal, reveal_value};

/// Around a token. They are from a plane that no font has icons in; what comes from outside loses them.
const START: char = '\u{10e000}';
const END: char = '\u{10e001}';

/// Between reference and digest.
const SEPARATOR: char = '#';

/// Why a text with a secret cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretError {
    /// Something else than joining was done with it.
    Changed,
    /// Nothing in this process has read it.
    Unread(String),
    /// The digests' key cannot be had.
    Key(String),
}

impl std::fmt::Display for SecretError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed => formatter.write_str(
                "the secret was changed in the script: a secret can only be joined with text",
            ),
            Self::Unread(reference) => {
                write!(formatter, "the secret `{reference}` has not been read")
            }
            Self::Key(problem) => formatter.write_str(problem),
        }
    }
}

/// Whether the text has a secret in it, whole or not.
#[must_use]
pub fn is_in(text: &str) -> bool {
    text.contains([START, END])
}

/// Whether a text or a name anywhere in the value has a secret in it.
#[must_use]
pub fn is_within(value: &Value) -> bool {
    match value {
        Value::String(text) => is_in(text),
        Value::Array(items) => items.iter().any(is_within),
        Value::Object(members) => members
            .iter()
            .any(|(name, member)| is_in(name) || is_within(member)),
        _ => false,
    }
}

/// Returns the token of a secret that is yet to be read.
#[must_use]
pub fn unread(reference: &Reference) -> String {
    token(&reference.to_string(), "")
}

fn token(reference: &str, digest: &str) -> String {
    format!("{START}{reference}{SEPARATOR}{digest}{END}")
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Plain(&'a str),
    /// With its marks, and the reference in it.
    Token(&'a str, &'a str),
    /// A piece of a token.
    Damaged,
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find([START, END]) {
        parts.push(Part::Plain(&rest[..at]));
        let found = &rest[at..];
        let body = found.strip_prefix(START);
        let end = body.and_then(|body| body.find([START, END]));
        let whole = body
            .zip(end)
            .filter(|(body, end)| body[*end..].starts_with(END))
            .and_then(|(body, end)| body[..end].rsplit_once(SEPARATOR));
        let length = match (whole, end) {
            (Some((reference, digest)), _) => {
                let length = 2 * START.len_utf8() + reference.len() + 1 + digest.len();
                parts.push(Part::Token(&found[..length], reference));
                length
            }
            (None, Some(end)) => {
                parts.push(Part::Damaged);
                START.len_utf8() + end
            }
            (None, None) => {
                parts.push(Part::Damaged);
                START.len_utf8()
            }
        };
        rest = &found[length..];
    }
    parts.push(Part::Plain(rest));
    parts
}

/// Returns the tokens in the texts of a value, each with its reference.
#[must_use]
pub fn tokens(value: &Value) -> Vec<(String, String)> {
    let found = crate::texts::texts(value).flat_map(parts);
    found
        .filter_map(|part| match part {
            Part::Token(token, reference) => Some((token.to_owned(), reference.to_owned())),
            _ => None,
        })
        .collect()
}

/// Returns the text as a person or another program may see it: `(secret env:DB_PASSWORD)`.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Plain(plain) => shown.push_str(plain),
            Part::Token(_, reference) => {
                // Writing to a string cannot fail.
                let _ = write!(shown, "(secret {reference})");
            }
            Part::Damaged => shown.push_str("(part of a secret)"),
        }
    }
    shown
}

/// Returns the value with its texts as a person may see them.
#[must_use]
pub fn shown_value(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(shown(text)),
        Value::Array(items) => items.iter().map(shown_value).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (shown(name), shown_value(member)))
            .collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
