//! The host of a replay that changes nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rhai::{Dynamic, Engine};
use serde_json::Value;

use super::reads::Reads;
use super::recorded::Recorded;
use super::seen::{Seen, Verdict};
use super::{Kind, Limits, Why};
use crate::called::Called;
use crate::cancel::Cancel;
use crate::caught_failures::CaughtFailures;
use crate::{other_runs, scope};
use base::clock;
use base::clock::Stopwatch;
use base::fault::Fault;
use base::level::Level;
use journal::StateDir;
use journal::entry::{Entry, Target};
use journal::state::Slot;
use probe::{Prober, Question};
use script::fault;
use script::host::{
    Body, Branch, BranchLimits, Cleanup, Fact, Host, NOW, OnDoubt, Pace, Scripted, Stop,
};
use script::sources::Library;
use script::sources::step_of;

/// A loop that waits for something new would find new things without end.
const FOUND: usize = 20_000;

pub(super) struct Dry {
    run: String,
    target: Option<Target>,
    pub(super) slots: HashMap<String, Slot>,
    pub(super) past: CaughtFailures,
    pub(super) reads: Reads,
    state_dir: StateDir,
    pub(super) prober: Arc<dyn Prober>,
    pub(super) cancel: Cancel,
    limits: Limits,
    watch: Stopwatch,
    state: Mutex<State>,
    /// Whose runbooks the scripts may call.
    pub(super) library: Library,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) seen: Seen,
    pub(super) reads: usize,
}

impl Dry {
    pub(super) fn new(
        entries: &[Entry],
        recorded: &Recorded,
        reads: Reads,
        state_dir: StateDir,
        prober: Arc<dyn Prober>,
        cancel: Cancel,
        limits: Limits,
    ) -> Self {
        Self {
            run: recorded.started().id.clone(),
            target: recorded.started().target.clone(),
            slots: recorded.slots().clone(),
            past: CaughtFailures::of(entries),
            reads,
            state_dir,
            prober,
            cancel,
            limits,
            watch: Stopwatch::start(),
            state: Mutex::default(),
            library: Library::pinned(&[]),
        }
    }

    pub(super) fn seen(&self) -> Seen {
        self.state().seen.clone()
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_set()
    }

    /// Whether it is over, by Ctrl-C or by its time.
    pub(super) fn spent(&self) -> bool {
        self.cancel.is_set() || self.watch.elapsed() >= self.limits.time
    }

    /// Notes how a scope ended early.
    pub(super) fn ended(&self, scope: &str, fault: Fault) {
        let limit = self.limit();
        let mut state = self.state();
        let after = state.seen.unknown.clone().filter(|_| limit.is_none());
        let limit = limit.map(|message| Fault {
            message,
            ..Fault::default()
        });
        state.seen.halt(scope, after, limit.unwrap_or(fault));
    }

    fn limit(&self) -> Option<String> {
        let Limits { time, reads } = self.limits;
        let state = self.state();
        if self.watch.elapsed() >= time {
            return Some(format!(
                "the forecast takes longer than {}s",
                time.as_secs()
            ));
        }
        if state.reads > reads {
            return Some(format!("the forecast takes more than {reads} reads"));
        }
        let many = state.seen.found.len() >= FOUND;
        many.then(|| format!("the forecast finds more than {FOUND} steps and effects"))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn gate(&self) -> Result<(), Stop> {
        if self.cancel.is_set() || self.limit().is_some() {
            return Err(Stop::Cancelled);
        }
        scope::stopped().map_or(Ok(()), Err)
    }

    pub(super) fn note(&self, key: &str, kind: Kind, verdict: Verdict) {
        self.state().seen.note(key, kind, verdict);
    }

    /// Says that the script goes on with `()` for a value that only the resume will have.
    pub(super) fn unknown(&self, key: &str, why: Why) -> Dynamic {
        self.state().seen.not_known(key, why);
        Dynamic::UNIT
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.state().seen.unknown.is_some()
    }

    /// What is recorded under this key is of another kind: the resume could not record this one.
    pub(super) fn other_kind(&self, key: &str, kind: Kind, slot: &Slot) -> Dynamic {
        let recorded = Value::from(kind_of(slot).noun());
        let asked = Value::from(kind.noun());
        self.note(key, kind, Verdict::Changed { recorded, asked });
        self.unknown(key, Why::ChangedInput)
    }

    fn dry_note(&self, key: &str, make: &dyn Fn() -> Value) -> Scripted<Value> {
        self.gate()?;
        if let Some(Slot::Note { value }) = self.slots.get(key) {
            self.note(key, Kind::Value, Verdict::Reused);
            return Ok(value.clone());
        }
        self.note(key, Kind::Value, Verdict::New);
        Ok(make())
    }
}

pub(super) fn kind_of(slot: &Slot) -> Kind {
    match slot {
        Slot::Effect(_) => Kind::Effect,
        Slot::Wait(_) => Kind::Wait,
        Slot::Note { .. } => Kind::Value,
        Slot::Step(_) | Slot::Run(_) | Slot::Forgotten { .. } => Kind::Step,
    }
}

impl Host for Dry {
    fn step(&self, name: &str, item: Option<&str>, body: Body) -> Scripted<Dynamic> {
        scope::kept(self.dry_step(name, item, body))
    }

