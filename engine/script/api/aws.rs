//! `import "aws/…"`: a service's operations and waiters as functions of one map.

use std::sync::Arc;

use rhai::{Dynamic, Map, Module};
use serde_json::Value;

use super::function;
use crate::aws::models::Service;
use crate::journal::entry::Fault;
use crate::script::host::{Host, OnDoubt, Scripted};
use crate::script::{fault, value};

/// The option in the second map of a call.
pub const OPTION: &str = "on_doubt";

/// What it can be.
pub const DOUBTS: [&str; 2] = ["retry", "stop"];

/// Returns the module of a service.
#[must_use]
pub fn module(service: &Service, host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    for operation in service.operations.keys() {
        let call = caller(&service.name, operation, host);
        function(&mut module, operation, move |input: Map| {
            call(input, OnDoubt::default())
        });
        let call = caller(&service.name, operation, host);
        function(&mut module, operation, move |input: Map, options: Map| {
            call(input, on_doubt(&options)?)
        });
        let call = caller(&service.name, operation, host);
        function(&mut module, operation, move || {
            call(Map::new(), OnDoubt::default())
        });
    }
    for waiter in service.waiters.keys() {
        let (host, service, name) = (Arc::clone(host), service.name.clone(), waiter.clone());
        function(&mut module, waiter, move |input: Map| {
            host.wait_for(&service, &name, json(&input.into())?)
        });
    }
    module
}

fn caller(
    service: &str,
    operation: &str,
    host: &Arc<dyn Host>,
) -> impl Fn(Map, OnDoubt) -> Scripted<Dynamic> + Send + Sync + 'static {
    let (host, service, operation) = (Arc::clone(host), service.to_owned(), operation.to_owned());
    move |input, on_doubt| {
        host.call(&service, &operation, json(&input.into())?, on_doubt)
            .map(|output| value::to_script(&output))
    }
}

/// Reads the second map of a call: `#{on_doubt: "retry"}`.
fn on_doubt(options: &Map) -> Scripted<OnDoubt> {
    let mut chosen = OnDoubt::default();
    for (name, value) in options {
        let word = value.clone().into_immutable_string().unwrap_or_default();
        chosen = match (name.as_str(), word.as_str()) {
            (OPTION, "retry") => OnDoubt::Retry,
            (OPTION, "stop") => OnDoubt::Stop,
            (OPTION, _) => {
                return Err(wrong(format!(
                    "`{OPTION}` is \"retry\" or \"stop\", not `{value}`"
                )));
            }
            (other, _) => {
                return Err(wrong(format!(
                    "a call has no option `{other}`; the only one is `{OPTION}`"
                )));
            }
        };
    }
    Ok(chosen)
}

fn wrong(message: String) -> Box<rhai::EvalAltResult> {
    fault::throw(&Fault {
        message,
        code: Some("InvalidInput".into()),
        ..Fault::default()
    })
}

fn json(input: &Dynamic) -> Scripted<Value> {
    value::to_json(input).map_err(|error| wrong(error.to_string()))
}
