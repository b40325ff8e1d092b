//! Everything that can be found wrong before anything happens.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rhai::{AST, CallFnOptions, Dynamic, Engine, EvalAltResult, Module, Scope};
use serde_json::Value;

use super::declared::Constants;
use super::offline::Offline;
use super::{called, declared, lock};
use base::exit::Exit;
use base::report::{Report, Reports};
use base::source::Source;
use journal::entry::{RunStarted, Settings};
use script::declaration::{Kind, Specs};
use script::host::{Host, Scripted};
use script::library::Pinned;
use script::params::Given;
use script::sources::Library;
use script::{api, check, engine, fault, value};

/// What was asked for on the command line.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub runbook: PathBuf,
    pub sites: Vec<PathBuf>,
    pub set: Vec<String>,
}

impl Request {
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            site: self
                .sites
                .iter()
                .map(|site| site.display().to_string())
                .collect(),
            set: self.set.clone(),
        }
    }

    /// Returns the same for another runbook: the site files, and what was set of the settings that it takes.
    pub fn of_another(&self, runbook: &Path) -> Result<Self, Report> {
        let specs = declared::specs(&Library::load(runbook, &self.sites)?)?;
        let takes = |pair: &&String| {
            pair.split_once('=')
                .is_some_and(|(name, _)| specs.contains_key(name))
        };
        Ok(Self {
            runbook: runbook.to_path_buf(),
            sites: self.sites.clone(),
            set: self.set.iter().filter(takes).cloned().collect(),
        })
    }
}

/// A runbook that can be started.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub library: Library,
    pub params: Value,
    /// Whether it is executed again and again: `const TICK = true;`.
    pub tick: bool,
    /// Whether it only looks, and leaves no run behind: `const READ_ONLY = true;`.
    pub read_only: bool,
    /// What no two runs may hold at a time: `const LOCK`.
    pub lock: Option<String>,
    /// The region that the parameters name, if they do.
    pub region: Option<String>,
}

/// Loads, reads and checks a runbook and settles its parameters; nothing is changed anywhere.
pub fn prepare(request: &Request) -> Result<Prepared, Reports> {
    let library = Library::load(&request.runbook, &request.sites)?;
    let mut problems = check::check(&library);
    if problems.is_empty() {
        problems = called::problems(&library);
    }
    if !problems.is_empty() {
        return Err(Reports(problems));
    }
    let constants = Constants::of(library.main())?;
    let specs = constants.specs(&library)?;
    let params = Given::read(&request.sites, &request.set, &specs)?
        .settle(&specs)
        .map_err(|found| settings(&found))?;
    let complaints = validate(&library, &params)?;
    if !complaints.is_empty() {
        return Err(settings(&complaints).into());
    }
    let region = region(&specs, &params);
    let lock = lock::wanted(&library, library.main(), &params)?;
    let tick = constants.is_set("TICK")?;
    let read_only = constants.is_set("READ_ONLY")?;
    if read_only && lock.is_some() {
        let message = "a read-only runbook takes no lock: remove `LOCK` or `READ_ONLY`";
        return Err(constants.wrong("LOCK", message).into());
    }
    Ok(Prepared {
        library,
        params,
        tick,
        read_only,
        lock,
        region,
    })
}

/// Returns the parameters that a run goes on with: those it pinned, in the form that the runbook now declares. A new
/// one takes its preset, one that is gone is left out.
pub fn pinned_params(library: &Library, started: &RunStarted) -> Result<Value, Report> {
    let specs = declared::specs(library)?;
    let as_started = started.sources.first().map(|source| &source.sha256);
    let pinned = Library::pinned(&started.sources);
    if as_started == Some(&library.main().sha256)
        && declared::specs(&pinned).is_ok_and(|declared| declared == specs)
    {
        return Ok(started.params.clone());
    }
    let mut params = Given::pinned(&started.params, &specs)
        .settle(&specs)
        .map_err(|problems| unfit(&problems))?;
    // What was absent stays so: a preset is for runs that begin with it.
    let absent = |name: &str| started.params.get(name) == Some(&Value::Null);
    let fields = params.as_object_mut().into_iter().flatten();
    fields
        .filter(|(name, _)| absent(name))
        .for_each(|(_, value)| *value = Value::Null);
    let complaints = validate(library, &params)?;
    if complaints.is_empty() {
        Ok(params)
    } else {
        Err(unfit(&complaints))
    }
}

