//! `log::…`: lines for the operator, recorded in the journal.

use std::sync::Arc;

use rhai::{Dynamic, Engine, Module};

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::Host;
use crate::secret::no_secret;
use crate::value;
use base::level::Level;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "info",
        &["message"],
        "Shows a line and records it in the journal.",
    ),
    primitive(
        "warn",
        &["message"],
        "Shows a line that a person should read, and records it in the journal.",
    ),
    primitive(
        "error",
        &["message"],
        "Shows a line about something that failed, and records it in the journal; the run goes on.",
    ),
];

pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    for (name, level) in [
        ("info", Level::Info),
        ("warn", Level::Warn),
        ("error", Level::Error),
    ] {
        let host = Arc::clone(host);
        function(&mut module, name, move |message: Dynamic| {
            let json = value::to_json(&message).unwrap_or_default();
            no_secret(name, &json.to_string())?;
            host.log(level, &message.to_string())
        });
    }
    module
}

/// `print` and `debug` are log lines too.
pub(super) fn on_print(engine: &mut Engine, host: &Arc<dyn Host>) {
    // Rhai gives these no way to fail; a journal that cannot be written stops the run at the next call.
    let to = Arc::clone(host);
    engine.on_print(move |text| drop(to.log(Level::Info, text)));
    let to = Arc::clone(host);
    engine.on_debug(move |text, _, _| drop(to.log(Level::Debug, text)));
}
