//! `runbook rehearse`

mod matrix;

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
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
use rehearse::{Emulator, Folder, Listener, Options, Outside, RehearseError};
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
/// Nothing outside AWS is changed either: `http::post` and `command::run` are answered by a stub, a success with empty
/// output or what the runbook's constant `REHEARSAL` has, and the rehearsal lists them at its end. Reads such as
/// `http::get` and `ping` are real. Approvals are given by the rehearsal itself.
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
    /// Make the effects outside AWS for real: `http::post`, `command::run`
    #[arg(long)]
    allow_outside: bool,
    #[command(flatten)]
    matrix: matrix::Disturb,
}

pub(super) fn rehearse(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let play = play(args)?;
    let outside = Arc::clone(&play.outside);
    if let Some(disturbance) = args.matrix.disturbance()? {
        let pace = args.pace.unwrap_or(0.0);
        let result = matrix::rehearse(&disturbance, play, pace, shared);
        list_stubbed(&outside);
        return result;
    }
    let provisioned = rehearse::provision(&ui::tell)?;
    let options = Options {
        pace: args.pace.unwrap_or(1.0),
    };
    let emulator = rehearse::start(&provisioned, &options)?;
    let rehearsal = Rehearsal::new(&emulator, outside, shared)?;
    let runtime = state::runtime()?;
    let cancel = Cancel::default();
    signals::listen(&runtime, &cancel)?;
    let exit = rehearsal.perform(&play, shared, &cancel)?;
    report(&emulator, shared)?;
    list_stubbed(&play.outside);
    if args.keep {
        rehearsal.keep(&cancel);
    } else if exit != Exit::Succeeded {
        ui::tell("the rehearsal is deleted; `--keep` keeps the run for `show` and `resume`");
    }
    drop(rehearsal);
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
    let outside = Arc::new(Outside::new(args.allow_outside));
    Ok(Play {
        script,
        before,
        outside,
    })
}

/// One rehearsal that nothing disturbs.
struct Rehearsal {
    stage: Stage,
    /// Before the folder that its socket is in.
    _listener: Listener,
    _folder: Folder,
}

impl Rehearsal {
    /// Only a state directory that was not asked for is deleted with it.
    fn new(
        emulator: &Emulator,
        outside: Arc<Outside>,
        shared: &Shared,
    ) -> Result<Self, RehearseError> {
        let folder = Folder::new()?;
        let own = || folder.path().join("state");
        let state_dir = shared.state_dir.clone().unwrap_or_else(own);
        let endpoint = emulator.endpoint();
        let listener = Listener::start(folder.path(), endpoint.clone(), outside);
        let listener = listener.map_err(|source| RehearseError::Folder {
            path: folder.path().to_path_buf(),
            source,
        })?;
        Ok(Self {
            stage: Stage {
                endpoint,
                account: ACCOUNT.into(),
                state_dir,
                socket: listener.path().to_path_buf(),
            },
            _listener: listener,
            _folder: folder,
        })
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
            ui::tell(&format!(
                "  export {name}={}",
                shell::path(Path::new(value))
            ));
        }
        for command in ["show", "resume"] {
            ui::tell(&format!(
                "  runbook --state-dir {} {command} last",
                shell::path(&self.stage.state_dir)
            ));
        }
        while !cancel.sleep(Duration::from_hours(1)) {}
    }
}

/// Says what the runs would have done outside AWS.
fn list_stubbed(outside: &Outside) {
    let stubbed = outside.stubbed();
    if stubbed.is_empty() {
        return;
    }
    ui::tell("not done, since this was a rehearsal (`--allow-outside` does it for real):");
    for effect in stubbed {
        ui::tell(&format!("  {effect}"));
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
