//! Changes that are lost on a resume: a closure that is not run again changes a variable from outside it.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTFlags, ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::bodies::{Body, Kind, closure};
use crate::fault;
use crate::functions::{Form, Functions, address, base, blocks};
use base::exit::Exit;
use base::report::Report;
use base::source::Source;

/// Rhai's own methods that change what they are called on.
const CHANGING: [&str; 34] = [
    "append",
    "chop",
    "clear",
    "crop",
    "dedup",
    "drain",
    "fill_with",
    "insert",
    "make_lower",
    "make_upper",
    "mixin",
    "pad",
    "pop",
    "push",
    "remove",
    "replace",
    "retain",
    "reverse",
    "set",
    "set_bit",
    "set_bits",
    "set_tag",
    "shift",
    "sort",
    "sort_by",
    "sort_desc",
    "splice",
    "take",
    "trim",
    "truncate",
    "write_ascii",
    "write_be",
    "write_le",
    "write_utf8",
];

/// Returns a report for each change of a captured variable in a closure that `run::` is given.
pub(super) fn problems(
    functions: &Functions,
    bodies: &BTreeSet<Body>,
    sources: &[Source],
) -> Vec<Report> {
    let mut found = BTreeMap::new();
    for body in bodies {
        let mut changes = Changes::new(functions);
        changes.search(&body.form, &body.captured);
        let place = sources.iter().position(|it| it.name == body.form.module);
        for (position, name) in changes.found {
            found.entry((place, position)).or_insert((body.kind, name));
        }
    }
    let reports = found
        .into_iter()
        .filter_map(|((place, position), (kind, name))| {
            Some(report(kind, &sources[place?], &name, position))
        });
    reports.collect()
}

fn report(kind: Kind, source: &Source, name: &str, position: Position) -> Report {
    let (state, function) = match kind {
        Kind::Step => ("finished", "step"),
        Kind::Wait => ("over", "wait_until"),
        Kind::Retry => ("over", "retry"),
        Kind::Finally => ("over", "finally"),
        Kind::Branch => return branch(source, name, position),
    };
    let message = format!("the {kind} changes `{name}`, a variable from outside its closure");
    let report = Report::new(Exit::Usage, message)
        .cause(format!(
            "a resume does not repeat a {kind} that is {state}: the change would be lost"
        ))
        .hint(format!(
            "return the value from the {kind}: let {name} = run::{function}(…)"
        ));
    fault::located(report, source, position)
}

fn branch(source: &Source, name: &str, position: Position) -> Report {
    let message = format!("the branch changes `{name}`, a variable from outside its closure");
    let report = Report::new(Exit::Usage, message)
        .cause("branches run side by side: two changes can collide, and a resume does not repeat them")
        .hint("return a value from each branch, and merge the map of results that `run::parallel` returns");
    fault::located(report, source, position)
}

struct Changes<'a> {
    functions: &'a Functions,
    seen: BTreeSet<(Form, String)>,
    found: BTreeSet<(Position, String)>,
}

impl<'a> Changes<'a> {
    fn new(functions: &'a Functions) -> Self {
        Self {
            functions,
            seen: BTreeSet::new(),
            found: BTreeSet::new(),
        }
    }

    /// Finds the changes of these variables in a function, and in the closures within it.
    fn search(&mut self, form: &Form, names: &[String]) {
        let is_news = |name: &&String| self.seen.insert((form.clone(), (*name).clone()));
        let names: Vec<&String> = names.iter().filter(is_news).collect();
        let Some(function) = self.functions.get(form).filter(|_| !names.is_empty()) else {
            return;
        };
        let mut scopes = Scopes::default();
        let mut within = Vec::new();
        function.walk(&mut |path| {
            scopes.read(path);
            let is_outer =
                |name: &str| names.iter().any(|it| *it == name) && !scopes.has(path, name);
            if let Some((name, position)) = self.change(form, path)
                && is_outer(name)
            {
                self.found.insert((position, name.to_owned()));
            }
            if let Some(ASTNode::Expr(expression)) = path.last()
                && let Some((closure, captured)) = closure(expression)
            {
                let captured = captured.into_iter().filter(|name| is_outer(name));
                within.push((closure, captured.collect::<Vec<_>>()));
            }
        });
        for (closure, captured) in within {
            for form in self.functions.named(&form.module, &closure) {
                self.search(&form, &captured);
            }
        }
    }

