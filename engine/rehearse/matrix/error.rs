//! What keeps a matrix from being made; what a trial does wrong is a finding instead.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::RehearseError;
use crate::matrix::ended::Ended;
use crate::matrix::finding::{Finding, Kind};
use base::exit::Exit;
use base::report::Report;
use journal::JournalError;

#[derive(Debug, Error)]
pub enum MatrixError {
    #[error(transparent)]
    Emulator(#[from] RehearseError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("a rehearsed run cannot be started")]
    Process(#[source] io::Error),
    #[error("`{}`, which comes before it, fails", runbook.display())]
    Before { runbook: PathBuf, ended: Ended },
    #[error("the rehearsal fails although nothing disturbs it")]
    Undisturbed(Ended),
    #[error(
        "two rehearsals that nothing disturbed left different things: the runbook itself is not repeatable"
    )]
    NotRepeatable(Vec<Finding>),
    #[error("the runbook makes no requests to AWS: there is nothing that could go wrong")]
    NoRequests,
    #[error("the tick changes nothing there, so it has no journal to be killed at")]
    NoEntries,
    /// Ctrl-C: what was found so far still counts.
    #[error("interrupted")]
    Interrupted,
}

impl From<MatrixError> for Report {
    fn from(error: MatrixError) -> Self {
        let message = error.to_string();
        match error {
            MatrixError::Emulator(error) => error.into(),
            MatrixError::Journal(error) => error.into(),
            MatrixError::Process(source) => {
                Self::new(Exit::Failed, message).cause(source.to_string())
            }
            MatrixError::Before { ended, .. } | MatrixError::Undisturbed(ended) => {
                undisturbed(&ended, message)
            }
            MatrixError::NotRepeatable(findings) => not_repeatable(&findings, message),
            MatrixError::NoRequests => Self::new(Exit::Usage, message),
            MatrixError::NoEntries => Self::new(Exit::Usage, message)
                .hint("have each of its requests go wrong instead: `--faults`"),
            MatrixError::Interrupted => Self::new(Exit::Interrupted, message),
        }
    }
}

/// Exits as the run did, with what it said.
fn undisturbed(ended: &Ended, message: String) -> Report {
    let exit = ended.code.map_or(Exit::Failed, Exit::from_code);
    let said = ended
        .stderr
        .lines()
        .skip_while(|line| !line.starts_with("error:"));
    said.fold(Report::new(exit, message), |report, line| {
        report.cause(line.strip_prefix("error: ").unwrap_or(line).trim_end())
    })
}

fn not_repeatable(findings: &[Finding], message: String) -> Report {
    let report = Report::new(Exit::Failed, message);
    let report = findings.iter().fold(report, |report, finding| {
        report.cause(match finding.kind {
            Kind::Doubled | Kind::Leaked => format!("only after the second: {}", finding.what),
            Kind::Missing => format!("only after the first: {}", finding.what),
            Kind::Changed => finding.what.clone(),
        })
    });
    report.hint("what differs from run to run (`run::uuid()`, `run::random()`, the time) must not decide what is made")
}
