//! Takes secrets out of what comes back: the message of an error, a program's output, an answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::table::table;
use super::{END, START, shown};

/// From this length on a secret is found inside of words, too; a shorter one only where it stands alone, as `test` is
/// in many words.
const LONG: usize = 8;

/// A piece of a secret this long is worth to be taken off where an output was cut.
const PIECE: usize = 4;

/// A text by which a secret may come back.
pub(super) struct Form {
    pub(super) text: String,
    token: String,
}

/// Returns the secret as it is, as formats write it, and its lines, if it has several.
pub(super) fn forms(plaintext: &str, token: &str) -> Vec<Form> {
    let json = Value::from(plaintext).to_string();
    let xml = plaintext
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let percent: String = form_urlencoded::byte_serialize(plaintext.as_bytes()).collect();
    let lines = plaintext.lines().filter(|line| line.len() >= LONG);
    let mut texts = vec![
        plaintext.to_owned(),
        json[1..json.len() - 1].to_owned(),
        xml.replace('"', "&quot;"),
        xml,
        percent.replace('+', "%20"),
        percent,
        STANDARD.encode(plaintext),
    ];
    texts.extend(lines.map(str::to_owned));
    texts.sort_unstable();
    texts.dedup();
    let form = |text| Form {
        text,
        token: token.to_owned(),
    };
    texts.into_iter().map(form).collect()
}

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
