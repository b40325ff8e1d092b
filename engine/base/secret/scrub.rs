//! Takes secrets out of what comes back: the message of an error, a program's output, an answer.

use serde_json::Value;

use super::forms::{Form, LONG};
use super::table::{Table, table};
use super::token::{END, START, shown};

/// A piece of a secret this long is worth to be taken off where an output was cut.
const PIECE: usize = 4;

/// Returns a text from outside with each known secret as a person may see it.
#[must_use]
pub fn scrub(text: &str) -> String {
    let table = table();
    scrubbed(text, known(table.as_ref()))
}

fn known(table: Option<&Table>) -> &[Form] {
    table.map_or(&[], |table| &table.forms)
}

fn scrubbed(text: &str, forms: &[Form]) -> String {
    let mut text = text.replace([START, END], "\u{fffd}");
    for form in forms {
        if text.contains(&form.text) {
            text = replaced(&text, &form.text, &shown(&form.token));
        }
    }
    text
}

/// The same of a text that was cut: the beginning of a secret at its end goes, too.
#[must_use]
pub fn scrub_cut(text: &str) -> String {
    let table = table();
    let forms = known(table.as_ref());
    let mut text = scrubbed(text, forms);
    let longest = forms.first().map_or(0, |form| form.text.len());
    let starts = text.char_indices().map(|(start, _)| start);
    let begun = starts.take_while(|start| start + PIECE <= text.len());
    let mut begun = begun.filter(|start| text.len() - start <= longest);
    let is_begun = |start: &usize| {
        forms
            .iter()
            .any(|form| form.text.starts_with(&text[*start..]))
    };
    if let Some(start) = begun.find(is_begun) {
        text.truncate(start);
    }
    text
}

/// Scrubs the texts of a reply. A text that is a secret as a whole becomes its token, and so goes on being one.
pub fn scrub_value(value: &mut Value) {
    let table = table();
    scrub_within(value, known(table.as_ref()));
}

fn scrub_within(value: &mut Value, forms: &[Form]) {
    match value {
        Value::String(text) => {
            let whole = forms.iter().find(|form| form.text == *text);
            *text = whole.map_or_else(|| scrubbed(text, forms), |form| form.token.clone());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| scrub_within(item, forms)),
        Value::Object(members) => {
            let before = std::mem::take(members).into_iter();
            *members = before
                .map(|(name, mut member)| {
                    scrub_within(&mut member, forms);
                    (scrubbed(&name, forms), member)
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
