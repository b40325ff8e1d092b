//! What the tokens of this process stand for.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use serde_json::Value;

use super::error::SecretError;
use super::forms::{Form, forms};
use super::key;
use super::reference::Reference;
use super::token::{Part, is_in, is_within, parts, token};

#[derive(Default)]
pub(super) struct Table {
    plaintexts: HashMap<String, String>,
    /// What may come back, the longest first.
    pub(super) forms: Vec<Form>,
}

static TABLE: RwLock<Option<Table>> = RwLock::new(None);

/// Takes a secret that was read, and returns its token.
pub fn add(reference: &Reference, plaintext: &str) -> Result<String, SecretError> {
    let reference = reference.to_string();
    let token = token(&reference, &key::digest(plaintext)?);
    let mut table = TABLE.write().unwrap_or_else(PoisonError::into_inner);
    let table = table.get_or_insert_default();
    if table
        .plaintexts
        .insert(token.clone(), plaintext.to_owned())
        .is_none()
    {
        table.forms.extend(forms(plaintext, &token));
        table
            .forms
            .sort_by_key(|form| std::cmp::Reverse(form.text.len()));
    }
    Ok(token)
}

pub(super) fn table() -> RwLockReadGuard<'static, Option<Table>> {
    TABLE.read().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process has read what the token stands for.
#[must_use]
pub fn is_known(token: &str) -> bool {
    table()
        .as_ref()
        .is_some_and(|table| table.plaintexts.contains_key(token))
}

/// Returns the text with its secrets, for whoever sends it off.
pub fn reveal(text: &str) -> Result<String, SecretError> {
    let table = table();
    let plaintexts = table.as_ref().map(|table| &table.plaintexts);
    let revealed = parts(text).into_iter().map(|part| match part {
        Part::Plain(plain) => Ok(plain),
        Part::Damaged => Err(SecretError::Changed),
        Part::Token(token, reference) => plaintexts
            .and_then(|plaintexts| plaintexts.get(token))
            .map(String::as_str)
            .ok_or_else(|| SecretError::Unread(reference.to_owned())),
    });
    revealed.collect()
}

/// Returns the value with its secrets. None can be a member's name.
pub fn reveal_value(value: &Value) -> Result<Value, SecretError> {
    if !is_within(value) {
        return Ok(value.clone());
    }
    Ok(match value {
        Value::String(text) => Value::String(reveal(text)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(reveal_value).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let member = |(name, member): (&String, &Value)| {
                if is_in(name) {
                    return Err(SecretError::Changed);
                }
                Ok((name.clone(), reveal_value(member)?))
            };
            Value::Object(members.iter().map(member).collect::<Result<_, _>>()?)
        }
        other => other.clone(),
    })
}
