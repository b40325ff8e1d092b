//! Secrets of a run: read when a script asks for one, and again on a resume.

use serde_json::Value;

use super::conductor::Conductor;
use base::secret::{self, Reference};
use script::api::secret::unreadable;
use script::host::Scripted;

impl Conductor {
    pub(super) fn read_secret(&self, reference: &Reference) -> Scripted<String> {
        self.control.gate()?;
        read(reference).map_err(|problem| unreadable(&problem))
    }
}

fn read(reference: &Reference) -> Result<String, String> {
    let plaintext = reference.read()?;
    secret::add(reference, &plaintext).map_err(|error| error.to_string())
}

/// Returns what cannot be read of the secrets in parameters.
pub(super) fn problems(params: &Value) -> Vec<String> {
    let found = secret::tokens(params).into_iter();
    let references = found.filter_map(|(_, reference)| Reference::of_token(&reference));
    references
        .filter_map(|reference| reference.read().err())
        .collect()
}

/// Returns parameters with the secrets in them read.
pub(super) fn read_all(params: &Value) -> Scripted<Value> {
    let mut text = params.clone();
    for (token, reference) in secret::tokens(params) {
        let reference = Reference::of_token(&reference);
        let read =
            reference.map_or_else(|| Err("the secret is unknown".to_owned()), |it| read(&it));
        replace(
            &mut text,
            &token,
            &read.map_err(|problem| unreadable(&problem))?,
        );
    }
    Ok(text)
}

fn replace(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) => *text = text.replace(old, new),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, old, new)),
        Value::Object(members) => members
            .iter_mut()
            .for_each(|(_, member)| replace(member, old, new)),
        _ => {}
    }
}

/// Reads again what a call's input has from a record of an earlier process. It has to be what it was.
pub(super) fn recall(input: &Value) -> Scripted<()> {
    let unknown = secret::tokens(input).into_iter();
    for (token, text) in unknown.filter(|(token, _)| !secret::is_known(token)) {
        let Some(reference) = Reference::of_token(&text) else {
            continue;
        };
        let now = read(&reference).map_err(|problem| unreadable(&problem))?;
        if now != token {
            return Err(unreadable(&changed(&text)));
        }
    }
    Ok(())
}

/// Returns what is said of a secret that is not the recorded one.
pub(super) fn changed(reference: &str) -> String {
    format!("the secret `{reference}` has another value than when the run started")
}

/// Returns the references of the secrets that differ between two inputs.
pub(super) fn differing(recorded: &Value, asked: &Value) -> Vec<String> {
    let before = secret::tokens(recorded);
    let is_other = |(token, reference): &(String, String)| {
        before.iter().any(|(_, known)| known == reference)
            && before.iter().all(|(known, _)| known != token)
    };
    let now = secret::tokens(asked).into_iter();
    let mut differing: Vec<String> = now.filter(is_other).map(|(_, name)| name).collect();
    differing.dedup();
    differing
}
