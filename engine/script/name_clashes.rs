//! Functions of different scripts that Rhai would mix up.
//!
//! Rhai (1.27) looks a function up by its name and number of arguments, among all scripts that a call has come through,
//! and remembers what it found. So a call in one script can end in another's function of the same name, without an error.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Expr, Position, Stmt};

use super::fault;
use crate::ast::walk;
use base::exit::Exit;
use base::report::Report;
use base::source::Source;

/// A name and a number of arguments.
type Form = (String, usize);

struct Forms {
    defined: BTreeSet<Form>,
    /// Without a module's name before it, each with its first place.
    called: BTreeMap<Form, Position>,
}

/// Returns a report for each call that could end in another script's function.
pub(super) fn problems(sources: &[Source], asts: &BTreeMap<String, AST>) -> Vec<Report> {
    let forms: BTreeMap<&str, Forms> = asts
        .iter()
        .map(|(name, ast)| (name.as_str(), Forms::of(ast)))
        .collect();
    let mut reports = Vec::new();
    for source in sources {
        let Some(own) = forms.get(source.name.as_str()) else {
            continue;
        };
        for (form, position) in &own.called {
            let other = forms
                .iter()
                .find(|(name, other)| **name != source.name && own.is_mixed_up(form, other));
            if let Some((other, _)) = other {
                reports.push(report(source, other, form, *position));
            }
        }
    }
    reports
}

impl Forms {
    fn of(ast: &AST) -> Self {
        let defined = ast
            .iter_functions()
            .map(|function| (function.name.to_owned(), function.params.len()))
            .collect();
        let mut called = BTreeMap::new();
        walk(ast, &mut |node| {
            let (ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position))
            | ASTNode::Stmt(Stmt::FnCall(call, position))) = node
            else {
                return;
            };
            if call.namespace.path.is_empty() && call.op_token.is_none() {
                let form = (call.name.to_string(), call.args.len());
                called.entry(form).or_insert(*position);
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

fn report(source: &Source, other: &str, (name, count): &Form, position: Position) -> Report {
    let arguments = if *count == 1 { "argument" } else { "arguments" };
    let message = format!(
        "`{name}` with {count} {arguments} could be confused with the function of that name in `{other}`"
    );
    let report = Report::new(Exit::Usage, message)
        .cause(
            "Rhai distinguishes functions of different scripts only by name and number of arguments",
        )
        .hint(format!(
            "rename one of the two, in `{}` or in `{other}`",
            source.name
        ));
    fault::located(report, source, position)
}
