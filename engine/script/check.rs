//! Reads scripts before they run: every call must be of something that exists.
//!
//! Rhai resolves names when it comes to them, which may be after half a network is built.

mod calls;
mod captured;
mod keeps;
mod looks;
mod same_names;
mod secrets;

use crate::bodies::bodies;
use crate::sources::Library;
use crate::tree::Script;
use crate::{located, name_clashes};
use base::exit::Exit;
use base::report::Report;

/// Returns every misspelt or missing name in the sources, each as a report with its place.
#[must_use]
pub fn check(library: &Library) -> Vec<Report> {
    let program = library.program();
    let mut reports: Vec<Report> = program.failures().cloned().collect();
    reports.extend(calls::problems(program));
    reports.extend(program.scripts().iter().flat_map(secrets::problems));
    // What another runbook of the run has, Rhai does not mix up with it.
    let clashes = program.by_runbook();
    for report in clashes.iter().flat_map(|it| name_clashes::problems(it)) {
        if !reports.contains(&report) {
            reports.push(report);
        }
    }
    let bodies = bodies(program);
    reports.extend(captured::problems(program, &bodies));
    reports.extend(looks::problems(program, &bodies));
    reports.extend(program.runbooks().flat_map(entry_points));
    reports
}

/// Returns what is not wrong and yet may stop a resume, each with its place.
pub fn warnings(library: &Library) -> Result<Vec<Report>, Report> {
    let program = library.program().complete()?;
    Ok(same_names::warnings(program, &bodies(program)))
}

/// `main` must be there, `validate` and `resources` may; all take the parameters.
fn entry_points(script: &Script) -> Vec<Report> {
    let wrong = |name: &str, problem: &str| {
        let message = format!("`{}`: `{name}` {problem}", located::shown(&script.source));
        Report::new(Exit::Usage, message).hint(format!(
            "a runbook has a function `fn {name}(params) {{ … }}`"
        ))
    };
    let takes_more = |name: &&str| {
        let forms = script.named(name);
        !forms.is_empty() && forms.iter().all(|form| form.arity != 1)
    };
    let missing = script
        .named("main")
        .is_empty()
        .then(|| wrong("main", "is missing"));
    let mistaken = ["main", "validate", "resources"]
        .into_iter()
        .filter(takes_more)
        .map(|name| wrong(name, "must take one parameter"));
    missing.into_iter().chain(mistaken).collect()
}

#[cfg(test)]
pub(super) mod tests;
