//! Functions of different scripts that Rhai would mix up.
//!
//! Rhai (1.27) looks a function up by its name and number of arguments, among all scripts that a call has come through,
//! and remembers what it found. So a call in one script can end in another's function of the same name, without an error.

use std::collections::{BTreeMap, BTreeSet};

use rhai::Position;

use crate::tree::Script;
use base::report::Report;

/// A name and a number of arguments.
type Form = (String, usize);

struct Forms {
    defined: BTreeSet<Form>,
    /// Without a module's name before it, each with its first place.
    called: BTreeMap<Form, Position>,
}

/// Returns a report for each call that could end in another script's function.
pub(super) fn problems(scripts: &[&Script]) -> Vec<Report> {
    let forms: BTreeMap<&str, Forms> = scripts
        .iter()
        .map(|script| (script.name(), Forms::of(script)))
        .collect();
    let mut reports = Vec::new();
    for script in scripts {
        let own = &forms[script.name()];
        for (form, position) in &own.called {
            let mut others = forms.iter().filter(|(name, _)| **name != script.name());
            if let Some((other, _)) = others.find(|(_, other)| own.is_mixed_up(form, other)) {
                reports.push(report(script, other, form, *position));
            }
        }
    }
    reports
}

impl Forms {
    fn of(script: &Script) -> Self {
        let functions = script.functions.keys();
        let defined = functions
            .map(|form| (form.name.clone(), form.arity))
            .collect();
        let mut called = BTreeMap::new();
        script.walk(&mut |node| {
            if let Some(call) = node.call()
                && call.to.namespace.path.is_empty()
                && call.to.op_token.is_none()
            {
                let form = (call.name().to_owned(), call.to.args.len());
                called.entry(form).or_insert(call.position);
            }
        });
        Self { defined, called }
    }

    /// Whether a call here may be taken for one of the other script's function.
    fn is_mixed_up(&self, form: &Form, other: &Self) -> bool {
        let is_own = self.defined.contains(form);
        other.defined.contains(form) && (!is_own || other.called.contains_key(form))
    }
}

fn report(script: &Script, other: &str, (name, count): &Form, position: Position) -> Report {
    let arguments = if *count == 1 { "argument" } else { "arguments" };
    let message = format!(
        "`{name}` with {count} {arguments} could be confused with the function of that name in `{other}`"
    );
    let own = script.name();
    script
        .wrong(position, message)
        .cause(
            "Rhai distinguishes functions of different scripts only by name and number of arguments",
        )
        .hint(format!(
            "rename one of the two, in `{own}` or in `{other}`"
        ))
}
