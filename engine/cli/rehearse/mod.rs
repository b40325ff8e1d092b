//! `runbook rehearse`

mod matrix;

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::run::Script;
use super::{signals, state};
use crate::shared::{Format, Shared};
use base::exit::Exit;
use base::report::{Report, Reports};
use base::shell;
use rehearse::stage::{Play, Stage, fallback};
use rehearse::{Emulator, Options};
use run::cancel::Cancel;
use run::prepare::{Request, prepare};
use ui::style::Page;
use ui::{Output, census};

/// The emulator knows an account by a key id of twelve digits.
const ACCOUNT: &str = "123456789012";
const POLL: Duration = Duration::from_millis(50);

/// Run a runbook against a local emulator of AWS, with a temporary state directory
///
/// The emulator (moto, with this program's extensions) is installed once, into a Python environment of its own
/// under the cache directory. No AWS account is needed and none is touched.
///
/// A runbook that needs existing resources is rehearsed `--after` the runbook that makes them.
///
/// With `--crash-everywhere` the runbook is rehearsed once for each entry of its journal, killed there, resumed to its
/// end, and compared with a rehearsal that was not killed: what is doubled, leaked or missing is listed, and how to
/// make it again. The exit code is 0 only if nothing is. A run that stops in doubt and says so counts apart.
///
/// With `--faults` a proxy stands between the run and the emulator. Each request of the run goes wrong in each way, one
/// at a time: throttled, an error 500 before or after the effect, an error 503, the reply dropped, cut short, unreadable
/// or later than the run waits, the connection reset, and reads that lag behind. Then come mixes of these by chance, some
/// with a kill. A thing made twice because reads lagged for longer than the settle window is no failure if the run says
/// so: it counts as a possible duplicate.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    script: Script,
    /// Run this runbook first, with the same site files and those of the settings that it takes; may be given again
    #[arg(long, value_name = "RUNBOOK")]
    after: Vec<PathBuf>,
    /// Keep the emulator and the run afterwards, until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// Stretch the emulator's delays: an instance is pending for twice as many seconds [default: 1; 0 when disturbed]
    #[arg(long, value_name = "SECONDS")]
    pace: Option<f64>,
    #[command(flatten)]
    matrix: matrix::Disturb,
}

pub(super) fn rehearse(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let play = play(args)?;
    if let Some(disturbance) = args.matrix.disturbance()? {
        let pace = args.pace.unwrap_or(0.0);
        return matrix::rehearse(&disturbance, play, pace, shared);
    }
    let provisioned = rehearse::provision(&ui::tell)?;
    let options = Options {
        pace: args.pace.unwrap_or(1.0),
    };
    let emulator = rehearse::start(&provisioned, &options)?;
    let rehearsal = Rehearsal::new(&emulator, shared);
    let runtime = state::runtime()?;
    let cancel = Cancel::default();
    signals::listen(&runtime, &cancel)?;
    let exit = rehearsal.perform(&play, shared, &cancel)?;
    report(&emulator, shared)?;
    if args.keep {
        rehearsal.keep(&cancel);
    } else if exit != Exit::Succeeded {
        ui::tell("the rehearsal is deleted; `--keep` keeps the run for `show` and `resume`");
    }
    rehearsal.clear();
    emulator.stop();
    Ok(exit)
}

/// Reads and checks all of it before anything is started.
fn play(args: &Args) -> Result<Play, Reports> {
    let script = Request::from(args.script.clone());
    prepare(&script)?;
    let mut before = Vec::new();
    for runbook in &args.after {
        let request = script.of_another(runbook)?;
        prepare(&request)?;
        before.push(request);
    }
    Ok(Play { script, before })
}

/// One rehearsal that nothing disturbs.
struct Rehearsal {
    stage: Stage,
    /// Only what we made is thrown away.
    own: bool,
}

impl Rehearsal {
    fn new(emulator: &Emulator, shared: &Shared) -> Self {
        let made = || {
            let name = format!("runbook-rehearsal-{}", uuid::Uuid::new_v4().simple());
            std::env::temp_dir().join(name)
        };
        Self {
            stage: Stage {
                endpoint: emulator.endpoint(),
                account: ACCOUNT.into(),
                state_dir: shared.state_dir.clone().unwrap_or_else(made),
            },
            own: shared.state_dir.is_none(),
        }
    }

    /// Runs one after the other, as long as they succeed. Only the last one's result is on stdout.
    fn perform(&self, play: &Play, shared: &Shared, cancel: &Cancel) -> Result<Exit, Report> {
        for before in &play.before {
            let mut command = self.command(before);
            let exit = run(command.stdout(Stdio::null()), cancel)?;
            if exit != Exit::Succeeded {
                let runbook = before.runbook.display();
                ui::tell(&format!(
                    "`{runbook}`, given with `--after`, did not succeed"
                ));
                return Ok(exit);
            }
        }
        let mut command = self.command(&play.script);
        if shared.output == Format::Json {
            command.args(["--output", "json"]);
        }
        run(&mut command, cancel)
    }

    fn command(&self, script: &Request) -> Command {
        let mut command = self.stage.run(script);
        // The emulator shows what was made at once.
        fallback(&mut command, "RUNBOOK_SETTLE_WINDOW", "1s");
        // A group of its own: Ctrl-C reaches it once, through us.
        command.process_group(0);
        command
    }

    fn keep(&self, cancel: &Cancel) {
        ui::tell("the emulator runs until Ctrl-C; in another terminal:");
        for (name, value) in self.stage.environment() {
            ui::tell(&format!("  export {name}={value}"));
        }
        for command in ["show", "resume"] {
            ui::tell(&format!(
                "  runbook --state-dir {} {command} last",
                shell::path(&self.stage.state_dir)
            ));
        }
        while !cancel.sleep(Duration::from_hours(1)) {}
    }

    fn clear(&self) {
        if self.own {
            // A directory that stays behind in the temporary folder harms nobody.
            drop(std::fs::remove_dir_all(&self.stage.state_dir));
        }
    }
}

fn run(command: &mut Command, cancel: &Cancel) -> Result<Exit, Report> {
    wait(
        command.spawn().map_err(|error| not_started(&error))?,
        cancel,
    )
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
        base::clock::pause(POLL);
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
        Output::Human | Output::Syslog => {
            ui::stderr(|out| census::human(out, Page::stderr(), &census))
        }
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
    fn only_its_own_state_directory_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let rehearsal = |own| Rehearsal {
            stage: Stage {
                endpoint: String::new(),
                account: String::new(),
                state_dir: folder.path().to_path_buf(),
            },
            own,
        };
        rehearsal(false).clear();
        assert!(Path::new(folder.path()).exists());
        rehearsal(true).clear();
        assert!(!Path::new(folder.path()).exists());
    }
}
