//! `command.run`

use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::processes::end_below;
use crate::refusal::refused;
use base::clock;
use base::error::plain;
use base::secret;
use models::call::{Call, Failure};

const TIMEOUT: Duration = Duration::from_secs(10);

/// More of an output is read but not kept.
const LIMIT: usize = 64 << 10;

/// What is passed on of our own environment.
const PASSED_ON: [&str; 3] = ["PATH", "HOME", "LANG"];

/// Runs a program to its end, or kills it and all that it started.
pub(super) async fn run(call: &Call) -> Result<Value, Failure> {
    let program = call.input["program"].as_str().unwrap_or_default();
    let mut child = command(&call.input).spawn().map_err(|error| {
        call.not_sent(format!(
            "`{program}` cannot be started: {}",
            plain(&error.to_string())
        ))
    })?;
    let mut group = Group::of(&child);
    let limit = models::outside::timeout(&call.input["timeout"]).unwrap_or(TIMEOUT);
    let mut ended = Ended::default();
    let input = call.input["input"].as_str().unwrap_or_default();
    let in_time = clock::timeout(limit, ended.await_all(&mut child, input)).await;
    match in_time {
        Ok(()) => group.disarm(),
        Err(_) => drop(group),
    }
    match ended.status {
        Some(Ok(status)) => ended.judge(call, status),
        Some(Err(error)) => Err(call.lost(format!("`{program}` cannot be waited for: {error}"))),
        None => Err(call.lost(format!("`{program}` was killed after {limit:?}"))),
    }
}

fn command(input: &Value) -> Command {
    let mut command = Command::new(input["program"].as_str().unwrap_or_default());
    let arguments = input["arguments"].as_array().into_iter().flatten();
    let ours = PASSED_ON
        .iter()
        .filter_map(|name| Some((*name, std::env::var_os(name)?)));
    let given = input["environment"].as_object().into_iter().flatten();
    command
        .args(arguments.filter_map(Value::as_str))
        .env_clear()
        .envs(ours)
        .envs(given.filter_map(|(name, value)| Some((name, value.as_str()?))))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// A program and all that it started, killed with this.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let number = child.id().and_then(|id| i32::try_from(id).ok());
        Self(number.and_then(Pid::from_raw))
    }

    /// All of it has ended: its number may soon be another's.
    fn disarm(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            // First, as the children of who is gone are nobody's.
            end_below(pid);
            // Who is gone need not be killed.
            kill_process_group(pid, Signal::KILL).ok();
        }
    }
}

/// What came of a program, as far as it is known.
#[derive(Default)]
struct Ended {
    status: Option<std::io::Result<ExitStatus>>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Ended {
    async fn await_all(&mut self, child: &mut Child, input: &str) {
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let feed = async {
            if let Some(mut stdin) = stdin {
                // A program that does not read is not wrong.
                drop(stdin.write_all(input.as_bytes()).await);
            }
        };
        tokio::join!(
            feed,
            keep(stdout, &mut self.stdout),
            keep(stderr, &mut self.stderr),
            async { self.status = Some(child.wait().await) },
        );
    }

    fn judge(&self, call: &Call, status: ExitStatus) -> Result<Value, Failure> {
        let exit_code = status.code().or_else(|| Some(128 + status.signal()?));
        let (stdout, stderr) = (text(&self.stdout), text(&self.stderr));
        let answer = json!({"exit_code": exit_code, "stdout": stdout, "stderr": stderr});
        judge(call, answer, status.signal())
    }
}

/// Refuses the answer of a program that has failed.
pub(super) fn judge(call: &Call, answer: Value, signal: Option<i32>) -> Result<Value, Failure> {
    if answer["exit_code"] == 0 {
        return Ok(answer);
    }
    let how = match signal {
        Some(signal) => format!("was ended by signal {signal}"),
        None => format!("ended with exit code {}", answer["exit_code"]),
    };
    let said = answer["stderr"].as_str().unwrap_or_default();
    let said = said.lines().rfind(|line| !line.trim().is_empty());
    let said = said.map(|line| format!(": {line}")).unwrap_or_default();
    let program = call.input["program"].as_str().unwrap_or_default();
    let message = format!("`{program}` {how}{said}");
    Err(refused(call, "CommandFailed", message, answer))
}

/// Returns an output, without what is left of a secret where the output was cut.
fn text(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    if output.len() < LIMIT {
        return secret::scrub(&text);
    }
    secret::scrub_cut(&text)
}

/// Reads to the end, so that the program is not held up.
async fn keep(stream: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut stream) = stream else { return };
    let mut buffer = vec![0; 8 << 10];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        let room = LIMIT.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..length.min(room)]);
    }
}
