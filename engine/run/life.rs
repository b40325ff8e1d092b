//! Starts a run, takes one up again, and says how it ended.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use rhai::{Dynamic, EvalAltResult};
use serde_json::Value;

use super::body_end;
use super::cloud::Cloud;
use super::compiled::Script;
use super::conductor::Conductor;
use super::control::{Control, Manner};
use super::event::{Ended, Event};
use super::prepare::{Prepared, Request};
use super::scope::{Kind, Siblings};
use super::script_thread::ScriptThread;
use super::surroundings::Surroundings;
use super::{created, ending, identity, lock, params, rehearsed, scope, secrets, step};
use base::command::Command;
use base::exit::Exit;
use base::hint::Hint;
use base::report::Report;
use base::source::Source;
use journal::entry::{Ending, Record, RunEnded, RunResumed, RunStarted, Target, Tick};
use journal::{Durability, Journal, RunId};
use script::host::{Host, Scripted, StopReason, stop_reason};
use script::names::Names;
use script::sources::Library;

/// How often a run looks whether somebody wants it to end.
const POLL: Duration = Duration::from_millis(250);

/// A connection to AWS and who it turned out to be.
pub struct Connected {
    pub cloud: Box<dyn Cloud>,
    pub target: Target,
}

/// Runs the script to its end; what is no tick and no dry run gets a run's directory first.
pub fn start(
    request: &Request,
    prepared: Prepared,
    connected: Option<Connected>,
    manner: Manner,
    around: Surroundings,
) -> Result<(), Report> {
    let (cloud, target) = connected.map_or((None, None), |connected| {
        (Some(connected.cloud), Some(connected.target))
    });
    rehearsed::check(target.as_ref())?;
    let id = RunId::new(&request.runbook);
    let started = RunStarted {
        id: id.to_string(),
        runbook: request.runbook.display().to_string(),
        directory: current_dir()?,
        sources: prepared.library.sources().to_vec(),
        params: prepared.params,
        settings: request.settings(),
        target,
        tick: manner.memory.as_ref().map(|memory| Tick {
            memory: memory.name().to_owned(),
            state: memory.begin(&id),
        }),
        by: Some(identity::signature(None, None)),
        engine: env!("CARGO_PKG_VERSION").into(),
        pid: std::process::id(),
    };
    let control = Control::new(around.cancel.clone(), manner);
    if control.manner.locks() {
        control
            .locks
            .take(prepared.lock, &started, &around.state_dir)?;
    }
    let journal = if control.manner.is_run() {
        Journal::create(&around.state_dir, started)
    } else {
        Journal::draft(&around.state_dir, started)
    };
    let journal = journal.map_err(|error| {
        let report = Report::from(error);
        if around.state_dir.run_dir(&id).is_dir() {
            report.hint(Command::resume(&id))
        } else {
            report
        }
    })?;
    execute(Conductor::new(
        journal,
        1,
        prepared.library,
        cloud,
        control,
        around,
    )?)
}

/// A resume finds the scripts again from here.
fn current_dir() -> Result<String, Report> {
    let found = std::env::current_dir().map(|path| path.display().to_string());
    found.map_err(|error| {
        let message = "cannot read the current directory; nothing was started";
        Report::new(Exit::Usage, message)
            .cause(error.to_string())
            .hint("change to a directory that exists: cd")
    })
}

/// Takes up an interrupted or failed run; `edited` are the sources to go on with if not the pinned ones.
pub fn resume(
    journal: Journal,
    edited: Option<Library>,
    connected: Option<Connected>,
    manner: Manner,
    around: Surroundings,
) -> Result<(), Report> {
    rehearsed::check(journal.started().target.as_ref())?;
    let (attempt, _) = journal.attempt()?;
    let attempt = attempt + 1;
    let edits = edited.as_ref().map(|library| library.sources().to_vec());
    let library = edited.unwrap_or_else(|| Library::pinned(&journal.sources()));
    let control = Control::new(around.cancel.clone(), manner);
    let lock = lock::of_run(&library, journal.started())?;
    control
        .locks
        .take(lock, journal.started(), &around.state_dir)?;
    let caller = connected
        .as_ref()
        .map(|connected| connected.target.caller.clone())
        .unwrap_or_default();
    let record = resumed(attempt, caller, edits);
    if !control.manner.cancelling {
        journal::cancel::withdraw(journal.dir())?;
    }
    journal.append(record, Durability::Synced)?;
    let cloud = connected.map(|connected| connected.cloud);
    execute(Conductor::new(
        journal, attempt, library, cloud, control, around,
    )?)
}

