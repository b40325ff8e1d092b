//! One live run: the journal, the way to AWS, and who watches.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rhai::{Dynamic, Engine, EvalAltResult};
use serde_json::Value;

use super::cancel::Cancel;
use super::caught_failures::CaughtFailures;
use super::cloud::Cloud;
use super::event::{Event, Watch};
use super::issued::Issued;
use super::lock::Locks;
use super::log_lines::LogLines;
use super::recent::Recent;
use super::tick::Manner;
use super::{other_runs, scope};
use base::clock;
use base::clock::Stopwatch;
use base::fault::Fault;
use base::level::Level;
use base::report::Report;
use base::source::Place;
use journal::entry::{Record, Target};
use journal::state::Slot;
use journal::{Durability, Illegal, Journal, JournalError, StateDir};
use probe::{Prober, Question};
use script::host::{
    Body, Branch, BranchLimits, Cleanup, Divergence, Fact, Host, NOW, OnDoubt, Pace, Scripted, Stop,
};
use script::sources::Library;
use script::{fault, place};

/// Runs what the script asks for, once.
pub struct Conductor {
    pub(super) journal: Journal,
    pub(super) state_dir: StateDir,
    pub(super) cloud: Option<Box<dyn Cloud>>,
    pub(super) outside: Arc<dyn Cloud>,
    pub(super) prober: Arc<dyn Prober>,
    pub(super) library: Library,
    pub(super) watch: Arc<dyn Watch>,
    pub(super) cancel: Cancel,
    /// Held while a person is asked.
    pub(super) asking: Mutex<()>,
    /// How long a look-up that finds nothing is repeated before an effect is issued again.
    pub(super) settle_window: Duration,
    pub(super) recent: Recent,
    pub(super) issued: Issued,
    pub(super) caught: CaughtFailures,
    pub(super) log_lines: LogLines,
    pub(super) locks: Locks,
    pub(super) started: Stopwatch,
    pub(super) manner: Manner,
    /// Of the run, counted from 1.
    pub(super) attempt: u32,
    /// Whether the run was announced: a tick becomes one late.
    pub(super) announced: AtomicBool,
}

impl Conductor {
    /// Every call passes here first: nothing starts after Ctrl-C or beside a failed branch.
    pub(super) fn gate(&self) -> Result<(), Stop> {
        if let Some(stop) = scope::stopped() {
            return Err(stop);
        }
        if self.cancel.is_set() {
            return Err(Stop::Cancelled);
        }
        if scope::abandoned() {
            return Err(Stop::Abandoned);
        }
        Ok(())
    }

    /// Sleeps for so long, unless the run is interrupted or a sibling branch fails.
    pub(super) fn pause(&self, duration: Duration) -> Result<(), Stop> {
        if self.cancel.sleep_unless(duration, scope::abandoned) {
            self.gate()?;
        }
        Ok(())
    }

    pub(super) fn slot(&self, key: &str) -> Result<Option<Slot>, Stop> {
        self.journal.slot(key).map_err(broken)
    }

    pub(super) fn append(&self, record: Record, durability: Durability) -> Result<(), Stop> {
        if matches!(record, Record::EffectIntended(_)) {
            self.before_effect()?;
        }
        // A record that is not taken stops the run.
        self.issued.take(&record);
        self.journal.append(record, durability).map_err(refused)?;
        if !self.journal.is_draft() {
            self.announce();
        }
        Ok(())
    }

    fn run_note(&self, key: String, make: &dyn Fn() -> Value) -> Result<Value, Stop> {
        if let Some(Slot::Note { value }) = self.slot(&key)? {
            return Ok(value);
        }
        let value = make();
        self.append(
            Record::Noted {
                key,
                value: value.clone(),
            },
            Durability::Lazy,
        )?;
        Ok(value)
    }

    pub(super) fn tell(&self, event: &Event) {
        // Nobody can look up the steps of a tick that has no run.
        if !self.journal.is_draft() || event.stands_alone() {
            self.watch.event(event);
        }
    }

    pub(super) fn fault(&self, error: &EvalAltResult) -> Fault {
        fault::trouble(error, &self.library).fault
    }

    /// Returns a failure as it goes on and as the journal keeps it: a catch sees the same of both.
    pub(super) fn failure(&self, error: Box<EvalAltResult>) -> (Box<EvalAltResult>, Fault) {
        let (error, thrown) = fault::lasting(error);
        let kept = fault::kept(self.fault(&error), thrown);
        (error, kept)
    }

    /// Returns where the script is calling from.
    pub(super) fn place(&self) -> Option<Place> {
        place::called(&self.library)
    }

    /// A record answers the call that made it, not an equal one elsewhere in the same sources.
    pub(super) fn at_its_place(&self, key: &str, recorded: Option<&Place>) -> Result<(), Stop> {
        same_place(key, recorded, self.place().as_ref())
    }

