//! The texts by which a secret may come back: as it is, and as formats write it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// From this length on a secret is found inside of words, too; a shorter one only where it stands alone, as `test` is
/// in many words.
pub(super) const LONG: usize = 8;

/// A text by which a secret may come back.
pub(super) struct Form {
    pub(super) text: String,
    pub(super) token: String,
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
