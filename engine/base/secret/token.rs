//! Tokens in texts.

use std::fmt::Write;

use serde_json::Value;

/// Around a token. They are from a plane that no font has icons in; what comes from outside loses them.
pub(super) const START: char = '\u{10e000}';
pub(super) const END: char = '\u{10e001}';

/// Between reference and digest.
pub(super) const SEPARATOR: char = '#';

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

pub(super) fn token(reference: &str, digest: &str) -> String {
    format!("{START}{reference}{SEPARATOR}{digest}{END}")
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Plain(&'a str),
    /// With its marks, and the reference in it.
    Token(&'a str, &'a str),
    /// A piece of a token.
    Damaged,
}

pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
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
