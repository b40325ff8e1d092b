//! Asks a program of the system.

use std::io::ErrorKind;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use base::clock;

const TIME: Duration = Duration::from_secs(2);

/// Where such programs are, though cron does not look there.
const ELSEWHERE: &str = "/usr/sbin:/sbin:/usr/local/sbin";

/// What came of asking.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Output {
    Said(String),
    Failed(String),
    Absent,
}

pub(super) async fn run(program: &str, arguments: &[&str]) -> Output {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("PATH", format!("{path}:{ELSEWHERE}"))
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    match clock::timeout(TIME, command.output()).await {
        Ok(Ok(output)) if output.status.success() => {
            Output::Said(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(Ok(output)) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let line = said.lines().next().unwrap_or("it failed").trim();
            Output::Failed(format!("`{program}`: {line}"))
        }
        Ok(Err(error)) if error.kind() == ErrorKind::NotFound => Output::Absent,
        Ok(Err(error)) => Output::Failed(format!("`{program}`: {error}")),
        Err(_) => Output::Failed(format!("`{program}` did not end within {TIME:?}")),
    }
}
