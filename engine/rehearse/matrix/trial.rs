//! One disturbed run: started, killed, resumed, in an account and a state directory of its own.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::error::MatrixError;
use super::left::Left;
use crate::matrix::ended::{Ended, Ending};
use crate::stage::{Play, Stage, fallback};
use crate::{Emulator, Folder, Listener};
use base::clock::Stopwatch;
use journal::StateDir;
use journal::entry::{self, Entry, Record};
use run::cancel::Cancel;
use run::prepare::Request;

/// Between two looks at a process; a trial takes about a second.
const POLL: Duration = Duration::from_millis(4);

/// How often a run that failed is resumed before it counts as one that cannot be finished.
const ATTEMPTS: usize = 4;

/// A process that runs longer hangs.
const LIMIT: Duration = Duration::from_mins(30);

/// A run of the pool's script that has not been started yet, or has.
pub struct Trial<'a> {
    emulator: &'a Emulator,
    script: &'a Request,
    cancel: &'a Cancel,
    account: String,
    /// Before the folder that its socket is in.
    listener: Listener,
    folder: Folder,
    /// How many requests the account had received before.
    earlier: usize,
    endpoint: Option<String>,
    variables: Vec<(&'static str, String)>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(
        emulator: &'a Emulator,
        play: &'a Play,
        cancel: &'a Cancel,
        account: String,
        folder: Folder,
    ) -> Result<Self, MatrixError> {
        let outside = Arc::clone(&play.outside);
        let listener = Listener::start(folder.path(), emulator.endpoint(), outside)
            .map_err(MatrixError::Process)?;
        Ok(Self {
            emulator,
            script: &play.script,
            cancel,
            account,
            listener,
            folder,
            earlier: 0,
            endpoint: None,
            variables: Vec::new(),
        })
    }

    /// Runs another runbook first; neither its run nor its requests are the trial's.
    pub(super) fn come_after(&mut self, before: &Request) -> Result<(), MatrixError> {
        let stage = Stage {
            state_dir: self.folder.path().join("before"),
            ..self.stage()
        };
        let ended = self.execute(stage.run(before), &[])?;
        if ended.code != Some(0) {
            let runbook = before.runbook.clone();
            return Err(MatrixError::Before { runbook, ended });
        }
        self.earlier += self.requests()?.as_array().map_or(0, Vec::len);
        Ok(())
    }

    /// Has the run reach the emulator through another address.
    #[must_use]
    pub fn through(mut self, endpoint: String) -> Self {
        self.listener.accept(endpoint.clone());
        self.endpoint = Some(endpoint);
        self
    }

    /// Sets a variable for all processes of the run.
    #[must_use]
    pub fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn emulator(&self) -> &Emulator {
        self.emulator
    }

    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Starts the run, or resumes it if there is one; returns when the process has ended.
    pub fn go_on(&self, variables: &[(&str, &str)]) -> Result<Ended, MatrixError> {
        let stage = self.stage();
        let command = if self.has_run() {
            stage.resume()
        } else {
            stage.run(self.script)
        };
        self.execute(command, variables)
    }

    /// Goes on until the run has succeeded or cannot.
    pub fn finish(&self) -> Result<Ending, MatrixError> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            if self.succeeded()? {
                return Ok(Ending::Succeeded);
            }
            let ended = self.go_on(&[])?;
            match ended.code {
                Some(0) => return Ok(Ending::Succeeded),
                Some(IN_DOUBT) => return Ok(Ending::InDoubt { said: ended.said() }),
                // Where AWS does not answer at all, nothing is begun, and the same is typed again.
                Some(1 | 2) => last = Some(ended),
                _ => return Ok(ended.stuck()),
            }
        }
        let stuck = |last: Ended| last.stuck();
        Ok(last.map_or(Ending::Succeeded, stuck))
    }

    /// Returns the entries of the run's journal; none if there is no run.
    pub fn journal(&self) -> Result<Vec<Entry>, MatrixError> {
        let state_dir = StateDir::find(Some(&self.state_dir()))?;
        match state_dir.ids()?.first() {
            Some(id) => Ok(journal::read(&state_dir.run_dir(id))?),
            None => Ok(Vec::new()),
        }
    }

    /// Returns the requests that the account has received of the run, in order.
    pub fn requests(&self) -> Result<Value, MatrixError> {
        let mut requests = self.emulator.requests(&self.account)?;
        if let Some(requests) = requests.as_array_mut() {
            requests.drain(..self.earlier.min(requests.len()));
        }
        Ok(requests)
    }

    /// Returns what the run has left in the cloud so far.
    pub fn left(&self) -> Result<Left, MatrixError> {
        let census = self.emulator.census(&self.account)?;
        let requests = self.requests()?;
        Ok(Left::of(
            &self.account,
            &census,
            &requests,
            &self.journal()?,
        ))
    }

    fn succeeded(&self) -> Result<bool, MatrixError> {
        let journal = self.journal()?;
        Ok(journal.last().is_some_and(|entry| {
            matches!(&entry.record, Record::RunEnded(ended) if matches!(ended.ending, entry::Ending::Succeeded { .. }))
        }))
    }

    fn has_run(&self) -> bool {
        let state_dir = StateDir::find(Some(&self.state_dir()));
        state_dir
            .and_then(|state_dir| state_dir.ids())
            .is_ok_and(|ids| !ids.is_empty())
    }

    fn stage(&self) -> Stage {
        Stage {
            endpoint: self
                .endpoint
                .clone()
                .unwrap_or_else(|| self.emulator.endpoint()),
            account: self.account.clone(),
            state_dir: self.state_dir(),
            socket: self.listener.path().to_path_buf(),
        }
    }

    fn state_dir(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn execute(
        &self,
        mut command: Command,
        variables: &[(&str, &str)],
    ) -> Result<Ended, MatrixError> {
        command.env_remove(CRASH);
        // The emulator shows what was made at once.
        fallback(&mut command, "RUNBOOK_SETTLE_WINDOW", "0s");
        let own = self.variables.iter().map(|(name, value)| (*name, &**value));
        command.envs(own).envs(variables.iter().copied());
        self.wait(command)
    }

    /// What it says goes into files: a full pipe would stop it.
    fn wait(&self, mut command: Command) -> Result<Ended, MatrixError> {
        let (out, err) = (
            self.folder.path().join("stdout"),
            self.folder.path().join("stderr"),
        );
        let create = |path: &Path| File::create(path).map_err(MatrixError::Process);
        command
            .stdin(Stdio::null())
            .stdout(create(&out)?)
            .stderr(create(&err)?)
            // A group of its own: Ctrl-C in the terminal is ours to answer.
            .process_group(0);
        let child = command.spawn().map_err(MatrixError::Process)?;
        let status = ended(child, self.cancel)?;
        let said = |path: &Path| {
            let bytes = fs::read(path).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Ok(Ended {
            code: status.code(),
            stdout: said(&out),
            stderr: said(&err),
        })
    }
}

/// Kills the process at a chosen entry of its journal.
pub const CRASH: &str = "RUNBOOK_CRASH";

const IN_DOUBT: i32 = base::exit::Exit::InDoubt as i32;

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        // An emulator that does not answer is found by the next trial.
        drop(self.emulator.reset(&self.account));
    }
}

/// Waits for the end; a hanging process is killed, and so is one that nobody wants any more.
fn ended(mut child: Child, cancel: &Cancel) -> Result<ExitStatus, MatrixError> {
    let watch = Stopwatch::start();
    loop {
        if let Some(status) = child.try_wait().map_err(MatrixError::Process)? {
            return Ok(status);
        }
        if cancel.sleep(POLL) {
            kill(&mut child).map_err(MatrixError::Process)?;
            return Err(MatrixError::Interrupted);
        }
        if watch.elapsed() > LIMIT {
            return kill(&mut child).map_err(MatrixError::Process);
        }
    }
}

fn kill(child: &mut Child) -> io::Result<ExitStatus> {
    child.kill()?;
    child.wait()
}
