//! What other runs have recorded, for scripts to read.

use serde_json::{Value, json};

use base::fault::Fault;
use journal::entry::{Ending, Target};
use journal::{JournalError, StateDir, Status, list};
use script::fault;
use script::host::Scripted;

/// Returns what a script reads of the run that `part` means.
pub(super) fn read(state_dir: &StateDir, part: &str) -> Scripted<Value> {
    let failed = |code: &'static str| move |error: JournalError| thrown(code, &error);
    let id = state_dir.resolve(part).map_err(failed("UnknownRun"))?;
    let dir = state_dir.run_dir(&id);
    let summary = list::summary(&dir).map_err(failed("UnreadableRun"))?;
    let started = list::started(&dir).map_err(failed("UnreadableRun"))?;
    let target = |member: fn(&Target) -> &String| started.target.as_ref().map(member);
    Ok(json!({
        "id": id.as_str(),
        "runbook": started.runbook,
        "state": word(&summary.status),
        "started_at": summary.started_at.to_string(),
        "params": started.params,
        "account": target(|target| &target.account),
        "region": target(|target| &target.region),
        "value": match &summary.status {
            Status::Ended(Ending::Succeeded { value }) => value,
            _ => &Value::Null,
        },
    }))
}

fn word(status: &Status) -> &'static str {
    match status {
        Status::Live { .. } => "live",
        Status::Ended(Ending::Succeeded { .. }) => "succeeded",
        Status::Ended(Ending::Failed { .. }) => "failed",
        Status::Ended(Ending::Cancelled { .. }) => "cancelled",
        Status::Ended(Ending::Superseded) => "superseded",
        Status::Ended(Ending::InDoubt { .. }) => "in_doubt",
        Status::Ended(Ending::Diverged { .. }) => "diverged",
        Status::Undoing | Status::Ended(Ending::UndoStopped { .. }) => "undoing",
        Status::Ended(Ending::Undone { .. }) => "undone",
        Status::Ended(Ending::Waiting { .. }) => "waiting",
        Status::Interrupted | Status::Ended(Ending::Interrupted) => "interrupted",
    }
}

fn thrown(code: &str, error: &JournalError) -> Box<rhai::EvalAltResult> {
    fault::throw(&Fault::coded(code, error.to_string()))
}
