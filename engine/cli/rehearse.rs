//! `runbook rehearse`

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::run::Script;
use super::{Format, Shared, signals, state};
use crate::exit::Exit;
use crate::rehearse::{self, Emulator, Options};
use crate::report::{Report, Reports};
use crate::run::cancel::Cancel;
use crate::run::prepare::{Request, prepare};
use crate::ui::style::Page;
use crate::ui::{self, Output, census};

/// The emulator knows an account by a key id of twelve digits.
const ACCOUNT: &str = "123456789012";
const POLL: Duration = Duration::from_millis(50);

/// Run a runbook against a local emulator of AWS, with a state directory that is thrown away
///
/// The emulator (moto, with this program's extensions) is installed once, into a Python environment of its own
/// under the cache directory. No AWS account is needed and none is touched.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    script: Script,
    /// Keep the emulator and the run afterwards, until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// Stretch the emulator's delays: an instance is pending for twice as many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0)]
    pace: f64,
}

pub(super) fn rehearse(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    prepare(&Request::from(args.script.clone()))?;
    let provisioned = rehearse::provision(&ui::tell).map_err(Report::from)?;
    let emulator =
        rehearse::start(&provisioned, &Options { pace: args.pace }).map_err(Report::from)?;
    let stage = Stage::new(&emulator, shared);
    let runtime = state::runtime()?;
    let cancel = Cancel::default();
    signals::listen(&runtime, &cancel)?;
    let exit = wait(
        stage
            .command(args, shared)
            .spawn()
            .map_err(|error| not_started(&error))?,
        &cancel,
    )?;
    report(&emulator, shared)?;
    if args.keep {
        stage.keep(&cancel);
    } else if exit != Exit::Succeeded {
        ui::tell(
            "the rehearsal is thrown away; with `--keep` the run can be looked at and resumed",
        );
    }
    stage.clear();
    emulator.stop();
    Ok(exit)
}

/// Where a rehearsal takes place.
struct Stage {
    endpoint: String,
    state_dir: PathBuf,
    /// Only what we made is thrown away.
    own: bool,
}

impl Stage {
    fn new(emulator: &Emulator, shared: &Shared) -> Self {
        let own = shared.state_dir.is_none();
        let made = || {
            std::env::temp_dir().join(format!(
                "runbook-rehearsal-{}",
                uuid::Uuid::new_v4().simple()
            ))
        };
        let state_dir = shared.state_dir.clone().unwrap_or_else(made);
        Self {
            endpoint: emulator.endpoint(),
            state_dir,
            own,
        }
    }

    fn environment(&self) -> [(&'static str, &str); 6] {
        [
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("AWS_ACCESS_KEY_ID", ACCOUNT),
            ("AWS_SECRET_ACCESS_KEY", "rehearsal"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
    }

    /// The same program as against AWS; only its surroundings differ.
    fn command(&self, args: &Args, shared: &Shared) -> Command {
        let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("runbook"));
        let mut command = Command::new(program);
        command
            .arg("run")
            .arg(&args.script.runbook)
            .arg("--state-dir")
            .arg(&self.state_dir);
        for site in &args.script.site {
            command.arg("--site").arg(site);
        }
        for pair in &args.script.set {
            command.arg("--set").arg(pair);
        }
        if shared.output == Format::Json {
            command.args(["--output", "json"]);
        }
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_aws(name)) {
            command.env_remove(name);
        }
        command.envs(self.environment());
        fallback(&mut command, "AWS_REGION", "us-east-1");
        // The emulator shows what was made at once.
        fallback(&mut command, "RUNBOOK_SETTLE_WINDOW", "1s");
        // A group of its own: Ctrl-C reaches it once, through us.
        command.process_group(0);
        command
    }

    fn keep(&self, cancel: &Cancel) {
        ui::tell("the emulator runs until Ctrl-C; in another terminal:");
        for (name, value) in self.environment() {
            ui::tell(&format!("  export {name}={value}"));
        }
        for command in ["show", "resume"] {
            ui::tell(&format!(
                "  runbook --state-dir {} {command} last",
                self.state_dir.display()
            ));
        }
        while !cancel.sleep(Duration::from_hours(1)) {}
    }

    fn clear(&self) {
        if self.own {
            // A directory that stays behind in the temporary folder harms nobody.
            drop(std::fs::remove_dir_all(&self.state_dir));
        }
    }
}

fn is_aws(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.starts_with("AWS_") && name != "AWS_REGION")
}

fn fallback(command: &mut Command, name: &str, value: &str) {
    if std::env::var_os(name).is_none() {
        command.env(name, value);
    }
}

fn wait(mut child: Child, cancel: &Cancel) -> Result<Exit, Report> {
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait().map_err(|error| not_started(&error))? {
            return Ok(status.code().map_or_else(killed, Exit::from_code));
        }
        if !told && cancel.is_set() {
            told = true;
            if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                // It may have ended by itself just now.
                let _ = kill_process(pid, Signal::TERM);
            }
        }
        crate::clock::pause(POLL);
    }
}

/// It left no word, and maybe a line half written.
fn killed() -> Exit {
    ui::tell("");
    ui::tell("the rehearsed run was killed");
    Exit::Interrupted
}

fn not_started(error: &std::io::Error) -> Report {
    Report::new(
        Exit::Failed,
        format!("the rehearsed run cannot be started: {error}"),
    )
}

fn report(emulator: &Emulator, shared: &Shared) -> Result<(), Report> {
    let census: Value = emulator.census(ACCOUNT)?;
    let written = match shared.output() {
        Output::Human => ui::stderr(|out| census::human(out, Page::stderr(), &census)),
        Output::Json => ui::stdout(|out| census::json(out, &census)),
    };
    written
        .map(drop)
        .map_err(|error| Report::new(Exit::Failed, format!("cannot write the census: {error}")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_rehearsed_run_sees_no_aws_settings_of_ours() {
        assert!(is_aws(OsStr::new("AWS_PROFILE")) && is_aws(OsStr::new("AWS_ENDPOINT_URL_EC2")));
        assert!(!is_aws(OsStr::new("AWS_REGION")) && !is_aws(OsStr::new("PATH")));
    }

    #[test]
    fn only_its_own_state_directory_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let stage = |own| Stage {
            endpoint: String::new(),
            state_dir: folder.path().to_path_buf(),
            own,
        };
        stage(false).clear();
        assert!(Path::new(folder.path()).exists());
        stage(true).clear();
        assert!(!Path::new(folder.path()).exists());
    }
}
