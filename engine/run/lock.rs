//! `const LOCK`: what only one run may be at. A text, or a closure that makes one of the parameters.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rhai::EvalAltResult;
use serde_json::Value;

use super::declared::Constants;
use super::offline::Offline;
use super::prepare::{self, Script, report};
use base::exit::Exit;
use base::report::Report;
use base::source::Source;
use journal::entry::RunStarted;
use journal::{Holder, JournalError, SharedLock, StateDir};
use script::fault;
use script::host::Host;
use script::sources::Library;

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
    let constants = Constants::of(source)?;
    if !constants.declares(NAME) {
        return Ok(None);
    }
    let asked = Source {
        text: format!("{}{ASKING}", source.text),
        ..source.clone()
    };
    let host: Arc<dyn Host> = Arc::new(Offline);
    let answer = Script::of(&asked, library, &host, |_| {})?.call(FUNCTION, params);
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
    let params = prepare::pinned_params(library, started)?;
    wanted(library, library.main(), &params)
}

/// The locks that a run has, until its process ends or the next tick begins.
#[derive(Default)]
pub(super) struct Locks {
    held: Mutex<BTreeMap<String, SharedLock>>,
}

impl Locks {
    /// Takes a lock for the run, unless the run has it.
    pub(super) fn take(
        &self,
        lock: Option<String>,
        started: &RunStarted,
        state_dir: &StateDir,
    ) -> Result<(), JournalError> {
        let Some(lock) = lock else {
            return Ok(());
        };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.contains_key(&lock) {
            return Ok(());
        }
        let holder = Holder {
            lock: lock.clone(),
            run: started.id.clone(),
            runbook: started.runbook.clone(),
            pid: std::process::id(),
        };
        held.insert(lock, SharedLock::take(state_dir, &holder)?);
        Ok(())
    }
}
