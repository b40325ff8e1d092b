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
pub mod secret;
mod state;
mod targets;
mod time;

use std::sync::Arc;

use rhai::{Engine, Module};

use super::host::Host;
use Make::{Hosted, Pure};

pub use primitive::Primitive;

/// How a namespace gets its functions.
enum Make {
    Pure(fn() -> Module),
    /// What the functions do is up to the host.
    Hosted(fn(&Arc<dyn Host>) -> Module),
}

/// The namespaces that need no import, in the order of the reference.
static NAMESPACES: [(&str, &[&[Primitive]], Make); 13] = [
    ("run", run::FUNCTIONS, Hosted(run::module)),
    ("runs", &[runs::FUNCTIONS], Hosted(runs::module)),
    ("state", &[state::FUNCTIONS], Hosted(state::module)),
    ("log", &[log::FUNCTIONS], Hosted(log::module)),
    ("json", &[json::FUNCTIONS], Pure(json::module)),
    ("base64", &[base64::FUNCTIONS], Pure(base64::module)),
    ("cidr", &[cidr::FUNCTIONS], Pure(cidr::module)),
    ("time", &[time::FUNCTIONS], Pure(time::module)),
    ("probe", &[probe::FUNCTIONS], Hosted(probe::module)),
    ("host", &[host::FUNCTIONS], Hosted(host::module)),
    ("http", &[http::FUNCTIONS], Hosted(http::module)),
    ("command", &[command::FUNCTIONS], Hosted(command::module)),
    ("secret", &[secret::FUNCTIONS], Hosted(secret::module)),
];

/// Returns the names of the namespaces that need no import.
pub fn namespaces<'a>() -> impl Iterator<Item = &'a str> {
    NAMESPACES.iter().map(|(name, ..)| *name)
}

/// Registers the namespaces; what they do goes to `host`. Without one they are there as names, for the compiler.
pub(super) fn register(engine: &mut Engine, host: Option<&Arc<dyn Host>>) {
    for (name, _, make) in &NAMESPACES {
        let module = match (make, host) {
            (Pure(make), _) => make(),
            (Hosted(make), Some(host)) => make(host),
            (Hosted(_), None) => Module::new(),
        };
        engine.register_static_module(*name, module.into());
    }
    if let Some(host) = host {
        log::on_print(engine, host);
    }
}

/// Returns the functions of a namespace; none for what is no namespace.
pub fn primitives(namespace: &str) -> impl Iterator<Item = &'static Primitive> {
    let found = NAMESPACES.iter().find(|(name, ..)| *name == namespace);
    let parts = found.map_or(&[][..], |(_, functions, _)| functions);
    parts.iter().copied().flatten()
}

/// Returns the names that may be in a map which a function takes, with the map's place among its arguments.
#[must_use]
pub fn options(namespace: &str, function: &str) -> Vec<(usize, &'static [&'static str])> {
    match (namespace, function) {
        ("run", "wait_until" | "retry") => vec![(1, &run::PACE)],
        ("run", "parallel") => vec![(1, &run::LIMITS)],
        ("probe", function) => vec![(1, probe::options_of(function))],
        ("http" | "command", _) => {
            let mut members = models::outside::MEMBERS.iter();
            let input = members.find(|(known, _)| *known == namespace);
            vec![
                (0, input.map_or(&[][..], |(_, names)| names)),
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
        .map(|one| (one.name.to_owned(), one.parameters.len()))
        .collect()
}
