//! What a source is called, and a source made of a text.

use crate::library_error::RUNBOOK;
use base::source::Source;

/// Returns the name that a module is imported as: `tags` of `lib/tags`.
#[must_use]
pub fn alias(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Returns the name of the step that a called runbook is: `other` of `lib/other.rhai`.
#[must_use]
pub fn step_of(path: &str) -> &str {
    path.strip_suffix(RUNBOOK).map_or(path, alias)
}

pub(super) fn source(name: &str, file: Option<String>, text: String) -> Source {
    let sha256 = base::digest::sha256(text.as_bytes());
    Source {
        name: name.into(),
        file,
        sha256,
        text,
    }
}
