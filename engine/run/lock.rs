//! `const LOCK`: what only one run may be at. A text, or a closure that makes one of the parameters.

use std::sync::Arc;

use rhai::EvalAltResult;
use serde_json::Value;

use super::compiled::{Script, report};
use super::declared::Constants;
use super::offline::Offline;
use super::params;
use base::exit::Exit;
use base::report::Report;
use base::source::Source;
use journal::entry::RunStarted;
use script::host::Host;
use script::sources::Library;
use script::{fault, tree};

const NAME: &str = "LOCK";
/// A closure sees the modules that its script imports only where the script itself calls it.
const FUNCTION: &str = "__lock";
const ASKING: &str = r#"
; fn __lock(params) { if type_of(global::LOCK) == "Fn" { global::LOCK.call(params) } else { global::LOCK } }"#;

/// Returns the lock that the runbook in `source` wants with these parameters; nothing is called for it.
pub(super) fn wanted(
    library: &Library,
    source: &Source,
    params: &Value,
) -> Result<Option<String>, Report> {
    let constants = Constants::of(library, &source.name)?;
    if !constants.declares(NAME) {
        return Ok(None);
    }
    let asked = Source {
        text: format!("{}{ASKING}", source.text),
        ..source.clone()
    };
    let host: Arc<dyn Host> = Arc::new(Offline);
    let asking = tree::Script::compile(&asked)?;
    let answer = Script::executing(&asking, library, &host, |_| {}).call(FUNCTION, params);
    let text = match answer {
        Ok(value) => value.into_string().ok().filter(|text| !text.is_empty()),
        Err(error) if takes_no_params(&error) => None,
        Err(error) => return Err(report(&error, library, Exit::Usage)),
    };
    text.map(Some).ok_or_else(|| {
        constants
            .wrong(
                NAME,
                "`LOCK` must be a text, or a closure that makes one of the parameters",
            )
            .hint("write it like: const LOCK = |params| `network ${params.name}`;")
    })
}

/// Whether it is the closure that cannot be called so.
fn takes_no_params(error: &EvalAltResult) -> bool {
    fault::fault(error).message.contains("`anon$")
}

/// Returns the lock of a run that goes on with these sources.
pub(super) fn of_run(library: &Library, started: &RunStarted) -> Result<Option<String>, Report> {
    let params = params::pinned(library, started)?;
    wanted(library, library.main(), &params)
}
