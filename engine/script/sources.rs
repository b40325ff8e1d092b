//! The sources of one run: the runbook first, then its modules.

use crate::library_error::RUNBOOK;
use base::source::Source;

/// The sources of one run: the runbook first, then its modules.
#[derive(Clone, Debug, PartialEq)]
pub struct Library {
    pub(super) sources: Vec<Source>,
}

impl Library {
    /// Returns the sources that a run pinned.
    #[must_use]
    pub fn pinned(sources: &[Source]) -> Self {
        Self {
            sources: sources.to_vec(),
        }
    }

    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    #[must_use]
    pub fn main(&self) -> &Source {
        &self.sources[0]
    }

    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == name)
    }

    /// Returns the runbook and those that it calls.
    pub fn runbooks(&self) -> impl Iterator<Item = &Source> {
        let mut first = true;
        self.sources
            .iter()
            .filter(move |source| std::mem::take(&mut first) || source.name.ends_with(RUNBOOK))
    }
}

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
