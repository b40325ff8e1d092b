//! What to do next.

use crate::command::Command;

/// A sentence, or a command that can be pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    Text(String),
    Command {
        /// What the command is for, where that needs saying.
        purpose: Option<String>,
        command: Command,
    },
}

impl Hint {
    pub fn to(purpose: impl Into<String>, command: Command) -> Self {
        Self::Command {
            purpose: Some(purpose.into()),
            command,
        }
    }

    #[must_use]
    pub fn command(&self) -> Option<&Command> {
        match self {
            Self::Text(_) => None,
            Self::Command { command, .. } => Some(command),
        }
    }

    /// Returns the hint where `program` calls this program.
    #[must_use]
    pub fn line(&self, program: &str) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Command {
                purpose: None,
                command,
            } => command.line(program),
            Self::Command {
                purpose: Some(purpose),
                command,
            } => format!("{purpose}: {}", command.line(program)),
        }
    }
}

impl From<Command> for Hint {
    fn from(command: Command) -> Self {
        Self::Command {
            purpose: None,
            command,
        }
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
