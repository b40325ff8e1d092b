//! `runbook undo`

use std::io;
use std::io::IsTerminal;
use std::time::Duration;

use super::{connection, state};
use crate::shared::Shared;
use base::command::Command;
use base::duration;
use base::exit::Exit;
use base::hint::Hint;
use base::report::{Report, Reports};
use journal::entry::Target;
use run::identity::signature;
use run::undo::{Plan, Undo};
use ui::Output;
use ui::undo::Told;

/// Delete what a run made
///
/// The command first looks up everything that the run made, and leaves alone what is gone or was replaced.
/// It deletes the rest in the order that dependencies need. If other resources depend on any of it, the command lists
/// them and deletes nothing. At a terminal the operator confirms with the network's name, or with the account's number
/// if the run made no network. After an interruption, the same command continues.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run: its id, any unambiguous part of it, or `last`
    run: String,
    /// Only print what would be deleted and what would stay
    #[arg(long, conflicts_with = "yes")]
    plan: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// How long to wait for AWS to release a resource
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration::parse)]
    timeout: Duration,
    /// The reason, for those who read the journal later
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

pub(super) fn undo(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let open = if args.plan { state::look } else { state::open };
    let journal = open(shared, &args.run)?;
    let id = journal.id().clone();
    let command = Command::undo(&id);
    let target = journal.started().target.clone();
    if !args.plan && !args.yes && !can_ask(shared.output()) {
        return Err(nobody_to_ask(command, target.as_ref()).into());
    }
    let runtime = state::runtime()?;
    let around = state::surroundings(shared, &runtime)?;
    let how = args.plan.then_some("--plan");
    let again = command.clone().and(how);
    let connected = connection::attempt(&journal, &runtime, &around.cancel, &again)??;
    let caller = connected.as_ref().map(|one| one.target.caller.clone());
    let cloud = connected.map(|connected| connected.cloud);
    let undo = Undo::new(journal, cloud, around, args.timeout)?;
    let plan = undo.plan()?;
    let told = Told {
        id: id.as_str(),
        target: target.as_ref(),
    };
    if args.plan {
        ui::print(|out| told.plan(out, shared.output(), &plan))?;
        return Ok(Exit::Succeeded);
    }
    if !plan.strangers.is_empty() {
        return Err(told.in_the_way(&plan).into());
    }
    if !args.yes && plan.count() > 0 {
        confirm(&undo, &told, &plan)?;
        same_again(&undo.plan()?, &plan, command)?;
    }
    let undone = undo.carry_out(&plan, signature(args.why.clone(), caller))?;
    ui::print(|out| told.undone(out, shared.output(), &plan, &undone))?;
    Ok(if undone.left.is_empty() {
        Exit::Succeeded
    } else {
        Exit::Failed
    })
}

fn can_ask(output: Output) -> bool {
    output == Output::Human && io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn nobody_to_ask(undo: Command, target: Option<&Target>) -> Report {
    let place = target.map(|target| {
        let Target {
            account, region, ..
        } = target;
        format!(" in account {account}, region {region}")
    });
    let message = format!(
        "cannot ask whether to delete what the run made{}: this is not a terminal; nothing was changed",
        place.unwrap_or_default()
    );
    Report::new(Exit::Usage, message)
        .hint(Hint::to(
            "to see what would be deleted",
            undo.clone().and(["--plan"]),
        ))
        .hint(Hint::to("to delete it", undo.and(["--yes"])))
}

/// Shows the plan and asks.
fn confirm(undo: &Undo, told: &Told<'_>, plan: &Plan) -> Result<(), Report> {
    let mut shown = Vec::new();
    // A vector takes what it is given.
    drop(told.plan(&mut shown, Output::Human, plan));
    match undo.ask(&String::from_utf8_lossy(&shown), &told.question(plan), plan) {
        Some(true) => Ok(()),
        Some(false) => Err(Report::new(
            Exit::Usage,
            "not confirmed: the answer differs from the word asked for; nothing was changed",
        )),
        None => Err(Report::new(
            Exit::Interrupted,
            "no answer; nothing was changed",
        )),
    }
}

/// What was confirmed is what is done: the answer may have taken a while.
fn same_again(now: &Plan, confirmed: &Plan, command: Command) -> Result<(), Report> {
    if now.is_like(confirmed) {
        return Ok(());
    }
    let message =
        "the resources to delete changed while the question was open; nothing was changed";
    Err(Report::new(Exit::Failed, message).hint(command))
}