    fn runbook(
        &self,
        engine: &Engine,
        path: &str,
        item: Option<&str>,
        params: &Value,
    ) -> Scripted<Dynamic> {
        scope::kept(self.dry_step(step_of(path), item, &|| {
            Called::new(&self.library, path, params)?.execute(engine)
        }))
    }

    fn parallel(&self, branches: &[Branch], _: BranchLimits) -> Scripted<Dynamic> {
        scope::kept(self.dry_parallel(branches))
    }

    fn wait_until(&self, what: &str, _: &Pace, body: Body) -> Scripted<Dynamic> {
        scope::kept(self.dry_wait_until(what, body))
    }

    fn retry(&self, what: &str, _: &Pace, body: Body) -> Scripted<Dynamic> {
        scope::kept(self.dry_retry(what, body))
    }

    fn sleep(&self, _: Duration) -> Scripted<()> {
        scope::kept(self.dry_sleep())
    }

    fn finally(&self, body: Body, cleanup: Cleanup) -> Scripted<Dynamic> {
        scope::kept(self.dry_finally(body, cleanup))
    }

    fn approve(&self, question: &str, _: Value) -> Scripted<Value> {
        scope::kept(self.dry_approve(question))
    }

    fn note(&self, name: &str, make: &dyn Fn() -> Value) -> Scripted<Value> {
        scope::kept(self.dry_note(&scope::next_key(name), make))
    }

    fn now(&self) -> Scripted<Value> {
        let key = scope::next_key_of_attempt(NOW);
        scope::kept(self.dry_note(&key, &|| clock::now().to_string().into()))
    }

    fn call(&self, service: &str, operation: &str, input: Value, _: OnDoubt) -> Scripted<Value> {
        scope::kept(self.dry_call(service, operation, &input))
    }

    fn wait_for(&self, service: &str, waiter: &str, input: Value) -> Scripted<()> {
        scope::kept(self.dry_waiter(service, waiter, &input))
    }

    fn probe(&self, question: &Question) -> Scripted<Value> {
        scope::kept(self.dry_probe(question))
    }

    fn log(&self, _: Level, _: &str) -> Scripted<()> {
        Ok(())
    }

    fn output(&self, _: &str, _: Value) -> Scripted<()> {
        Ok(())
    }

    fn recorded(&self, part: &str) -> Scripted<Value> {
        other_runs::read(&self.state_dir, part)
    }

    fn recall(&self, _: &str) -> Scripted<Option<Value>> {
        Ok(None)
    }

    fn remember(&self, _: &str, _: Option<Value>) -> Scripted<()> {
        Ok(())
    }

    fn fact(&self, fact: Fact) -> Scripted<String> {
        let target = |part: fn(&Target) -> &String| {
            self.target.as_ref().map(part).cloned().ok_or_else(|| {
                fault::throw(&Fault {
                    message: "this run uses no AWS: it imports no `aws/…` module".into(),
                    ..Fault::default()
                })
            })
        };
        match fact {
            Fact::Id => Ok(self.run.clone()),
            Fact::Account => target(|target| &target.account),
            Fact::Region => target(|target| &target.region),
        }
    }
}
