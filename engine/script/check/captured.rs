//! Changes that are lost on a resume: a closure that is not run again changes a variable from outside it.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTFlags, ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::bodies::{Body, Kind, closure};
use crate::program::Program;
use crate::tree::{Form, Script};
use crate::visit::{Node, address, base};
use base::report::Report;

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
pub(super) fn problems(program: &Program, bodies: &BTreeSet<Body>) -> Vec<Report> {
    let mut found = BTreeMap::new();
    for body in bodies {
        let mut changes = Changes::new(program);
        changes.search(&body.form, &body.captured);
        let Some((rank, script)) = program.ranked(&body.form.module) else {
            continue;
        };
        for (position, name) in changes.found {
            found
                .entry((rank, position))
                .or_insert_with(|| report(body.kind, script, &name, position));
        }
    }
    found.into_values().collect()
}

fn report(kind: Kind, script: &Script, name: &str, position: Position) -> Report {
    let message = format!("the {kind} changes `{name}`, a variable from outside its closure");
    let report = script.wrong(position, message);
    let (state, function) = match kind {
        Kind::Step => ("finished", "step"),
        Kind::Wait => ("over", "wait_until"),
        Kind::Retry => ("over", "retry"),
        Kind::Finally => ("over", "finally"),
        Kind::Branch => {
            return report
                .cause("branches run side by side: two changes can collide, and a resume does not repeat them")
                .hint("return a value from each branch, and merge the map of results that `run::parallel` returns");
        }
    };
    report
        .cause(format!(
            "a resume does not repeat a {kind} that is {state}: the change would be lost"
        ))
        .hint(format!(
            "return the value from the {kind}: let {name} = run::{function}(…)"
        ))
}

struct Changes<'a> {
    program: &'a Program,
    seen: BTreeSet<(Form, String)>,
    found: BTreeSet<(Position, String)>,
}

impl<'a> Changes<'a> {
    fn new(program: &'a Program) -> Self {
        Self {
            program,
            seen: BTreeSet::new(),
            found: BTreeSet::new(),
        }
    }

    /// Finds the changes of these variables in a function, and in the closures within it.
    fn search(&mut self, form: &Form, names: &[String]) {
        let is_news = |name: &&String| self.seen.insert((form.clone(), (*name).clone()));
        let names: Vec<&String> = names.iter().filter(is_news).collect();
        if names.is_empty() {
            return;
        }
        let mut within = Vec::new();
        self.program.walk(form, &mut |node| {
            let is_outer = |name: &str| names.iter().any(|it| *it == name) && !node.has_local(name);
            if let Some((name, position)) = self.change(node)
                && is_outer(name)
            {
                self.found.insert((position, name.to_owned()));
            }
            if let ASTNode::Expr(expression) = node.this()
                && let Some((closure, captured)) = closure(expression)
            {
                let captured = captured.into_iter().filter(|name| is_outer(name));
                within.push((closure, captured.collect::<Vec<_>>()));
            }
        });
        for (closure, captured) in within {
            for form in self.program.named(&form.module, &closure) {
                self.search(&form, &captured);
            }
        }
    }

    /// Whether a node changes a variable, by itself or by a function of the script; if so, which, and where.
    fn change<'n>(&self, node: &Node<'n>) -> Option<(&'n str, Position)> {
        changed(node.path, &|call| {
            let method = Form::new(node.script.name(), &call.name, call.args.len());
            CHANGING.contains(&call.name.as_str()) || self.changes_this(&method)
        })
    }

    fn changes_this(&self, method: &Form) -> bool {
        let mut changes = false;
        let by_itself = |call: &FnCallExpr| CHANGING.contains(&call.name.as_str());
        self.program.walk(method, &mut |node| {
            let changed = changed(node.path, &by_itself);
            changes |= changed.is_some_and(|(name, _)| name == "this");
        });
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

#[cfg(test)]
mod tests;
