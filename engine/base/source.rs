//! What a script and its record both name: source files, places in them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A script file as the run uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// `build.rhai` for the runbook itself, the import path for a module.
    pub name: String,
    /// The file it was read from; `None` for the copy built into the binary.
    pub file: Option<String>,
    pub sha256: String,
    pub text: String,
}

/// Where in the pinned sources a call stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The name of the source, as in `Source`.
    pub module: String,
    pub line: usize,
    pub column: usize,
    /// Of that source: lines of another text say nothing.
    pub sha256: String,
}

impl Place {
    /// Returns both places if the script now calls from another one than the recorded; lines of an edited source say
    /// nothing.
    #[must_use]
    pub fn moved(recorded: Option<&Self>, asked: Option<&Self>) -> Option<Box<(Self, Self)>> {
        let (recorded, asked) = recorded.zip(asked)?;
        let moved =
            recorded.module == asked.module && recorded.sha256 == asked.sha256 && recorded != asked;
        moved.then(|| Box::new((recorded.clone(), asked.clone())))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.module, self.line, self.column)
    }
}
