//! What a script can ask of a run, and which file does it.

use std::time::Duration;

use rhai::{Dynamic, Engine};
use serde_json::Value;

use super::conductor::Conductor;
use super::event::Event;
use super::{other_runs, scope};
use base::clock;
use base::fault::Fault;
use base::level::Level;
use base::secret::Reference;
use journal::Durability;
use journal::entry::Target;
use probe::Question;
use script::fault;
use script::host::{Body, Branch, BranchLimits, Cleanup, Fact, Host, NOW, OnDoubt, Pace, Scripted};

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

    fn approve(&self, question: &str, details: Value, rules: Value) -> Scripted<Value> {
        scope::kept(self.run_approve(question, details, &rules))
    }

    fn note(&self, name: &str, make: &dyn Fn() -> Value) -> Scripted<Value> {
        let noted = self.recorder.note(scope::next_key(name), make);
        scope::kept(noted.map_err(Into::into))
    }

    fn now(&self) -> Scripted<Value> {
        let key = scope::next_key_of_attempt(NOW);
        let noted = self.recorder.note(key, &|| clock::now().to_string().into());
        scope::kept(noted.map_err(Into::into))
    }

    fn call(
        &self,
        service: &str,
        operation: &str,
        input: Value,
        on_doubt: OnDoubt,
    ) -> Scripted<Value> {
        scope::kept(self.run_call(service, operation, &input, on_doubt, None))
    }

    fn call_keeping(
        &self,
        service: &str,
        operation: &str,
        input: Value,
        keep: Reference,
    ) -> Scripted<Value> {
        let on_doubt = OnDoubt::default();
        scope::kept(self.run_call(service, operation, &input, on_doubt, Some(keep)))
    }

    fn secret(&self, reference: &Reference) -> Scripted<String> {
        scope::kept(self.read_secret(reference))
    }

    fn wait_for(&self, service: &str, waiter: &str, input: Value) -> Scripted<()> {
        scope::kept(self.run_waiter(service, waiter, &input))
    }

    fn probe(&self, question: &Question) -> Scripted<Value> {
        scope::kept(self.run_probe(question))
    }

    fn log(&self, level: Level, message: &str) -> Scripted<()> {
        let logged = self
            .recorder
            .log(scope::path(), level, message.to_owned(), Durability::Lazy);
        scope::kept(logged.map_err(Into::into))
    }

    fn output(&self, text: &str, data: Value) -> Scripted<()> {
        self.recorder.emit(&Event::Output {
            text: text.to_owned(),
            data,
        });
        Ok(())
    }

    fn recorded(&self, part: &str) -> Scripted<Value> {
        other_runs::read(&self.state_dir, part)
    }

    fn recall(&self, key: &str) -> Scripted<Option<Value>> {
        Ok(self.recorder.memory()?.get(key))
    }

    fn remember(&self, key: &str, value: Option<Value>) -> Scripted<()> {
        self.recorder.memory()?.put(key, value.as_ref());
        Ok(())
    }

    fn fact(&self, fact: Fact) -> Scripted<String> {
        let target = |part: fn(&Target) -> &String| {
            self.recorder.target().map(part).cloned().ok_or_else(|| {
                fault::throw(&Fault::new(
                    "this run uses no AWS: it imports no `aws/…` module",
                ))
            })
        };
        match fact {
            Fact::Id => Ok(self.recorder.id().to_owned()),
            Fact::Account => target(|target| &target.account),
            Fact::Region => target(|target| &target.region),
        }
    }
}
