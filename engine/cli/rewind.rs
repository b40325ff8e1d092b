//! `runbook rewind`

use super::state;
use crate::shared::Shared;
use base::exit::Exit;
use base::report::Reports;
use run::{identity, rewind};
use ui::{Output, decisions};

/// Forget the record from a step on, so that a resume repeats it
///
/// Changes nothing in AWS: what the forgotten calls made stays there, and is listed. A resume repeats the calls with
/// new tokens and tags.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The run: its id, any unambiguous part of it, or `last`
    run: String,
    /// The step, effect or branch to go back to, as `show` prints it
    #[arg(long, value_name = "KEY")]
    to: String,
    /// Only print what would be forgotten and what would stay in AWS
    #[arg(long)]
    plan: bool,
    /// The reason, for those who read the journal later
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

pub(super) fn rewind(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let open = if args.plan { state::look } else { state::open };
    let journal = open(shared, &args.run)?;
    let id = journal.id().clone();
    let plan = rewind::plan(&journal, &args.to)?;
    if !args.plan {
        let by = identity::signature(args.why.clone(), None);
        rewind::rewind(&journal, &args.to, &plan, by)?;
    }
    let told = decisions::Rewound {
        id: id.as_str(),
        to: &args.to,
        plan: &plan,
        is_plan: args.plan,
    };
    ui::print(|out| match shared.output() {
        Output::Human | Output::Syslog => decisions::rewound(out, &told),
        Output::Json => decisions::rewound_json(out, &told),
    })?;
    Ok(Exit::Succeeded)
}
