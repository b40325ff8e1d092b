//! `import "aws/…"`: a service's operations and waiters as functions of one map.

use std::sync::Arc;

use rhai::{Dynamic, Map, Module};
use serde_json::Value;

use super::function;
use crate::aws::models::Service;
use crate::journal::entry::Fault;
use crate::script::host::{Host, Scripted};
use crate::script::{fault, value};

/// Returns the module of a service.
#[must_use]
pub fn module(service: &Service, host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    for operation in service.operations.keys() {
        let call = caller(&service.name, operation, host);
        function(&mut module, operation, move |input: Map| {
            call(Dynamic::from_map(input))
        });
        let call = caller(&service.name, operation, host);
        function(&mut module, operation, move || {
            call(Dynamic::from_map(Map::new()))
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
) -> impl Fn(Dynamic) -> Scripted<Dynamic> + Send + Sync + 'static {
    let (host, service, operation) = (Arc::clone(host), service.to_owned(), operation.to_owned());
    move |input| {
        host.call(&service, &operation, json(&input)?)
            .map(|output| value::to_script(&output))
    }
}

fn json(input: &Dynamic) -> Scripted<Value> {
    value::to_json(input).map_err(|error| {
        fault::throw(&Fault {
            message: error.to_string(),
            code: Some("InvalidInput".into()),
            ..Fault::default()
        })
    })
}
