//! Everything that a script can call, a file a namespace.

pub mod aws;
mod base64;
mod cidr;
mod command;
mod host;
mod http;
mod json;
mod log;
mod options;
mod primitive;
mod probe;
mod register;
mod run;
mod runs;
mod state;
mod targets;
mod time;

use std::sync::Arc;

use rhai::{Engine, Module};

use super::host::Host;

pub use primitive::Primitive;

/// Registers the namespaces; what they do goes to `host`.
pub fn register(engine: &mut Engine, host: &Arc<dyn Host>) {
    add(engine, "run", run::module(host));
    add(engine, "runs", runs::module(host));
    add(engine, "state", state::module(host));
    add(engine, "log", log::module(host));
    add(engine, "probe", probe::module(host));
    add(engine, "host", host::module(host));
    add(engine, "http", http::module(host));
    add(engine, "command", command::module(host));
    register_pure(engine);
    run::on_print(engine, host);
}

/// Registers the namespaces as names only, for compiling and checking.
pub fn register_names(engine: &mut Engine) {
    for name in [
        "run", "runs", "state", "log", "probe", "host", "http", "command",
    ] {
        add(engine, name, Module::new());
    }
    register_pure(engine);
}

fn register_pure(engine: &mut Engine) {
    add(engine, "json", json::module());
    add(engine, "base64", base64::module());
    add(engine, "cidr", cidr::module());
    add(engine, "time", time::module());
}

fn add(engine: &mut Engine, name: &str, module: Module) {
    engine.register_static_module(name, module.into());
}

/// Returns the functions of a namespace; none for what is no namespace.
#[must_use]
pub fn primitives(namespace: &str) -> &'static [Primitive] {
    match namespace {
        "run" => run::FUNCTIONS,
        "runs" => runs::FUNCTIONS,
        "state" => state::FUNCTIONS,
        "log" => log::FUNCTIONS,
        "json" => json::FUNCTIONS,
        "cidr" => cidr::FUNCTIONS,
        "base64" => base64::FUNCTIONS,
        "time" => time::FUNCTIONS,
        "probe" => probe::FUNCTIONS,
        "host" => host::FUNCTIONS,
        "http" => http::FUNCTIONS,
        "command" => command::FUNCTIONS,
        _ => &[],
    }
}

/// Returns the names that may be in a map which a function takes, with the map's place among its arguments.
#[must_use]
pub fn options(namespace: &str, function: &str) -> Vec<(usize, &'static [&'static str])> {
    let of = |table: &[(&str, &'static [&'static str])], name: &str| {
        let row = table.iter().find(|(known, _)| *known == name);
        row.map_or(&[][..], |(_, names)| *names)
    };
    match (namespace, function) {
        ("run", "wait_until" | "retry") => vec![(1, &run::OPTIONS)],
        ("run", "parallel") => vec![(1, &run::LIMITS)],
        ("probe", function) => vec![(1, of(&options::OPTIONS, function))],
        ("http" | "command", _) => {
            vec![
                (0, of(&models::outside::MEMBERS, namespace)),
                (1, &[aws::ON_DOUBT]),
            ]
        }
        _ => Vec::new(),
    }
}

/// Returns name and number of parameters of each function of a namespace.
#[must_use]
pub fn functions(namespace: &str) -> Vec<(String, usize)> {
    primitives(namespace)
        .iter()
        .map(|one| (one.name.to_owned(), one.parameters.len()))
        .collect()
}
