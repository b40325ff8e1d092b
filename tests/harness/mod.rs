//! Runs the real binary in a home of its own, with a cleared environment, against an AWS account of its own.

mod door;
mod emulator;
mod live;
mod terminal;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub(crate) use door::Door;
use emulator::Account;
pub(crate) use emulator::{emulator, new_account, provisioned};
pub(crate) use live::Live;
pub(crate) use terminal::Terminal;

/// Says a line that is seen even where the test passes, whose output the test runner keeps to itself.
pub(crate) fn tell(line: &str) {
    let mut line = line.to_owned();
    line.push('\n');
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// One test's world: a folder, a state directory, maybe an AWS account.
pub(crate) struct Test {
    folder: TempDir,
    env: Vec<(String, String)>,
    account: Option<Account>,
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Test {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let test = Self {
            folder,
            env: Vec::new(),
            account: None,
        };
        let state = test.state_dir().display().to_string();
        test.env("RUNBOOK_STATE_DIR", &state)
    }

    /// Gives the test an account of its own in the emulator, where everything happens at once.
    pub(crate) fn aws(self) -> Self {
        self.aws_as(Account::new())
    }

    /// Gives the test an account of its own at the endpoint of another test's.
    pub(crate) fn aws_beside(self, other: &Self) -> Self {
        let account = other.account.as_ref().map(Account::beside);
        self.aws_as(account.expect("the other test has no account: call `aws` first"))
    }

    fn aws_as(self, account: Account) -> Self {
        let endpoint = emulator(account.id()).endpoint();
        emulator(account.id()).set_pace(account.id(), 0.0).unwrap();
        let mut test = self
            .env("AWS_ENDPOINT_URL", &endpoint)
            .env("AWS_ACCESS_KEY_ID", account.id())
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_REGION", "ap-northeast-1")
            .env("RUNBOOK_SETTLE_WINDOW", "0s")
            .env("RUNBOOK_FRESH_FOR", "0s");
        test.account = Some(account);
        test
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.into(), value.into()));
        self
    }

    /// Writes a file of the test, folders and all.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        self.write(name, text);
        self
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn state_dir(&self) -> PathBuf {
        self.path("state")
    }

    pub(crate) fn account(&self) -> &str {
        self.account
            .as_ref()
            .map(Account::id)
            .expect("the test has no account: call `aws` first")
    }

    /// Returns everything in the test's account beyond a fresh one's.
    pub(crate) fn census(&self) -> serde_json::Value {
        emulator(self.account()).census(self.account()).unwrap()
    }

    /// Returns the requests that the test's account received.
    pub(crate) fn requests(&self) -> serde_json::Value {
        emulator(self.account()).requests(self.account()).unwrap()
    }

    /// Returns the command, to be run in the test's folder.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.command_of(env!("CARGO_BIN_EXE_runbook"));
        command.args(args);
        command
    }

    fn command_of(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn runbook(&self, args: &[&str]) -> Ended {
        self.command(args).output().unwrap().into()
    }

    /// Has a shell run a line that the program advises.
    pub(crate) fn typed(&self, line: &str) -> Ended {
        let own = Path::new(env!("CARGO_BIN_EXE_runbook")).parent().unwrap();
        let found = std::env::var_os("PATH").unwrap_or_default();
        let mut path = own.as_os_str().to_owned();
        path.push(":");
        path.push(found);
        let mut shell = self.command_of("sh");
        shell.args(["-euc", line]).env("PATH", path);
        shell.output().unwrap().into()
    }

    pub(crate) fn spawn(&self, args: &[&str]) -> Child {
        self.command(args).spawn().unwrap()
    }

    /// Returns the directories of the runs, oldest first.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let Ok(entries) = self.state_dir().join("runs").read_dir() else {
            return Vec::new();
        };
        let mut runs: Vec<PathBuf> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| is_run(path))
            .collect();
        runs.sort_by_cached_key(|run| (began(run), run.clone()));
        runs
    }

    /// Returns the entries of the only run's journal.
    pub(crate) fn journal(&self) -> Vec<serde_json::Value> {
        let runs = self.runs();
        assert_eq!(runs.len(), 1, "expected one run, found {runs:?}");
        entries(&runs[0])
    }

    /// Whether the only run has come to its end, and to a good one.
    pub(crate) fn has_succeeded(&self) -> bool {
        let ending = &self.journal().pop().unwrap()["record"]["run_ended"]["ending"];
        ending.get("succeeded").is_some()
    }

    /// Returns the text with what differs from run to run replaced: ids, times, paths, durations.
    pub(crate) fn stable(&self, text: &str) -> String {
        let folder = self.folder.path().canonicalize().unwrap();
        let mut text = text.replace(&folder.display().to_string(), "<test>");
        text = text.replace(&self.folder.path().display().to_string(), "<test>");
        if let Some(account) = &self.account {
            text = text
                .replace(account.id(), "<account>")
                .replace(&emulator(account.id()).endpoint(), "<endpoint>");
        }
        REPLACED.iter().fold(text, |text, (pattern, stable)| {
            regex::Regex::new(pattern)
                .unwrap()
                .replace_all(&text, *stable)
                .into_owned()
        })
    }
}

const REPLACED: [(&str, &str); 6] = [
    (r"\d{8}-\d{6}-([a-z0-9-]+)-[a-z0-9]{12}", "<run:$1>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>"),
    (r"\bprocess \d+\b", "process <pid>"),
    (
        r"\b(vpc-cidr-assoc|vpc|subnet|rtb|rtbassoc|igw|sg|i|eni|acl|vol)-[0-9a-f]{8,17}\b",
        "<$1>",
    ),
    (r"\b\d+ ms\b|\b(\d+h )?(\d+m )?\d+(\.\d+)?s\b", "<duration>"),
];

fn is_run(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| !name.to_string_lossy().starts_with('.'))
}

/// Returns when a run began, as its journal says: ids tell seconds only. Empty where it says nothing.
fn began(run: &Path) -> String {
    let log = std::fs::read_to_string(run.join("journal.jsonl")).unwrap_or_default();
    let first = log.lines().next().unwrap_or_default();
    let entry: serde_json::Value = serde_json::from_str(first).unwrap_or_default();
    entry["at"].as_str().unwrap_or_default().to_owned()
}

/// Returns the scripts in a folder of this repository, and in the folders below it.
pub(crate) fn scripts(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(ending) if ending == "rhai" => found.push(path),
                _ => {}
            }
        }
    }
    found
}

/// Returns the entries of a run's journal. A line without an end is none: a kill in the middle of writing leaves one.
pub(crate) fn entries(run: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(run.join("journal.jsonl")).unwrap();
    text.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

impl Ended {
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert_eq!(
            self.code,
            Some(expected),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Returns stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in {}", self.stdout))
    }
}

impl From<std::process::Output> for Ended {
    fn from(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
