//! The parameters of a run that was started before, and what has become of the settings since.

use std::path::PathBuf;

use serde_json::Value;

use super::compiled::validated;
use super::declared;
use base::exit::Exit;
use base::report::Report;
use journal::entry::RunStarted;
use script::params::Given;
use script::sources::Library;

/// Returns the parameters that a run goes on with: those it pinned, in the form that the runbook now declares. A new
/// one takes its preset, one that is gone is left out.
pub fn pinned(library: &Library, started: &RunStarted) -> Result<Value, Report> {
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
    let complaints = validated(library.main(), library, &params)?;
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