/// Ends a run that no process executes: cleans up what a `run::finally` had begun, and records who asked. `connect` is
/// asked only where there is something to clean up.
pub fn cancel(
    journal: Journal,
    connect: impl FnOnce(&Journal) -> Result<Option<Connected>, Report>,
    manner: Manner,
    around: Surroundings,
) -> Result<(), Report> {
    let cleans_up = Names::of(&Library::pinned(&journal.sources())).has(body_end::NAME);
    if cleans_up {
        let connected = connect(&journal)?;
        let manner = Manner {
            cancelling: true,
            ..manner
        };
        return resume(journal, None, connected, manner, around);
    }
    let attempt = journal.attempt()?.0 + 1;
    journal.append(resumed(attempt, String::new(), None), Durability::Synced)?;
    let by = journal::cancel::requested(journal.dir());
    let ending = Ending::Cancelled { by };
    journal.append(
        Record::RunEnded(RunEnded { attempt, ending }),
        Durability::Synced,
    )?;
    Ok(journal::cancel::withdraw(journal.dir())?)
}

fn resumed(attempt: u32, caller: String, sources: Option<Vec<Source>>) -> Record {
    Record::RunResumed(RunResumed {
        attempt,
        caller,
        engine: env!("CARGO_PKG_VERSION").into(),
        pid: std::process::id(),
        sources,
    })
}

fn execute(conductor: Conductor) -> Result<(), Report> {
    let conductor = Arc::new(conductor);
    let recorder = &conductor.recorder;
    if !recorder.journal.is_draft() {
        recorder.announce();
    }
    let result = conduct(&conductor);
    if recorder.journal.is_draft() {
        return conclude_tick(&conductor, result);
    }
    let concluded = conclude(&conductor, result);
    match Arc::into_inner(conductor) {
        // Ticks are many, and hardly any is taken up again.
        Some(Conductor { recorder, .. }) if recorder.memory.is_some() => recorder.journal.retire(),
        _ => {}
    }
    concluded
}

/// Runs `main` on a thread with room for deep scripts, and heeds requests to end it meanwhile.
fn conduct(conductor: &Arc<Conductor>) -> Scripted<Value> {
    let (running, ended) = channel::<()>();
    let work = move || {
        let _running = running;
        let host: Arc<dyn Host> = Arc::clone(conductor) as Arc<dyn Host>;
        let cancel = conductor.control.cancel.clone();
        let thrown = |report: Report| {
            let message = report.message.into();
            Box::new(EvalAltResult::ErrorRuntime(message, rhai::Position::NONE))
        };
        let script = Script::new(&conductor.library, &host, |engine| {
            engine.on_progress(move |_| {
                cancel
                    .is_set()
                    .then(|| Dynamic::from(StopReason::Cancelled))
            });
        })
        .map_err(thrown)?;
        let params = params::pinned(&conductor.library, conductor.recorder.journal.started())
            .map_err(thrown)?;
        let params = secrets::read_all(&params)?;
        scope::within("", Kind::Branch(Siblings::default()), || {
            step::value_of(&|| script.call("main", &params))
        })
    };
    std::thread::scope(|threads| {
        let thread = ScriptThread::spawn(threads, "main", work);
        if !conductor.control.manner.cancelling {
            heed_requests(conductor, &ended);
        }
        thread.join("the run")
    })
}

/// Ends the run when somebody asks for it, until `ended` is closed.
fn heed_requests(conductor: &Conductor, ended: &Receiver<()>) {
    while ended.recv_timeout(POLL) == Err(RecvTimeoutError::Timeout) {
        if journal::cancel::requested(conductor.recorder.journal.dir()).is_some() {
            return conductor.control.cancel.set();
        }
    }
}

