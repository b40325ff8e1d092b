//! How a run ended, for the journal and for the operator.

use rhai::EvalAltResult;
use serde_json::Value;

use super::approvals::{self, Pending};
use super::body_end::NOT_CLEANED_UP;
use super::conductor::Conductor;
use super::next::{Cause, resolutions};
use super::secrets;
use base::command::Command;
use base::exit::Exit;
use base::fault::Fault;
use base::hint::Hint;
use base::report::Report;
use journal::entry::{Ending, Signature};
use script::host::{Calls, Divergence, StopReason, Undecided};
use script::script_error::script_error;

/// Returns what ended the run, as the journal keeps it and as it is told.
pub(super) fn failure(conductor: &Conductor, error: &EvalAltResult) -> (Ending, Report) {
    let cause = script_error(error, &conductor.library);
    let error = cause.fault.clone();
    let resumable = |report: Report| {
        if conductor.recorder.journal.is_draft() {
            return report;
        }
        report.hint(Command::resume(conductor.recorder.id()))
    };
    let (ending, mut report) = match cause.stop {
        stop if conductor.is_cancelled(stop.as_ref(), &error) => {
            let by = journal::cancel::requested(conductor.recorder.journal.dir());
            let report = over(conductor, by.as_ref());
            (Ending::Cancelled { by }, report)
        }
        Some(StopReason::Cancelled) => (
            Ending::Interrupted,
            resumable(Report::new(Exit::Interrupted, interrupted(conductor))),
        ),
        Some(StopReason::CleanedUp) => (Ending::Cancelled { by: None }, over(conductor, None)),
        Some(StopReason::Diverged(divergence)) => (
            Ending::Diverged {
                key: divergence.key.clone(),
                error,
            },
            diverged(conductor, &divergence),
        ),
        Some(StopReason::InDoubt(undecided)) => (
            Ending::InDoubt {
                key: undecided.key.clone(),
                error,
            },
            in_doubt(conductor, &undecided),
        ),
        Some(StopReason::Waiting) => match approvals::pending(&conductor.recorder.journal) {
            Ok(pending) => waiting(conductor, &pending),
            Err(unread) => (Ending::Failed { error }, resumable(Report::from(unread))),
        },
        Some(StopReason::Journal(report)) => (Ending::Failed { error }, resumable(*report)),
        Some(StopReason::Unreached { .. } | StopReason::Abandoned | StopReason::DryRunEnd)
        | None => (
            Ending::Failed {
                error: error.clone(),
            },
            further(conductor, &error, failed(&error)),
        ),
    };
    if report.excerpt.is_none() && !matches!(report.exit, Exit::Interrupted | Exit::Waiting) {
        report.excerpt = cause.excerpt;
    }
    (ending, report)
}

/// Adds what can be typed next.
fn further(conductor: &Conductor, error: &Fault, report: Report) -> Report {
    let journal = &conductor.recorder.journal;
    if journal.is_draft() {
        return report;
    }
    let entries = journal.entries();
    let cause = entries.map_or(Cause::Other, |entries| Cause::of(error, &entries));
    report.with_hints(cause.hints(journal.started()))
}

/// Returns what ended what is no run, as it is told. What only looks may find something wrong: a sentence that it throws
/// is about that, and not about the script.
pub(super) fn verdict(conductor: &Conductor, error: &EvalAltResult) -> Report {
    let report = failure(conductor, error).1;
    if conductor.control.manner.read_only && is_sentence(error) {
        return Report {
            excerpt: None,
            ..report
        };
    }
    report
}

fn is_sentence(error: &EvalAltResult) -> bool {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => is_sentence(inner),
        EvalAltResult::ErrorRuntime(thrown, _) => thrown.is_string(),
        _ => false,
    }
}

/// Names every question: answered together, they need one resume.
fn waiting(conductor: &Conductor, pending: &[Pending]) -> (Ending, Report) {
    let open: Vec<_> = pending.iter().filter(|it| it.answer.is_none()).collect();
    let keys = open.iter().map(|it| it.asked.key.clone()).collect();
    let what = match &open[..] {
        [one] => format!("`{}` needs an approval", one.asked.question),
        several => format!("{} approvals are needed", several.len()),
    };
    let report = open
        .iter()
        .fold(Report::new(Exit::Waiting, what), |report, one| {
            let named =
                (open.len() > 1).then(|| format!("`{}`: {}", one.asked.key, one.asked.question));
            let causes = named.into_iter().chain(details(&one.asked.details));
            report.with_causes(causes)
        });
    let key = open
        .first()
        .filter(|_| open.len() > 1)
        .map(|it| it.asked.key.as_str());
    let hints = approvals::hints(conductor.recorder.id(), key);
    (Ending::Waiting { keys }, report.with_hints(hints))
}

