//! `run::call`: another runbook as a step.

use rhai::{CallFnOptions, Dynamic, Engine, Expr, FnCallExpr, Scope};
use serde_json::{Map, Value, json};

use super::compiled::validated;
use super::conductor::Conductor;
use super::declared::Constants;
use super::recorder::broken;
use super::{lock, scope, step};
use base::fault::Fault;
use base::report::Report;
use base::source::Source;
use journal::JournalError;
use script::declaration::Specs;
use script::host::Scripted;
use script::params::Given;
use script::source_names::step_of;
use script::sources::Library;
use script::{fault, located, value};

/// A runbook with the parameters that it is called with, which it takes.
pub(super) struct Called<'a> {
    source: &'a Source,
    constants: Constants<'a>,
    params: Value,
}

impl<'a> Called<'a> {
    pub(super) fn new(library: &'a Library, path: &str, params: &Value) -> Scripted<Self> {
        let source = library.find(path).ok_or_else(|| {
            thrown(
                "InvalidArgument",
                format!("the runbook `{path}` is not pinned"),
                None,
            )
        })?;
        let called = Constants::of(library, path).and_then(|constants| {
            let specs = constants.specs(library)?;
            let settled = settle(library, source, params, &specs)?;
            Ok((constants, settled))
        });
        let (constants, settled) = called.map_err(|report| unfit(source, &[report.message]))?;
        let params = settled.map_err(|problems| unfit(source, &problems))?;
        Ok(Self {
            source,
            constants,
            params,
        })
    }

    /// Runs its `main`; no function of the script that calls it is seen there.
    pub(super) fn execute(&self, engine: &Engine) -> Scripted<Dynamic> {
        let ast = self.constants.script().executable();
        let options = CallFnOptions::new().eval_ast(true);
        let params = value::to_script(&self.params);
        engine.call_fn_with_options(options, &mut Scope::new(), ast, "main", (params,))
    }
}

impl Conductor {
    pub(super) fn run_runbook(
        &self,
        engine: &Engine,
        path: &str,
        item: Option<&str>,
        params: &Value,
    ) -> Scripted<Dynamic> {
        self.run_step(step_of(path), item, &|| {
            let called = Called::new(&self.library, path, params)?;
            self.hold_to(&called)?;
            called.execute(engine)
        })
    }

    /// A runbook keeps its word also where another one calls it.
    fn hold_to(&self, called: &Called) -> Scripted<()> {
        let unread = |report: Report| thrown("InvalidArgument", report.message, None);
        if called.constants.is_set("READ_ONLY").map_err(unread)? {
            scope::look_only();
            return Ok(());
        }
        if !self.control.manner.locks() {
            return Ok(());
        }
        let lock = lock::wanted(&self.library, called.source, &called.params).map_err(unread)?;
        let taken = self
            .control
            .locks
            .take(lock, self.recorder.journal.started(), &self.state_dir);
        taken.map_err(|error| match error {
            JournalError::LockHeld { .. } => thrown("Locked", error.to_string(), None),
            error => broken(error).into(),
        })
    }
}

type Settled = Result<Value, Vec<String>>;

fn settle(
    library: &Library,
    source: &Source,
    params: &Value,
    specs: &Specs,
) -> Result<Settled, Report> {
    let settled = match Given::passed(params, specs).settle(specs) {
        Ok(settled) => settled,
        Err(problems) => return Ok(Err(problems)),
    };
    let complaints = validated(source, library, &settled)?;
    Ok(if complaints.is_empty() {
        Ok(settled)
    } else {
        Err(complaints)
    })
}

fn refusal(source: &Source, problems: &[String]) -> String {
    let file = located::shown(source);
    format!(
        "`{file}` does not take these parameters: {}",
        problems.join("; ")
    )
}

fn unfit(source: &Source, problems: &[String]) -> Box<rhai::EvalAltResult> {
    let details = json!({"runbook": source.name, "problems": problems});
    thrown(
        "InvalidParameters",
        refusal(source, problems),
        Some(details),
    )
}

fn thrown(code: &str, message: String, details: Option<Value>) -> Box<rhai::EvalAltResult> {
    fault::throw(&Fault {
        details,
        ..Fault::coded(code, message)
    })
}

/// Returns what is wrong with the calls of other runbooks, as far as it can be told before a run.
#[must_use]
pub fn problems(library: &Library) -> Vec<Report> {
    let mut problems = Vec::new();
    for script in library.program().scripts() {
        script.runbook_calls(&mut |path, call, position| {
            let located = |report| located::located(report, &script.source, position);
            let found = problem(library, path, call);
            problems.extend(found.map(located));
        });
    }
    problems
}

fn problem(library: &Library, path: &str, call: &FnCallExpr) -> Option<Report> {
    let source = library.find(path)?;
    let wrong = |message| Report::new(base::exit::Exit::Usage, message);
    let judged = Constants::of(library, path).and_then(|constants| {
        if constants.is_set("TICK")? {
            let message = format!(
                "`{path}` is a tick, which no runbook can call: a tick has a memory of its own"
            );
            return Ok(Some(wrong(message)));
        }
        let mut specs = constants.specs(library)?;
        let Some(Expr::Map(map, _)) = call.args.last() else {
            return Ok(None);
        };
        let whole = map.0.len();
        let params = literals(
            map.0
                .iter()
                .map(|(name, value)| (name.name.as_str(), value)),
            &mut specs,
        );
        let settled = if params.len() == whole {
            settle(library, source, &params.into(), &specs)?
        } else {
            let params = Value::Object(params);
            Given::passed(&params, &specs).settle(&specs)
        };
        Ok(settled
            .err()
            .map(|problems| wrong(refusal(source, &problems))))
    });
    judged.unwrap_or_else(Some)
}

/// Returns the parameters whose values are written out; of the others only the names can be wrong.
fn literals<'e>(
    given: impl Iterator<Item = (&'e str, &'e Expr)>,
    specs: &mut Specs,
) -> Map<String, Value> {
    let mut params = Map::new();
    for (name, expression) in given {
        let literal = expression.get_literal_value(None);
        let value = literal.and_then(|value| step::recordable(&value).ok());
        if value.is_some() || specs.remove(name).is_none() {
            params.insert(name.to_owned(), value.unwrap_or_default());
        }
    }
    params
}
