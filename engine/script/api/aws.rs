//! `import "aws/…"`: a service's operations and waiters as functions of one map.

use std::sync::Arc;

use rhai::{Dynamic, Map, Module};
use serde_json::Value;

use crate::api::register::function;
use crate::host::{Host, OnDoubt, Scripted};
use crate::{fault, value};
use base::secret::Reference;
use models::Service;

/// The options in the second map of a call.
pub const OPTIONS: [&str; 3] = [ON_DOUBT, BEAT, KEEP];

/// What to do if AWS does not show whether the call was done.
pub const ON_DOUBT: &str = "on_doubt";

/// Whether the next tick makes up for the call.
pub const BEAT: &str = "beat";

/// Where the secret goes that only the reply has.
pub const KEEP: &str = "keep";

/// The values of `on_doubt`.
pub const DOUBTS: [&str; 2] = ["retry", "stop"];

/// Returns the module of a service.
#[must_use]
pub fn module(service: &Service, host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    for operation in service.operations.keys() {
        calls(&mut module, &service.name, operation, host);
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

/// Adds an operation as a function of its input, and of options beside it.
pub(super) fn calls(module: &mut Module, service: &str, operation: &str, host: &Arc<dyn Host>) {
    let call = caller(service, operation, host);
    function(module, operation, move |input: Map| {
        call(input, OnDoubt::default())
    });
    let call = caller(service, operation, host);
    let (host, service, name) = (Arc::clone(host), service.to_owned(), operation.to_owned());
    function(module, operation, move |input: Map, options: Map| {
        let on_doubt = on_doubt(&options)?;
        let Some(keep) = options.get(KEEP) else {
            return call(input, on_doubt);
        };
        let place = keep.clone().into_string().unwrap_or_default();
        let keep = Reference::keep(&place).map_err(wrong)?;
        if on_doubt != OnDoubt::default() {
            return Err(wrong(format!(
                "`{KEEP}` is the only option of a call: a secret that is lost is for a person"
            )));
        }
        let output = host.call_keeping(&service, &name, json(&input.into())?, keep)?;
        Ok(value::to_script(&output))
    });
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

/// Reads the second map of a call: `#{on_doubt: "retry"}` or `#{beat: true}`.
fn on_doubt(options: &Map) -> Scripted<OnDoubt> {
    let unknown = |name: &&str| !OPTIONS.contains(name);
    if let Some(other) = options.keys().map(|name| &**name).find(unknown) {
        return Err(wrong(format!(
            "a call has no option `{other}`: there are `{ON_DOUBT}`, `{BEAT}` and `{KEEP}`"
        )));
    }
    if is_beat(options.get(BEAT))? {
        return Ok(OnDoubt::Beat);
    }
    let Some(value) = options.get(ON_DOUBT) else {
        return Ok(OnDoubt::default());
    };
    match &*value.clone().into_immutable_string().unwrap_or_default() {
        "retry" => Ok(OnDoubt::Retry),
        "stop" => Ok(OnDoubt::Stop),
        _ => Err(wrong(format!(
            "`{ON_DOUBT}` is \"retry\" or \"stop\", not `{value}`"
        ))),
    }
}

fn is_beat(value: Option<&Dynamic>) -> Scripted<bool> {
    let wrongly = |found: &Dynamic| wrong(format!("`{BEAT}` is true or false, not `{found}`"));
    value.map_or(Ok(false), |value| {
        value.as_bool().map_err(|_| wrongly(value))
    })
}

fn wrong(message: String) -> Box<rhai::EvalAltResult> {
    fault::error("InvalidInput", message)
}

fn json(input: &Dynamic) -> Scripted<Value> {
    value::to_record(input).map_err(|error| wrong(error.to_string()))
}
