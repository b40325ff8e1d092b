//! A compiled runbook, and what its own functions say before a run.

use std::sync::Arc;

use rhai::{AST, CallFnOptions, Dynamic, Engine, EvalAltResult, Module, Scope};
use serde_json::Value;

use super::offline::Offline;
use super::step;
use base::exit::Exit;
use base::report::Report;
use base::source::Source;
use script::host::{Host, Scripted};
use script::library::Pinned;
use script::script_error::script_error;
use script::sources::Library;
use script::{api, engine, tree, value};

/// A compiled runbook on an engine whose calls go to a host.
pub(super) struct Script {
    engine: Engine,
    ast: AST,
}

impl Script {
    /// Returns the run's own runbook.
    pub(super) fn new(
        library: &Library,
        host: &Arc<dyn Host>,
        adjust: impl FnOnce(&mut Engine),
    ) -> Result<Self, Report> {
        Self::of(&library.main().name, library, host, adjust)
    }

    pub(super) fn of(
        name: &str,
        library: &Library,
        host: &Arc<dyn Host>,
        adjust: impl FnOnce(&mut Engine),
    ) -> Result<Self, Report> {
        let script = library.program().script(name)?;
        Ok(Self::executing(script, library, host, adjust))
    }

    /// The script need not be in the library.
    pub(super) fn executing(
        script: &tree::Script,
        library: &Library,
        host: &Arc<dyn Host>,
        adjust: impl FnOnce(&mut Engine),
    ) -> Self {
        let mut engine = engine::runner(host);
        let served = Arc::clone(host);
        let aws = move |service: &str| -> Result<Module, Report> {
            Ok(api::aws::module(&*models::service(service)?, &served))
        };
        engine.set_module_resolver(Pinned::new(library, aws));
        adjust(&mut engine);
        let ast = script.executable().clone();
        Self { engine, ast }
    }

    fn has(&self, function: &str) -> bool {
        self.ast
            .iter_functions()
            .any(|found| found.name == function)
    }

    pub(super) fn call(&self, function: &str, params: &Value) -> Scripted<Dynamic> {
        let options = CallFnOptions::new().eval_ast(true);
        self.engine.call_fn_with_options(
            options,
            &mut Scope::new(),
            &self.ast,
            function,
            (value::to_script(params),),
        )
    }
}

/// Returns what the `validate` of a runbook complains of.
pub(super) fn validated(
    source: &Source,
    library: &Library,
    params: &Value,
) -> Result<Vec<String>, Report> {
    match asked(source, library, "validate", params)? {
        Value::Null => Ok(Vec::new()),
        Value::Array(problems) => Ok(problems
            .iter()
            .map(|problem| {
                problem
                    .as_str()
                    .map_or_else(|| problem.to_string(), str::to_owned)
            })
            .collect()),
        other => Err(Report::new(
            Exit::Usage,
            format!("`validate` must return a list of problems, not `{other}`"),
        )),
    }
}

/// Returns what a runbook's function returns before there is a run; null if the runbook has none of this name.
pub(super) fn asked(
    source: &Source,
    library: &Library,
    function: &str,
    params: &Value,
) -> Result<Value, Report> {
    let host: Arc<dyn Host> = Arc::new(Offline);
    let script = Script::of(&source.name, library, &host, |_| {})?;
    if !script.has(function) {
        return Ok(Value::Null);
    }
    let returned = script.call(function, params);
    returned
        .and_then(|value| step::recordable(&value))
        .map_err(|error| report(&error, library, Exit::Usage))
}

/// Returns a script error as a report, with its place.
pub(super) fn report(error: &EvalAltResult, library: &Library, exit: Exit) -> Report {
    let cause = script_error(error, library);
    let mut report = Report::new(exit, cause.fault.message.clone());
    report.excerpt = cause.excerpt;
    report
}
