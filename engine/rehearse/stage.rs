//! What a rehearsed process runs in: the emulator for AWS, a state directory, and none of the caller's AWS settings.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use crate::listener::Outside;
use journal::rehearsal;
use run::prepare::Request;

/// What is rehearsed.
#[derive(Clone, Debug)]
pub struct Play {
    pub script: Request,
    /// Run before it, in this order, so that it finds what they made.
    pub before: Vec<Request>,
    pub outside: Arc<Outside>,
}

/// The surroundings of a rehearsed process.
#[derive(Clone, Debug)]
pub struct Stage {
    pub endpoint: String,
    /// The emulator knows an account by a key id of twelve digits.
    pub account: String,
    pub state_dir: PathBuf,
    /// Where the rehearsal answers its runs.
    pub socket: PathBuf,
}

impl Stage {
    /// Returns what has to be set for AWS to be the emulator.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, &OsStr); 7] {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.as_ref()),
            ("AWS_ACCESS_KEY_ID", self.account.as_ref()),
            ("AWS_SECRET_ACCESS_KEY", "rehearsal".as_ref()),
            ("AWS_CONFIG_FILE", "/dev/null".as_ref()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".as_ref()),
            ("AWS_EC2_METADATA_DISABLED", "true".as_ref()),
            (rehearsal::VARIABLE, self.socket.as_ref()),
        ]
    }

    /// Returns the command that starts the runbook.
    #[must_use]
    pub fn run(&self, script: &Request) -> Command {
        let mut command = self.command();
        command.arg("run").arg(&script.runbook);
        for site in &script.sites {
            command.arg("--site").arg(site);
        }
        for pair in &script.set {
            command.arg("--set").arg(pair);
        }
        command
    }

    /// Returns the command that resumes the only run there is.
    #[must_use]
    pub fn resume(&self) -> Command {
        let mut command = self.command();
        command.args(["resume", "last"]);
        command
    }

    /// The same program as against AWS; only its surroundings differ.
    fn command(&self) -> Command {
        let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("runbook"));
        let mut command = Command::new(program);
        command.arg("--state-dir").arg(&self.state_dir);
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_aws(name)) {
            command.env_remove(name);
        }
        command.envs(self.environment());
        fallback(&mut command, "AWS_REGION", "us-east-1");
        command
    }
}

/// Sets a variable that the caller has not set.
pub fn fallback(command: &mut Command, name: &str, value: &str) {
    if std::env::var_os(name).is_none() {
        command.env(name, value);
    }
}

fn is_aws(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.starts_with("AWS_") && name != "AWS_REGION")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rehearsed_run_sees_no_aws_settings_of_ours() {
        assert!(is_aws(OsStr::new("AWS_PROFILE")) && is_aws(OsStr::new("AWS_ENDPOINT_URL_EC2")));
        assert!(!is_aws(OsStr::new("AWS_REGION")) && !is_aws(OsStr::new("PATH")));
    }

    #[test]
    fn a_script_is_started_as_it_was_typed() {
        let stage = Stage {
            endpoint: "http://127.0.0.1:1".into(),
            account: "123456789012".into(),
            state_dir: "/s".into(),
            socket: "/s/socket".into(),
        };
        let script = Request {
            runbook: "a.rhai".into(),
            sites: vec!["b.toml".into()],
            set: vec!["c=d".into()],
        };
        let command = stage.run(&script);
        let arguments: Vec<_> = command.get_args().collect();
        let expected = [
            "--state-dir",
            "/s",
            "run",
            "a.rhai",
            "--site",
            "b.toml",
            "--set",
            "c=d",
        ];
        assert_eq!(arguments, expected.map(OsStr::new));
    }
}
