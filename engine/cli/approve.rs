//! `runbook approve`

use super::state;
use crate::shared::Shared;
use base::command::Command;
use base::exit::Exit;
use base::report::Reports;
use run::{approvals, identity};
use ui::{Output, decisions};

/// Answer a question of a run that waits for approval
///
/// A run that asks for approval and has no terminal ends as *waiting* with exit code 3. Who answered, on which
/// machine and when is recorded; then the run can be resumed. A refusal is an error to the script, which it may catch;
/// if it does not, the run fails, and a resume asks again.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run: its id, any unambiguous part of it, or `last`
    run: String,
    /// The question's key, as `show` prints it; needed if there are several questions
    key: Option<String>,
    /// Refuse instead of approving
    #[arg(long)]
    deny: bool,
    /// The reason, for those who read the journal later
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

pub(super) fn approve(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let journal = state::open(shared, &args.run)?;
    let id = journal.id().clone();
    let by = identity::signature(args.why.clone(), None);
    let key = args.key.as_deref();
    let answered = approvals::approve(&journal, key, !args.deny, by)?;
    let open = approvals::pending(&journal)?;
    let open = open.iter().find(|it| it.answer.is_none());
    let next = match open {
        Some(open) => Command::approve(&id, Some(&open.asked.key)),
        None => Command::resume(&id),
    };
    ui::print(|out| match shared.output() {
        Output::Human | Output::Syslog => decisions::answered(out, &answered, &next),
        Output::Json => decisions::answered_json(out, &answered, &next),
    })?;
    Ok(Exit::Succeeded)
}
