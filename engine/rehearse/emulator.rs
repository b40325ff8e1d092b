//! The emulator's process: as long as this value, and no longer than this process.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::control;
use super::error::RehearseError;
use super::provision::Provisioned;
use super::python;

/// The start takes about two seconds; a loaded machine may need much more.
const START_LIMIT: Duration = Duration::from_mins(2);

/// How the emulator behaves.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Seconds for a unit of AWS's time (an instance is pending for two); 0 has everything happen by the next request.
    pub pace: f64,
}

/// A running emulator.
#[derive(Debug)]
pub struct Emulator {
    child: Child,
    /// Its end is how the emulator learns of ours, kill -9 included.
    stdin: Option<ChildStdin>,
    port: u16,
    log: File,
}

/// Starts the emulator on a free port and waits until it answers.
pub fn start(provisioned: &Provisioned, options: &Options) -> Result<Emulator, RehearseError> {
    let failed = |error: io::Error| RehearseError::NotStarted {
        lines: vec![error.to_string()],
    };
    let log = unnamed_file().map_err(failed)?;
    let mut child = command(provisioned, *options)
        .stderr(log.try_clone().map_err(failed)?)
        .spawn()
        .map_err(failed)?;
    let stdin = child.stdin.take();
    if let Some(port) = child.stdout.take().and_then(port) {
        return Ok(Emulator {
            child,
            stdin,
            port,
            log,
        });
    }
    end(&mut child);
    Err(RehearseError::NotStarted { lines: said(&log) })
}

fn command(provisioned: &Provisioned, options: Options) -> Command {
    let mut command = Command::new(&provisioned.python);
    command
        .args(["-m", "emulator", "--pace", &options.pace.to_string()])
        .current_dir(&provisioned.sources)
        // The operator's AWS settings are not the emulator's: a profile that it lacks would end it.
        .env_clear()
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    for name in ["PATH", "LANG", "TMPDIR", "LD_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// A file without a name: nothing is left of it, however this process ends.
fn unnamed_file() -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("runbook-emulator-{}", Uuid::new_v4()));
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

/// Returns the port from the first line; `None` when there is none in time.
fn port(stdout: ChildStdout) -> Option<u16> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(stdout);
        let mut first = String::new();
        // A receiver that gave up needs no answer.
        let _ = lines.read_line(&mut first).map(|_| sender.send(first));
        let _ = io::copy(&mut lines, &mut io::sink());
    });
    let line = receiver.recv_timeout(START_LIMIT).ok()?;
    let told: Value = serde_json::from_str(&line).ok()?;
    told.get("port")?.as_u64()?.try_into().ok()
}

fn said(mut log: &File) -> Vec<String> {
    let mut text = String::new();
    let read = log.rewind().and_then(|()| log.read_to_string(&mut text));
    read.map(|_| python::tail(&text)).unwrap_or_default()
}

fn end(child: &mut Child) {
    // It may have ended by itself, and then there is nothing to do.
    let _ = child.kill();
    let _ = child.wait();
}

impl Emulator {
    /// Returns the address for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the id of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns every resource of an account beyond those of a fresh one, sorted.
    pub fn census(&self, account: &str) -> Result<Value, RehearseError> {
        self.ask("GET", &format!("/_rehearse/census?account={account}"))
    }

    /// Returns the AWS requests that an account has made, in their order.
    pub fn requests(&self, account: &str) -> Result<Value, RehearseError> {
        self.ask("GET", &format!("/_rehearse/requests?account={account}"))
    }

    /// Changes the pace for one account.
    pub fn set_pace(&self, account: &str, seconds: f64) -> Result<(), RehearseError> {
        self.ask(
            "POST",
            &format!("/_rehearse/pace?account={account}&seconds={seconds}"),
        )
        .map(drop)
    }

    /// Has an operation of an account, such as `ReplaceRoute`, refused with an error code; `times` 0 allows it again.
    pub fn refuse(
        &self,
        account: &str,
        operation: &str,
        code: &str,
        times: u32,
    ) -> Result<(), RehearseError> {
        let order = format!("account={account}&operation={operation}&code={code}&times={times}");
        self.ask("POST", &format!("/_rehearse/refuse?{order}"))
            .map(drop)
    }

    /// Has so many boots of NATs end so: `fail` with a reason, `hang`, `deaf` (no heartbeat) or `end`; `times` 0 ends that.
    pub fn boots(
        &self,
        account: &str,
        outcome: &str,
        reason: &str,
        times: u32,
    ) -> Result<(), RehearseError> {
        let reason = reason.replace(' ', "%20");
        let order = format!("account={account}&outcome={outcome}&reason={reason}&times={times}");
        self.ask("POST", &format!("/_rehearse/boot?{order}"))
            .map(drop)
    }

    /// Has an account's reads lag for so many seconds behind the next call of an operation; 0 ends what lags.
    pub fn lag(&self, account: &str, operation: &str, seconds: f64) -> Result<(), RehearseError> {
        let order = format!("account={account}&operation={operation}&seconds={seconds}");
        self.ask("POST", &format!("/_rehearse/lag?{order}"))
            .map(drop)
    }

    /// Has EC2 forget an account's terminated instances, as it does about an hour after their end.
    pub fn forget_ended(&self, account: &str) -> Result<(), RehearseError> {
        self.ask("POST", &format!("/_rehearse/forget?account={account}"))
            .map(drop)
    }

    /// Empties an account.
    pub fn reset(&self, account: &str) -> Result<(), RehearseError> {
        self.ask("POST", &format!("/_rehearse/reset?account={account}"))
            .map(drop)
    }

    /// Ends the process; dropping the value does the same.
    pub fn stop(self) {
        drop(self);
    }

    fn ask(&self, method: &str, path: &str) -> Result<Value, RehearseError> {
        control::ask(self.port, method, path).map_err(|detail| RehearseError::NoAnswer {
            request: format!("{method} {path}"),
            detail,
            lines: said(&self.log),
        })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.stdin.take());
        end(&mut self.child);
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::fake;

    fn started(script: &str) -> Result<Emulator, RehearseError> {
        let folder = tempfile::tempdir().unwrap();
        let provisioned = Provisioned {
            python: fake::script(folder.path(), script),
            sources: folder.path().to_owned(),
            cache: PathBuf::new(),
        };
        start(&provisioned, &Options { pace: 0.0 })
    }

    #[test]
    fn the_first_line_has_the_port() {
        let emulator = started("echo '{\"port\": 4321}'; cat").unwrap();
        assert_eq!(emulator.endpoint(), "http://127.0.0.1:4321");
    }

    #[test]
    fn what_a_failed_start_said_last_is_told() {
        let error = started("echo 'No module named moto' >&2; exit 1").unwrap_err();
        let RehearseError::NotStarted { lines } = error else {
            panic!("{error}")
        };
        assert_eq!(lines, ["No module named moto"]);
    }

    #[test]
    fn a_dead_emulator_is_no_answer_with_what_it_said() {
        let emulator = started("echo killed >&2; echo '{\"port\": 1}'").unwrap();
        let error = emulator.census("111111111111").unwrap_err();
        let RehearseError::NoAnswer { request, lines, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(request, "GET /_rehearse/census?account=111111111111");
        assert_eq!(lines, ["killed"]);
    }
}
