//! `log::…`: lines for the operator, kept in the journal.

use std::sync::Arc;

use rhai::{Dynamic, Module};

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::host::Host;
use base::level::Level;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "info",
        &["message"],
        "Shows a line and keeps it in the run's journal.",
    ),
    primitive(
        "warn",
        &["message"],
        "Shows a line that a person should look at, and keeps it in the run's journal.",
    ),
    primitive(
        "error",
        &["message"],
        "Shows a line about something that failed, and keeps it in the run's journal; the run goes on.",
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
            host.log(level, &message.to_string())
        });
    }
    module
}