    pub(super) fn target(&self) -> Option<&Target> {
        self.journal.started().target.as_ref()
    }

    pub(super) fn id(&self) -> &str {
        &self.journal.started().id
    }
}

pub(super) fn same_place(
    key: &str,
    recorded: Option<&Place>,
    asked: Option<&Place>,
) -> Result<(), Stop> {
    match Place::moved(recorded, asked) {
        None => Ok(()),
        places => Err(Stop::Diverged(Divergence {
            key: key.into(),
            places,
            kinds: None,
            calls: None,
        })),
    }
}

/// A name of another kind is the script's matter, not the journal's.
fn refused(error: JournalError) -> Stop {
    match error {
        JournalError::Illegal(Illegal {
            clash: Some(clash), ..
        }) => Stop::Diverged(Divergence {
            key: clash.key,
            places: None,
            kinds: Some((clash.recorded.noun(), clash.asked.noun())),
            calls: None,
        }),
        error => broken(error),
    }
}

pub(super) fn broken(error: JournalError) -> Stop {
    Stop::Journal(Box::new(Report::from(error)))
}

impl Host for Conductor {
    fn step(&self, name: &str, item: Option<&str>, body: Body) -> Scripted<Dynamic> {
        scope::kept(self.run_step(name, item, body))
    }

    fn runbook(
        &self,
        engine: &Engine,
        path: &str,
        item: Option<&str>,
        params: &Value,
    ) -> Scripted<Dynamic> {
        scope::kept(self.run_runbook(engine, path, item, params))
    }

    fn parallel(&self, branches: &[Branch], limits: BranchLimits) -> Scripted<Dynamic> {
        scope::kept(self.run_parallel(branches, limits))
    }

    fn wait_until(&self, what: &str, pace: &Pace, body: Body) -> Scripted<Dynamic> {
        scope::kept(self.run_wait_until(what, pace, body))
    }

    fn retry(&self, what: &str, pace: &Pace, body: Body) -> Scripted<Dynamic> {
        scope::kept(self.run_retry(what, pace, body))
    }

    fn sleep(&self, duration: Duration) -> Scripted<()> {
        scope::kept(self.run_sleep(duration))
    }

    fn finally(&self, body: Body, cleanup: Cleanup) -> Scripted<Dynamic> {
        scope::kept(self.run_finally(body, cleanup))
    }

    fn approve(&self, question: &str, details: Value) -> Scripted<Value> {
        scope::kept(self.run_approve(question, details))
    }

    fn note(&self, name: &str, make: &dyn Fn() -> Value) -> Scripted<Value> {
        let noted = self.run_note(scope::next_key(name), make);
        scope::kept(noted.map_err(Into::into))
    }

    fn now(&self) -> Scripted<Value> {
        let key = scope::next_key_of_attempt(NOW);
        let noted = self.run_note(key, &|| clock::now().to_string().into());
        scope::kept(noted.map_err(Into::into))
    }

    fn call(
        &self,
        service: &str,
        operation: &str,
        input: Value,
        on_doubt: OnDoubt,
    ) -> Scripted<Value> {
        scope::kept(self.run_call(service, operation, &input, on_doubt))
    }

    fn wait_for(&self, service: &str, waiter: &str, input: Value) -> Scripted<()> {
        scope::kept(self.run_waiter(service, waiter, &input))
    }

    fn probe(&self, question: &Question) -> Scripted<Value> {
        scope::kept(self.run_probe(question))
    }

    fn log(&self, level: Level, message: &str) -> Scripted<()> {
        let said = self.say(scope::path(), level, message.to_owned(), Durability::Lazy);
        scope::kept(said.map_err(Into::into))
    }

    fn output(&self, text: &str, data: Value) -> Scripted<()> {
        self.tell(&Event::Output {
            text: text.to_owned(),
            data,
        });
        Ok(())
    }

    fn recorded(&self, part: &str) -> Scripted<Value> {
        other_runs::read(&self.state_dir, part)
    }

    fn recall(&self, key: &str) -> Scripted<Option<Value>> {
        Ok(self.memory()?.get(key))
    }

    fn remember(&self, key: &str, value: Option<Value>) -> Scripted<()> {
        self.memory()?.put(key, value.as_ref());
        Ok(())
    }

    fn fact(&self, fact: Fact) -> Scripted<String> {
        let target = |part: fn(&Target) -> &String| {
            self.target().map(part).cloned().ok_or_else(|| {
                fault::throw(&Fault {
                    message: "this run uses no AWS: it imports no `aws/…` module".into(),
                    ..Fault::default()
                })
            })
        };
        match fact {
            Fact::Id => Ok(self.id().to_owned()),
            Fact::Account => target(|target| &target.account),
            Fact::Region => target(|target| &target.region),
        }
    }
}