fn conclude(conductor: &Conductor, result: Scripted<Value>) -> Result<(), Report> {
    let attempt = conductor.recorder.attempt;
    let result = conductor.recorder.save_memory(result);
    let (ending, value, report) = match result {
        Ok(value) => (
            Ending::Succeeded {
                value: value.clone(),
            },
            Some(value),
            None,
        ),
        Err(error) => {
            let (ending, report) = ending::failure(conductor, &error);
            (ending, None, Some(report))
        }
    };
    // If the journal is what failed, these fail too, and the first report is the one to show.
    let warned = conductor.warn_of_duplicates();
    let warned = warned.and(conductor.recorder.count_refused());
    let written = warned.and(conductor.recorder.append(
        Record::RunEnded(RunEnded { attempt, ending }),
        Durability::Synced,
    ));
    if written.is_ok() {
        conductor.recorder.forget_run();
        // Left behind, it says nothing any more: the run has its end.
        let _ = journal::cancel::withdraw(conductor.recorder.journal.dir());
    }
    // What is not recorded has not succeeded.
    let (value, report) = match (report, written) {
        (None, Err(StopReason::Journal(unwritten))) => (
            None,
            Some(unwritten.hint(Command::resume(conductor.recorder.id()))),
        ),
        (report, _) => (value, report),
    };
    let (created, value, report) = match (conductor.recorder.journal.entries(), report) {
        (Ok(entries), report) => (created::created(&entries), value, report),
        (Err(unread), None) => (Vec::new(), None, Some(unread.into())),
        (Err(unread), Some(report)) => {
            let cause = format!("cannot read what the run made: {unread}");
            (Vec::new(), value, Some(report.cause(cause)))
        }
    };
    let id = conductor.recorder.id().to_owned();
    conductor.recorder.emit(&Event::RunEnded(Ended {
        id,
        elapsed: conductor.outbound.started.elapsed(),
        created,
        value,
        waits: report
            .as_ref()
            .is_some_and(|report| report.exit == Exit::Waiting),
    }));
    report.map_or(Ok(()), Err)
}

/// Ends what has changed nothing, and of which nothing is recorded.
fn conclude_tick(conductor: &Conductor, result: Scripted<Value>) -> Result<(), Report> {
    let value = match conductor.recorder.save_memory(result) {
        Ok(value) => value,
        Err(error) if matches!(stop_reason(&error), Some(StopReason::DryRunEnd)) => return Ok(()),
        Err(error) => return Err(ending::verdict(conductor, &error)),
    };
    if conductor.control.manner.dry {
        conductor.recorder.emit(&Event::NoChanges);
    }
    if !value.is_null() {
        conductor.recorder.emit(&Event::TickEnded {
            elapsed: conductor.outbound.started.elapsed(),
            value,
        });
    }
    Ok(())
}

/// Whether a run may be resumed as it is: not if it ended well.
pub fn resumable(journal: &Journal) -> Result<(), Report> {
    let id = &journal.started().id;
    if journal.is_undone()? {
        let message = format!("the run `{id}` is undone, in full or in part: it cannot be resumed");
        return Err(Report::new(Exit::Usage, message)
            .hint(Hint::to(
                "to delete the rest of what the run made",
                Command::undo(id),
            ))
            .hint(Command::show(id)));
    }
    let why = match journal.attempt()? {
        (_, Some(Ending::Succeeded { .. })) => "has succeeded",
        (_, Some(Ending::Cancelled { .. })) => "was cancelled",
        (_, Some(Ending::Superseded)) => "was cut off, and a later tick superseded it",
        _ => return Ok(()),
    };
    let message = format!("the run `{id}` {why}: there is nothing to resume");
    Err(Report::new(Exit::Usage, message).hint(Command::show(id)))
}

/// Whether a run may be cancelled: it has not come to an end of another kind.
pub fn cancellable(journal: &Journal) -> Result<(), Report> {
    let id = &journal.started().id;
    let undo = || Command::undo(id).args(["--plan"]);
    let (why, hint) = match journal.attempt()?.1 {
        _ if journal.is_undone()? => ("is undone, in full or in part", undo()),
        Some(Ending::Succeeded { .. }) => ("has succeeded", undo()),
        Some(Ending::Cancelled { .. }) => ("was cancelled", Command::show(id)),
        Some(Ending::Superseded) => (
            "was cut off, and a later tick superseded it",
            Command::show(id),
        ),
        _ => return Ok(()),
    };
    let message = format!("the run `{id}` {why}: there is nothing to cancel");
    Err(Report::new(Exit::Usage, message).hint(hint))
}
