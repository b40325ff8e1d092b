//! The command line: a file a subcommand, each with its arguments and one function. How a verb is done is in `run`.

mod approve;
mod cancel;
mod check;
mod connection;
mod every;
mod init;
mod list;
mod logs;
mod plan;
mod reference;
mod rehearse;
mod resolve;
mod resume;
mod rewind;
mod run;
mod shared;
mod show;
mod signals;
mod state;
mod tick;
mod undo;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::shared::Shared;
use base::exit::Exit;
use base::report::Reports;

/// Run scripted AWS runbooks: every step recorded, every run resumable
///
/// A runbook is a Rhai script. Each of its steps and each call that changes something is written to the run's
/// journal before and after it happens, so that a resume continues an interrupted run where it stopped.
#[derive(Debug, Parser)]
#[command(name = "runbook", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    succeeded
  1    failed; the run can be resumed, or started again if it had not begun
  2    bad usage, settings or script; nothing was changed
  3    waiting for an approval or a time
  4    in doubt: AWS does not show whether an effect was done; `resolve` is needed
  5    diverged: the script's calls differ from the recorded calls
  6    the run, a run of the same lock, or a tick of the same runbook and site is live elsewhere
  130  interrupted: the run can be resumed; or cancelled: the run has ended";

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    Every(every::Args),
    Resume(resume::Args),
    Resolve(resolve::Args),
    Approve(approve::Args),
    Cancel(cancel::Args),
    Rewind(rewind::Args),
    Undo(undo::Args),
    List(list::Args),
    Show(show::Args),
    Logs(logs::Args),
    Check(check::Args),
    Plan(plan::Args),
    Rehearse(rehearse::Args),
    Init(init::Args),
    Reference(reference::Args),
}

/// Parses the command line, runs the command, prints its errors, and returns the exit code.
#[must_use]
pub fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let output = cli.shared.output();
    if let Some(directory) = &cli.shared.state_dir {
        ui::program::has_state_dir(directory);
    }
    match dispatch(cli) {
        Ok(exit) => exit,
        Err(reports) => {
            reports.0.iter().for_each(|report| ui::fail(output, report));
            reports.exit()
        }
    }
}

fn dispatch(cli: Cli) -> Result<Exit, Reports> {
    let shared = cli.shared;
    match cli.command {
        Command::Run(args) => run::run(args, &shared),
        Command::Every(args) => every::every(args, &shared),
        Command::Resume(args) => resume::resume(&args, &shared),
        Command::Resolve(args) => resolve::resolve(&args, &shared),
        Command::Approve(args) => approve::approve(&args, &shared),
        Command::Cancel(args) => cancel::cancel(&args, &shared),
        Command::Rewind(args) => rewind::rewind(&args, &shared),
        Command::Undo(args) => undo::undo(&args, &shared),
        Command::List(args) => list::list(&args, &shared),
        Command::Show(args) => show::show(&args, &shared),
        Command::Logs(args) => logs::logs(&args, &shared),
        Command::Check(args) => check::check(args, &shared),
        Command::Plan(args) => plan::plan(args, &shared),
        Command::Rehearse(args) => rehearse::rehearse(&args, &shared),
        Command::Init(args) => init::init(&args),
        Command::Reference(args) => reference::reference(&args, &shared),
    }
}

/// Help and version are data; everything else that clap says is an error.
fn usage(error: &clap::Error) -> Exit {
    let help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    // Nobody is left to tell if even this cannot be printed.
    drop(error.print());
    if help { Exit::Succeeded } else { Exit::Usage }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Cli;
    use base::command::Command;

    #[test]
    fn what_hints_name_can_be_typed() {
        let verdict = ["--retry", "--why", "TEXT"];
        for command in [
            Command::list(),
            Command::show("r"),
            Command::logs("r"),
            Command::follow("r"),
            Command::resume("r"),
            Command::cancel("r"),
            Command::undo("r"),
            Command::rewind("r", "k"),
            Command::approve("r", Some("k")),
            Command::resolve("r", "k").and(verdict),
        ] {
            let line = command.line("runbook --state-dir d");
            let parsed = Cli::try_parse_from(line.split(' '));
            assert!(parsed.is_ok(), "{line}: {parsed:?}");
        }
    }
}
