//! Takes secrets out of what comes back: the message of an error, a program's output, an answer.

use serde_json::Value;

use super::forms::LONG;
use super::table::table;
use super::token::{END, START, shown};

/// A piece of a secret this long is worth to be taken off where an output was cut.
const PIECE: usize = 4;

/// Returns a text from outside with each known secret as a person may see it.
#[must_use]
pub fn scrub(text: &str) -> String {
    let table = table();
    let mut text = text.replace([START, END], "\u{fffd}");
    for form in table.iter().flat_map(|table| &table.forms) {
        if text.contains(&form.text) {
            text = replaced(&text, &form.text, &shown(&form.token));
        }
    }
    text
}

/// The same of a text that was cut: the beginning of a secret at its end goes, too.
#[must_use]
pub fn scrub_cut(text: &str) -> String {
    let mut text = scrub(text);
    let table = table();
    let is_begun = |start: usize| {
        let end = &text[start..];
        let mut forms = table.iter().flat_map(|table| &table.forms);
        forms.any(|form| form.text.starts_with(end))
    };
    let starts = text.char_indices().map(|(start, _)| start);
    let begun = starts.take_while(|start| start + PIECE <= text.len());
    let longest = table
        .iter()
        .flat_map(|table| &table.forms)
        .map(|form| form.text.len())
        .next()
        .unwrap_or_default();
    let mut near = begun.filter(|start| text.len() - start <= longest);
    if let Some(start) = near.find(|start| is_begun(*start)) {
        text.truncate(start);
    }
    text
}

/// Scrubs the texts of a reply. A text that is a secret as a whole becomes its token, and so goes on being one.
pub fn scrub_value(value: &mut Value) {
    match value {
        Value::String(text) => {
            let whole = table()
                .iter()
                .flat_map(|table| &table.forms)
                .find_map(|form| (form.text == *text).then(|| form.token.clone()));
            *text = whole.unwrap_or_else(|| scrub(text));
        }
        Value::Array(items) => items.iter_mut().for_each(scrub_value),
        Value::Object(members) => {
            let scrubbed = std::mem::take(members).into_iter();
            *members = scrubbed
                .map(|(name, mut member)| {
                    scrub_value(&mut member);
                    (scrub(&name), member)
                })
                .collect();
        }
        _ => {}
    }
}

fn replaced(text: &str, secret: &str, shown: &str) -> String {
    if secret.len() >= LONG {
        return text.replace(secret, shown);
    }
    let (mut replaced, mut rest) = (String::with_capacity(text.len()), text);
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    while let Some(at) = rest.find(secret) {
        let (before, after) = (&rest[..at], &rest[at + secret.len()..]);
        let last = before.chars().next_back().or(replaced.chars().next_back());
        let is_alone = !last.is_some_and(is_word) && !after.starts_with(is_word);
        replaced.push_str(before);
        replaced.push_str(if is_alone { shown } else { secret });
        rest = after;
    }
    replaced + rest
}
