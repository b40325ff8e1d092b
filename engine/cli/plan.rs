//! `runbook plan`

use serde_json::Value;

use super::run::Script;
use crate::shared::Shared;
use aws::policy::{self, Calls, LONGEST, Names, Place, PolicyError};
use base::exit::Exit;
use base::report::{Report, Reports};
use run::prepare::{Prepared, Request, prepare, resources};
use script::sources::Library;
use script::{check, reachable_calls};

/// Print the IAM policy that a runbook needs
///
/// With `--policy`, which is all that can be planned so far: every action that the runbook and its modules can call
/// from `main`, what the engine itself reads to settle a doubt, and the tags and roles that go with a call. Nothing is
/// called for it. Branches that the settings rule out do not count, so give the settings of the run; without any, the
/// policy is for all of them. The region is the settings', else every region; the account is every one that the policy may
/// be attached in, unless it is given. A runbook's function `resources(params)` names its resources by the settings:
/// roles, keys, topics, the keys of tags; of a type that it leaves out all are allowed. A policy that allows to make any
/// role, to give it any right and to pass it on is refused: name the roles. What has no resources in IAM, most reads of
/// EC2 among it, is allowed on `*`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    script: Script,
    /// Print an IAM policy document as JSON
    #[arg(long, required = true)]
    policy: bool,
    /// Add what `undo` of such a run needs
    #[arg(long)]
    with_undo: bool,
    /// Name this account in the policy
    #[arg(long, value_name = "ID", value_parser = account)]
    account: Option<String>,
}

pub(super) fn plan(args: Args, _: &Shared) -> Result<Exit, Reports> {
    let has_settings = !args.script.site.is_empty() || !args.script.set.is_empty();
    let planned = planned(&Request::from(args.script), has_settings)?;
    let reached = reachable_calls::reached(&planned.library, planned.params.as_ref())?;
    let place = Place {
        region: planned.region,
        account: args.account,
        names: planned.names,
    };
    let calls = Calls {
        operations: &reached.calls,
        members: &reached.members,
    };
    let document =
        policy::document(calls, &place, args.with_undo).map_err(|error| refused(&error))?;
    tell_length(&document);
    ui::print(|out| writeln!(out, "{document:#}"))?;
    Ok(Exit::Succeeded)
}

struct Planned {
    library: Library,
    params: Option<Value>,
    region: Option<String>,
    names: Names,
}

fn refused(error: &PolicyError) -> Report {
    let report = Report::new(Exit::Usage, error.to_string());
    match error {
        PolicyError::Model(_) => report,
        PolicyError::AnyRole => report.hint(
            "give the settings with `--site FILE`, or name the roles: `fn resources(params) { #{\"iam:role\": [\"…\"]} }`",
        ),
    }
}

/// A runbook whose settings are not given, and which cannot do without, is looked at as a whole.
fn planned(request: &Request, has_settings: bool) -> Result<Planned, Reports> {
    match prepare(request) {
        Ok(prepared) => Ok(Planned {
            names: names(&prepared)?,
            library: prepared.library,
            params: Some(prepared.params),
            region: prepared.region,
        }),
        Err(reports) if has_settings => Err(reports),
        Err(_) => whole(request),
    }
}

fn names(prepared: &Prepared) -> Result<Names, Report> {
    Names::read(&resources(prepared)?).map_err(|problems| {
        let report = Report::new(Exit::Usage, "`resources` returned what no policy can have");
        report.with_causes(problems)
    })
}

fn whole(request: &Request) -> Result<Planned, Reports> {
    let library = Library::load(&request.runbook, &request.sites)?;
    let problems = check::check(&library);
    if !problems.is_empty() {
        return Err(Reports(problems));
    }
    ui::tell(
        "no settings are given: the policy covers all settings; `--site FILE` makes the policy narrower",
    );
    Ok(Planned {
        library,
        params: None,
        region: None,
        names: Names::default(),
    })
}

fn tell_length(document: &Value) {
    let text = document.to_string();
    let length = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .count();
    if length > LONGEST {
        ui::tell(&format!(
            "warning: the policy has {length} characters, and a managed policy may have {LONGEST}: split the statements over two policies"
        ));
    }
}

fn account(text: &str) -> Result<String, String> {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_account
        .then(|| text.to_owned())
        .ok_or_else(|| "an AWS account's id has 12 digits".to_owned())
}