    /// Whether a node changes a variable, by itself or by a function of the script; if so, which, and where.
    fn change<'n>(&self, form: &Form, path: &'n [ASTNode<'_>]) -> Option<(&'n str, Position)> {
        changed(path, &|call| {
            let method = Form::new(&form.module, &call.name, call.args.len());
            CHANGING.contains(&call.name.as_str()) || self.changes_this(&method)
        })
    }

    fn changes_this(&self, method: &Form) -> bool {
        let mut changes = false;
        let by_itself = |call: &FnCallExpr| CHANGING.contains(&call.name.as_str());
        if let Some(function) = self.functions.get(method) {
            function.walk(&mut |path| {
                let changed = changed(path, &by_itself);
                changes |= changed.is_some_and(|(name, _)| name == "this");
            });
        }
        changes
    }
}

/// Returns the variable that a node changes, and where.
fn changed<'n>(
    path: &'n [ASTNode<'_>],
    changes: &dyn Fn(&FnCallExpr) -> bool,
) -> Option<(&'n str, Position)> {
    match path.last()? {
        ASTNode::Stmt(Stmt::Assignment(parts)) => {
            let target = &parts.1.lhs;
            Some((base(target)?, target.start_position()))
        }
        ASTNode::Expr(chain) if !is_link(path) => {
            let method = first_method(chain).filter(|call| changes(call));
            method.and(Some((base(chain)?, chain.start_position())))
        }
        _ => None,
    }
}

/// Returns the first method in a chain such as `a.b[0].push(1)`: what follows is called on what it returns.
fn first_method(chain: &Expr) -> Option<&FnCallExpr> {
    let (Expr::Dot(parts, flags, _) | Expr::Index(parts, flags, _)) = chain else {
        return None;
    };
    let link = match &parts.rhs {
        Expr::Dot(rest, ..) | Expr::Index(rest, ..) if !flags.contains(ASTFlags::BREAK) => {
            &rest.lhs
        }
        last => last,
    };
    match (link, &parts.rhs) {
        (Expr::MethodCall(call, _), _) => Some(call),
        (_, rest) if !flags.contains(ASTFlags::BREAK) => first_method(rest),
        _ => None,
    }
}

/// Whether the last node of a path continues the chain around it.
fn is_link(path: &[ASTNode<'_>]) -> bool {
    let [
        ..,
        ASTNode::Expr(Expr::Dot(parts, flags, _) | Expr::Index(parts, flags, _)),
        ASTNode::Expr(last),
    ] = path
    else {
        return false;
    };
    !flags.contains(ASTFlags::BREAK) && address(&parts.rhs) == address(*last)
}

/// The variables that a function declares itself, as far as it was read.
#[derive(Default)]
struct Scopes(Vec<Declared>);

struct Declared {
    name: String,
    block: usize,
    /// The statement whose value does not see the variable yet.
    by: usize,
}

impl Scopes {
    fn read(&mut self, path: &[ASTNode<'_>]) {
        let Some(ASTNode::Stmt(statement)) = path.last() else {
            return;
        };
        let by = address(*statement);
        let mut declare = |name: &str, block: usize| {
            let name = name.to_owned();
            self.0.push(Declared { name, block, by });
        };
        match statement {
            Stmt::Var(variable, ..) => {
                declare(&variable.0.name, blocks(path).last().copied().unwrap_or(0));
            }
            Stmt::For(parts, _) => {
                let names = [Some(&parts.0), parts.1.as_ref()];
                let names = names.into_iter().flatten();
                names.for_each(|it| declare(&it.name, address(&parts.2.body)));
            }
            Stmt::TryCatch(flow, _) => {
                if let Some(name) = base(&flow.expr) {
                    declare(name, address(&flow.branch));
                }
            }
            _ => {}
        }
    }

    fn has(&self, path: &[ASTNode<'_>], name: &str) -> bool {
        let blocks = blocks(path);
        let values = path.iter().filter_map(|node| match node {
            ASTNode::Stmt(statement @ Stmt::Var(..)) => Some(address(*statement)),
            _ => None,
        });
        let values: Vec<usize> = values.collect();
        let mut declared = self.0.iter().filter(|it| it.name == name);
        declared.any(|it| (it.block == 0 || blocks.contains(&it.block)) && !values.contains(&it.by))
    }
}

#[cfg(test)]
mod tests;
