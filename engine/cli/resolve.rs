//! `runbook resolve`

use super::{connection, state};
use crate::shared::Shared;
use base::command::Command;
use base::exit::Exit;
use base::report::Reports;
use journal::RunId;
use run::resolve::{Choice, Inquiry};
use run::{identity, resolve};
use ui::{Output, decisions};

/// Record whether an effect in doubt was done
///
/// For calls that AWS cannot confirm or deny. The command asks AWS first and refuses a verdict that AWS contradicts.
/// The journal records who decided and why; then the run can be resumed.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("verdict").required(true))]
pub(super) struct Args {
    /// The run: its id, any unambiguous part of it, or `last`
    run: String,
    /// The effect's key, as `show` prints it under `in doubt`
    key: String,
    /// The call was done: give the id of what it made, or AWS's reply as a JSON object
    #[arg(long, value_name = "VALUE", group = "verdict")]
    adopt: Option<String>,
    /// The call was not done, and a resume repeats it
    #[arg(long, group = "verdict")]
    retry: bool,
    /// The call was not done and is not repeated: the script gets an error
    #[arg(long, group = "verdict")]
    failed: bool,
    /// How you know, for those who read the journal later
    #[arg(long, value_name = "TEXT")]
    why: String,
}

impl Args {
    fn choice(&self) -> Choice {
        match &self.adopt {
            Some(value) => Choice::Adopt(value.clone()),
            None if self.retry => Choice::Retry,
            None => Choice::Failed,
        }
    }

    /// Returns the command for this run.
    fn typed(&self, id: &RunId) -> Command {
        let resolve = Command::resolve(id, &self.key);
        let verdict = match &self.adopt {
            Some(value) => resolve.and(["--adopt", value]),
            None if self.retry => resolve.and(["--retry"]),
            None => resolve.and(["--failed"]),
        };
        verdict.and(["--why", &self.why])
    }
}

pub(super) fn resolve(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let journal = state::open(shared, &args.run)?;
    let id = journal.id().clone();
    let runtime = state::runtime()?;
    let around = state::surroundings(shared, &runtime)?;
    let connected = if resolve::is_outside(&journal, &args.key)? {
        None
    } else {
        connection::attempt(&journal, &runtime, &around.cancel, &args.typed(&id))??
    };
    let (cloud, caller) = match &connected {
        Some(connected) => (&*connected.cloud, Some(connected.target.caller.clone())),
        None => (&*around.outside, None),
    };
    let by = identity::signature(Some(args.why.clone()), caller);
    let inquiry = Inquiry::new(&journal, cloud, &around);
    let resolved = inquiry.resolve(&args.key, &args.choice(), by)?;
    let next = Command::resume(&id);
    ui::print(|out| match shared.output() {
        Output::Human | Output::Syslog => decisions::resolved(out, &resolved, &next),
        Output::Json => decisions::resolved_json(out, &resolved, &next),
    })?;
    Ok(Exit::Succeeded)
}
