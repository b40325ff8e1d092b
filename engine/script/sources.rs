//! The sources of one run: the runbook first, then its modules.

use std::sync::{Arc, OnceLock};

use crate::program::Program;
use base::source::Source;

/// The sources of one run: the runbook first, then its modules.
#[derive(Clone, Debug)]
pub struct Library {
    pub(super) sources: Vec<Source>,
    pub(super) program: Arc<OnceLock<Program>>,
}

impl Library {
    /// Returns the sources that a run pinned.
    #[must_use]
    pub fn pinned(sources: &[Source]) -> Self {
        Self {
            sources: sources.to_vec(),
            program: Arc::default(),
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

    /// Returns the sources as they are compiled, which happens once.
    #[must_use]
    pub fn program(&self) -> &Program {
        self.program.get_or_init(|| Program::compile(&self.sources))
    }
}
