//! `log::…`: lines for the operator, kept in the journal.

use std::sync::Arc;

use rhai::{Dynamic, Module};

use super::function;
use crate::journal::entry::Level;
use crate::script::host::Host;

pub(super) const FUNCTIONS: [(&str, usize); 3] = [("info", 1), ("warn", 1), ("error", 1)];

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