fn unfit(problems: &[String]) -> Report {
    let report = Report::new(
        Exit::Usage,
        "the edited runbook does not accept the parameters that the run pinned; nothing was done",
    );
    let report = problems
        .iter()
        .fold(report, |report, problem| report.cause(problem.clone()));
    report.hint(
        "a run keeps the parameters that it started with: give a new parameter a preset (`value: …`) in `PARAMS`",
    )
}

/// Returns the parameters to which the site files and `--set` now give other values than the run pinned.
#[must_use]
pub fn drifted(started: &RunStarted, sites: &[PathBuf]) -> Vec<String> {
    let library = Library::pinned(&started.sources);
    // A file that is gone or broken gives no values.
    let settled = declared::specs(&library).and_then(|specs| {
        let given = Given::read(sites, &started.settings.set, &specs)?;
        Ok(given.known(&specs).settle(&specs).unwrap_or_default())
    });
    let (Ok(Value::Object(now)), Some(pinned)) = (settled, started.params.as_object()) else {
        return Vec::new();
    };
    now.into_iter()
        .filter(|(name, value)| pinned.get(name) != Some(value))
        .map(|(name, _)| name)
        .collect()
}

fn settings(problems: &[String]) -> Report {
    let count = if problems.len() == 1 {
        "a problem".into()
    } else {
        format!("{} problems", problems.len())
    };
    let report = Report::new(
        Exit::Usage,
        format!("the settings have {count}; nothing was started"),
    );
    let report = problems
        .iter()
        .fold(report, |report, problem| report.cause(problem.clone()));
    report.hint("edit the site file, or override a setting with `--set name=value`")
}

/// The run's region is the parameter `region`, where the runbook has one of that type.
fn region(specs: &Specs, params: &Value) -> Option<String> {
    specs
        .get("region")
        .filter(|spec| spec.kind == Kind::Region)?;
    params["region"].as_str().map(str::to_owned)
}

fn validate(library: &Library, params: &Value) -> Result<Vec<String>, Report> {
    validated(library.main(), library, params)
}

/// Returns what the `validate` of a runbook complains of.
pub(super) fn validated(
    source: &Source,
    library: &Library,
    params: &Value,
) -> Result<Vec<String>, Report> {
    let host: Arc<dyn Host> = Arc::new(Offline);
    let script = Script::of(source, library, &host, |_| {})?;
    if !script.has("validate") {
        return Ok(Vec::new());
    }
    let returned = script
        .call("validate", params)
        .and_then(|value| recorded(&value))
        .map_err(|error| report(&error, library, Exit::Usage))?;
    match returned {
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

fn recorded(value: &Dynamic) -> Scripted<Value> {
    super::step::recordable(value)
}

/// Returns a script error as a report, with its place.
pub(super) fn report(error: &EvalAltResult, library: &Library, exit: Exit) -> Report {
    let trouble = fault::trouble(error, library);
    let mut report = Report::new(exit, trouble.fault.message.clone());
    report.excerpt = trouble.excerpt;
    report
}

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
        Self::of(library.main(), library, host, adjust)
    }

    pub(super) fn of(
        source: &Source,
        library: &Library,
        host: &Arc<dyn Host>,
        adjust: impl FnOnce(&mut Engine),
    ) -> Result<Self, Report> {
        let mut engine = engine::runner(host);
        let served = Arc::clone(host);
        let aws = move |service: &str| -> Result<Module, Report> {
            Ok(api::aws::module(&*models::service(service)?, &served))
        };
        engine.set_module_resolver(Pinned::new(library, aws));
        adjust(&mut engine);
        let mut ast = engine
            .compile(&source.text)
            .map_err(|error| fault::syntax(&error, source))?;
        ast.set_source(&source.name);
        Ok(Self { engine, ast })
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
