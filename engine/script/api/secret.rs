//! `secret::…`: where a secret is read from.

use std::sync::Arc;

use rhai::{Dynamic, Module};

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::fault;
use crate::host::Host;
use crate::secret_text::Secret;
use base::fault::Fault;
use base::secret::Reference;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "env",
        &["name"],
        "Returns the secret in an environment variable of this process.

A secret can be joined with text (`+`, `${…}`) and given to a call, in `headers` or `body` of `http::post`, in `environment` or
`input` of `command::run`; everything else is refused. The journal, logs and messages have where it is from and a keyed digest. A
resume reads it again. Error `NoSecret`: it is not set, or empty.",
    ),
    primitive(
        "file",
        &["path"],
        "Returns the secret in a file, without the newline at its end.

The path is absolute, and nobody else can read the file. Error `NoSecret`: it cannot be read, is empty, or others can read it.",
    ),
];

pub(super) fn module(host: &Arc<dyn Host>) -> Module {
    let mut module = Module::new();
    reading(&mut module, "env", Reference::env, host);
    reading(&mut module, "file", Reference::file, host);
    module
}

fn reading(
    module: &mut Module,
    name: &str,
    reference: fn(&str) -> Result<Reference, String>,
    host: &Arc<dyn Host>,
) {
    let host = Arc::clone(host);
    function(module, name, move |from: &str| {
        let reference = reference(from).map_err(|problem| unreadable(&problem))?;
        let token = host.secret(&reference)?;
        Ok(Dynamic::from(Secret::from(token.as_str())))
    });
}

/// Returns the error of a secret that cannot be had.
#[must_use]
pub fn unreadable(problem: &str) -> Box<rhai::EvalAltResult> {
    fault::throw(&Fault {
        message: problem.to_owned(),
        code: Some("NoSecret".into()),
        ..Fault::default()
    })
}
