//! What can go wrong before and while the emulator runs.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use base::exit::Exit;
use base::report::Report;

#[derive(Debug, Error)]
pub enum RehearseError {
    #[error("`{program}` was not found, and the emulator needs Python 3.9 or newer")]
    PythonMissing { program: String },
    #[error("`{program}` is Python {version}, but the emulator needs 3.9 or newer")]
    PythonTooOld { program: String, version: String },
    #[error("`{program}` does not run as Python")]
    PythonBroken { program: String, lines: Vec<String> },
    #[error("`{program}` cannot make virtual environments")]
    VenvMissing { program: String, lines: Vec<String> },
    #[error("cannot {task}")]
    Pip {
        task: &'static str,
        lines: Vec<String>,
    },
    #[error("no cache directory: neither `XDG_CACHE_HOME` nor `HOME` is set")]
    NoCache,
    #[error("cannot use `{}`", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("the emulator did not start")]
    NotStarted { lines: Vec<String> },
    #[error("the emulator gave no usable answer to `{request}`: {detail}")]
    NoAnswer {
        request: String,
        detail: String,
        lines: Vec<String>,
    },
}

const OTHER_EMULATOR: &str =
    "or set `AWS_ENDPOINT_URL` to any other AWS emulator and use `runbook run`";

impl RehearseError {
    /// The last words of the program that failed.
    fn lines(&self) -> &[String] {
        match self {
            Self::PythonBroken { lines, .. }
            | Self::VenvMissing { lines, .. }
            | Self::Pip { lines, .. }
            | Self::NotStarted { lines }
            | Self::NoAnswer { lines, .. } => lines,
            Self::PythonMissing { .. }
            | Self::PythonTooOld { .. }
            | Self::NoCache
            | Self::Folder { .. } => &[],
        }
    }

    fn is_about_python(&self) -> bool {
        matches!(
            self,
            Self::PythonMissing { .. }
                | Self::PythonTooOld { .. }
                | Self::PythonBroken { .. }
                | Self::VenvMissing { .. }
        )
    }
}

impl From<RehearseError> for Report {
    fn from(error: RehearseError) -> Self {
        let mut report = Self::new(Exit::Usage, error.to_string());
        if let RehearseError::Folder { source, .. } = &error {
            report = report.cause(source.to_string());
        }
        for line in error.lines() {
            report = report.cause(line);
        }
        match &error {
            _ if error.is_about_python() => report
                .hint("apt-get install python3 python3-venv")
                .hint("dnf install python3")
                .hint("RUNBOOK_PYTHON=/path/to/python3 names another one")
                .hint(OTHER_EMULATOR),
            RehearseError::Pip { .. } => report
                .hint("the first rehearsal downloads packages: it needs a package index that `pip` reaches")
                .hint(OTHER_EMULATOR),
            _ => report,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_python_is_bad_usage_and_says_what_to_install() {
        let report = Report::from(RehearseError::PythonMissing {
            program: "python3".into(),
        });
        assert_eq!(report.exit, Exit::Usage);
        assert!(report.message.starts_with("`python3` was not found"));
        assert_eq!(
            report.hints[0].line(""),
            "apt-get install python3 python3-venv"
        );
        assert!(
            report
                .hints
                .iter()
                .any(|hint| hint.line("").contains("AWS_ENDPOINT_URL"))
        );
    }

    #[test]
    fn the_last_lines_of_pip_are_the_causes() {
        let lines = vec!["no route to host".to_owned()];
        let report = Report::from(RehearseError::Pip {
            task: "install the packages",
            lines: lines.clone(),
        });
        assert_eq!(report.message, "cannot install the packages");
        assert_eq!(report.causes, lines);
    }
}