fn details(details: &Value) -> Vec<String> {
    match details {
        Value::Null => Vec::new(),
        Value::Object(members) => {
            let line = |(name, value): (&String, &Value)| format!("{name}: {}", plain(value));
            members.iter().map(line).collect()
        }
        other => vec![plain(other)],
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl Conductor {
    /// Whether it ends because somebody asked for it: what failed on the way to that end is no reason to go on.
    fn is_cancelled(&self, stop: Option<&StopReason>, error: &Fault) -> bool {
        let asked = || journal::cancel::requested(self.recorder.journal.dir()).is_some();
        match stop {
            Some(StopReason::Cancelled | StopReason::CleanedUp) => asked(),
            None => self.control.manner.cancelling && error.code.as_deref() != Some(NOT_CLEANED_UP),
            Some(_) => false,
        }
    }
}

fn over(conductor: &Conductor, by: Option<&Signature>) -> Report {
    let id = conductor.recorder.id();
    let by = by.map_or_else(String::new, |by| format!(" by {}", by.who));
    Report::new(
        Exit::Interrupted,
        format!("cancelled{by}; the cleanup is done and the run has ended"),
    )
    .hint(Hint::to("to see what the run did", Command::show(id)))
    .hint(Hint::to("to delete what the run made", Command::undo(id)))
}

fn interrupted(conductor: &Conductor) -> &'static str {
    if conductor.recorder.journal.is_draft() {
        "interrupted; nothing was changed"
    } else {
        "interrupted; the progress of the run is recorded"
    }
}

fn failed(fault: &Fault) -> Report {
    let subject = match (&fault.service, &fault.operation) {
        (Some(service), Some(operation)) => format!("`{service}.{operation}` failed"),
        _ => return Report::new(Exit::Failed, fault.message.clone()),
    };
    let request = fault
        .request_id
        .as_ref()
        .map(|id| format!(" (request id {id})"))
        .unwrap_or_default();
    Report::new(Exit::Failed, subject).cause(format!("{}{request}", fault.described()))
}

fn in_doubt(conductor: &Conductor, undecided: &Undecided) -> Report {
    let Undecided {
        key,
        service,
        operation,
        input,
        reason,
        candidates,
    } = undecided;
    let made = candidates.first().map(String::as_str);
    let report = Report::new(
        Exit::InDoubt,
        format!("`{key}` is in doubt: whether the call was done is not known"),
    )
    .cause(format!("call: {service}.{operation} {input}"))
    .cause(format!("reason: {reason}"));
    report.with_hints(resolutions(conductor.recorder.id(), key, made))
}

fn diverged(conductor: &Conductor, divergence: &Divergence) -> Report {
    let Divergence {
        key,
        places,
        kinds,
        calls,
    } = divergence;
    let id = conductor.recorder.id();
    let report = Report::new(
        Exit::Diverged,
        match (places, kinds) {
            (Some(places), _) => format!(
                "`{key}` was recorded at {}; the script now makes the call at {}",
                places.0, places.1
            ),
            (None, Some((recorded, asked))) => {
                format!(
                    "the key `{key}` belongs to a recorded {recorded}; the script now uses it for another kind: {asked}"
                )
            }
            (None, None) => {
                format!("`{key}` was recorded with different input")
            }
        },
    );
    let report = match calls {
        Some(calls) => called(report, calls),
        None => report,
    };
    let report = match kinds {
        Some(_) => report,
        None => report.hint(
            "read a value that decides what is called inside a step: the step records the value",
        ),
    };
    let report = report.hint(as_begun(conductor));
    if calls.as_ref().is_none_or(|calls| calls.settled) {
        return report.hint(Hint::to(
            "to forget this record and leave its resources in AWS",
            Command::rewind(id, key),
        ));
    }
    let report = report.cause("the recorded call is in doubt");
    report.with_hints(resolutions(id, key, None))
}

fn called(report: Report, calls: &Calls) -> Report {
    let created = calls
        .created
        .as_ref()
        .map(|id| format!(", which made {id}"))
        .unwrap_or_default();
    let changed = secrets::differing(&calls.recorded, &calls.asked);
    let changed = changed.iter().map(|reference| secrets::changed(reference));
    changed
        .fold(report, Report::cause)
        .cause(format!(
            "recorded: {} {}{created}",
            calls.recorded_operation, calls.recorded
        ))
        .cause(format!("now: {} {}", calls.operation, calls.asked))
}

/// The pinned scripts are the ones that have just diverged.
fn as_begun(conductor: &Conductor) -> Hint {
    let purpose =
        if conductor.recorder.journal.sources() == conductor.recorder.journal.started().sources {
            "to continue from the record, correct the script, then"
        } else {
            "to continue with the original script, restore the script, then"
        };
    Hint::to(
        purpose,
        Command::resume(conductor.recorder.id()).args(["--edited"]),
    )
}
