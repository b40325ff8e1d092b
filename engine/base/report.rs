//! An error as a person reads it: what, where, why, and what to type next.

use crate::exit::Exit;
use crate::hint::Hint;

/// Every layer's errors end as one of these; only `ui` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub exit: Exit,
    /// Lowercase, the subject in backticks, expected against found.
    pub message: String,
    /// Outermost first.
    pub causes: Vec<String>,
    pub excerpt: Option<Excerpt>,
    pub hints: Vec<Hint>,
}

/// A place in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters; 0 where it is not known.
    pub column: usize,
    /// The source line.
    pub text: String,
    /// Innermost call first: `name, called at file:line`.
    pub stack: Vec<String>,
}

impl Report {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            causes: Vec::new(),
            excerpt: None,
            hints: Vec::new(),
        }
    }

    /// What a command tells and succeeds all the same is a warning.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.exit {
            Exit::Succeeded => "warning",
            _ => "error",
        }
    }

    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    #[must_use]
    pub fn with_causes(self, causes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        causes.into_iter().fold(self, Self::cause)
    }

    #[must_use]
    pub fn with_hints(self, hints: impl IntoIterator<Item = Hint>) -> Self {
        hints.into_iter().fold(self, Self::hint)
    }
}

/// What a command failed with; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reports(pub Vec<Report>);

impl Reports {
    /// The exit code of the first, as the others only add to it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.0.first().map_or(Exit::Failed, |report| report.exit)
    }
}

impl<E: Into<Report>> From<E> for Reports {
    fn from(error: E) -> Self {
        Self(vec![error.into()])
    }
}
