//! A command to type, as data: only what prints it knows how this program was called.

use std::fmt::Display;

use crate::shell::quoted;

/// The option that says where runs are.
pub const STATE_DIR: &str = "--state-dir DIR";

/// A line for a shell, which may end with a call of this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    shell: String,
    /// Verb and arguments, as a shell takes them.
    call: Option<String>,
}

impl Command {
    /// Returns a line of other programs.
    pub fn shell(line: impl Into<String>) -> Self {
        Self {
            shell: line.into(),
            call: None,
        }
    }

    /// Returns a call of this program. Words that stand for something (`TEXT`) may be among its arguments.
    pub fn runbook(words: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let words = words.into_iter();
        let words: Vec<_> = words.map(|word| quoted(word.as_ref())).collect();
        Self {
            shell: String::new(),
            call: Some(words.join(" ")),
        }
    }

    fn verb(verb: &str, run: impl Display) -> Self {
        Self::runbook([verb, &run.to_string()])
    }

    #[must_use]
    pub fn version() -> Self {
        Self::runbook(["--version"])
    }

    #[must_use]
    pub fn list() -> Self {
        Self::runbook(["list"])
    }

    pub fn show(run: impl Display) -> Self {
        Self::verb("show", run)
    }

    pub fn logs(run: impl Display) -> Self {
        Self::verb("logs", run)
    }

    /// Shows what a live run does.
    pub fn follow(run: impl Display) -> Self {
        Self::runbook(["logs", "-f", &run.to_string()])
    }

    pub fn resume(run: impl Display) -> Self {
        Self::verb("resume", run)
    }

    pub fn cancel(run: impl Display) -> Self {
        Self::verb("cancel", run)
    }

    pub fn undo(run: impl Display) -> Self {
        Self::verb("undo", run)
    }

    pub fn rewind(run: impl Display, key: &str) -> Self {
        Self::verb("rewind", run).and(["--to", key])
    }

    pub fn approve(run: impl Display, key: Option<&str>) -> Self {
        Self::verb("approve", run).and(key)
    }

    pub fn resolve(run: impl Display, key: &str) -> Self {
        Self::verb("resolve", run).and([key])
    }

    /// Adds arguments.
    #[must_use]
    pub fn and<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        let line = self.call.as_mut().unwrap_or(&mut self.shell);
        for word in words {
            line.push(' ');
            line.push_str(&quoted(word));
        }
        self
    }

    /// Puts what a shell is to do with the call before it, such as `NAME=value`.
    #[must_use]
    pub fn within(self, shell: impl Into<String>) -> Self {
        Self {
            shell: shell.into(),
            ..self
        }
    }

    /// Returns the command as it is typed where `program` calls this program.
    #[must_use]
    pub fn line(&self, program: &str) -> String {
        match &self.call {
            None => self.shell.clone(),
            Some(call) if self.shell.is_empty() => format!("{program} {call}"),
            Some(call) => format!("{} {program} {call}", self.shell),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn a_call_is_typed_as_the_program_was_called() {
        let program = "runbook --state-dir 'a b'";
        let resume = Command::resume("r");
        assert_eq!(resume.line(program), "runbook --state-dir 'a b' resume r");
        assert_eq!(
            resume.within("A=b").line(program),
            "A=b runbook --state-dir 'a b' resume r"
        );
        assert_eq!(Command::shell("df -h /").line(program), "df -h /");
    }

    #[test]
    fn an_argument_is_one_word_to_a_shell() {
        let resolve = Command::resolve("r", "make it/x.y").and(["--why", "TEXT"]);
        assert_eq!(
            resolve.line("runbook"),
            "runbook resolve r 'make it/x.y' --why TEXT"
        );
    }
}
