//! The host for what runs before a run: `validate` and `resources` may compute, nothing else.

use std::time::Duration;

use rhai::{Dynamic, Engine};
use serde_json::Value;

use base::fault::Fault;
use base::level::Level;
use base::secret::Reference;
use probe::Question;
use script::fault;
use script::host::{Body, Branch, BranchLimits, Cleanup, Fact, Host, OnDoubt, Pace, Scripted};

pub(super) struct Offline;

fn refused<T>(what: &str) -> Scripted<T> {
    let message = format!("`{what}` belongs in `main`: there is no run yet");
    Err(fault::throw(&Fault::coded("NoRun", message)))
}

impl Host for Offline {
    fn step(&self, _: &str, _: Option<&str>, _: Body) -> Scripted<Dynamic> {
        refused("run::step")
    }

    fn runbook(&self, _: &Engine, _: &str, _: Option<&str>, _: &Value) -> Scripted<Dynamic> {
        refused("run::call")
    }

    fn parallel(&self, _: &[Branch], _: BranchLimits) -> Scripted<Dynamic> {
        refused("run::parallel")
    }

    fn wait_until(&self, _: &str, _: &Pace, _: Body) -> Scripted<Dynamic> {
        refused("run::wait_until")
    }

    fn retry(&self, _: &str, _: &Pace, _: Body) -> Scripted<Dynamic> {
        refused("run::retry")
    }

    fn sleep(&self, _: Duration) -> Scripted<()> {
        refused("run::sleep")
    }

    fn finally(&self, _: Body, _: Cleanup) -> Scripted<Dynamic> {
        refused("run::finally")
    }

    fn approve(&self, _: &str, _: Value, _: Value) -> Scripted<Value> {
        refused("run::approve")
    }

    fn note(&self, name: &str, _: &dyn Fn() -> Value) -> Scripted<Value> {
        refused(&name.replace('.', "::"))
    }

    fn now(&self) -> Scripted<Value> {
        refused("run::now")
    }

    fn call(&self, service: &str, operation: &str, _: Value, _: OnDoubt) -> Scripted<Value> {
        refused(&format!("{service}::{operation}"))
    }

    fn call_keeping(
        &self,
        service: &str,
        operation: &str,
        _: Value,
        _: Reference,
    ) -> Scripted<Value> {
        refused(&format!("{service}::{operation}"))
    }

    fn secret(&self, _: &Reference) -> Scripted<String> {
        refused("secret")
    }

    fn wait_for(&self, service: &str, waiter: &str, _: Value) -> Scripted<()> {
        refused(&format!("{service}::{waiter}"))
    }

    fn probe(&self, question: &Question) -> Scripted<Value> {
        refused(&question.name())
    }

    fn log(&self, _: Level, _: &str) -> Scripted<()> {
        refused("log")
    }

    fn output(&self, _: &str, _: Value) -> Scripted<()> {
        refused("run::output")
    }

    fn recorded(&self, _: &str) -> Scripted<Value> {
        refused("runs::get")
    }

    fn recall(&self, _: &str) -> Scripted<Option<Value>> {
        refused("state::get")
    }

    fn remember(&self, _: &str, _: Option<Value>) -> Scripted<()> {
        refused("state::put")
    }

    fn fact(&self, _: Fact) -> Scripted<String> {
        refused("run::id")
    }
}
