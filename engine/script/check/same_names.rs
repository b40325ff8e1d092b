//! Calls of one scope that only their order tells apart: on a resume that goes another way, one meets the other's record.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTNode, Expr, FnCallExpr, Position, Stmt};

use super::looks::{Offence, offence};
use crate::bodies::Body;
use crate::functions::{Form, Functions, address, block, call_of};
use crate::library_error::RUNBOOK;
use crate::reachable_calls::{Lead, PARAMS, leads};
use crate::sources::step_of;
use crate::{api, fault};
use base::exit::Exit;
use base::report::Report;
use base::source::Source;

/// Returns a warning for each call whose record an earlier one of its scope could take.
pub(super) fn warnings(
    functions: &Functions,
    bodies: &BTreeSet<Body>,
    sources: &[Source],
) -> Vec<Report> {
    let is_runbook = |source: &&Source| source.name.ends_with(RUNBOOK);
    let called = sources[1..].iter().filter(is_runbook);
    let runbooks = sources[..1].iter().chain(called);
    let mains: Vec<Form> = runbooks
        .map(|source| Form::new(&source.name, "main", 1))
        .collect();
    let scopes: BTreeSet<Form> = bodies.iter().map(|body| body.form.clone()).collect();
    let mut found = BTreeMap::new();
    for scope in mains.iter().chain(&scopes) {
        let mut reading = Reading {
            functions,
            scopes: &scopes,
            visited: BTreeSet::new(),
            calls: Vec::new(),
        };
        reading.visit(scope, &[]);
        for (earlier, later) in reading.pairs() {
            let place = |call: &Call| (call.module.clone(), call.position);
            found
                .entry(place(later))
                .or_insert_with(|| (earlier.clone(), later.clone()));
        }
    }
    let index = |call: &Call| sources.iter().position(|it| it.name == call.module);
    let mut found: Vec<(Call, Call)> = found.into_values().collect();
    found.sort_by_key(|(_, later)| (index(later), later.position));
    let reports = found.iter().filter_map(|(earlier, later)| {
        Some(report(
            earlier,
            &sources[index(earlier)?],
            later,
            &sources[index(later)?],
        ))
    });
    reports.collect()
}

fn report(earlier: &Call, its: &Source, later: &Call, source: &Source) -> Report {
    let line = earlier.position.line().unwrap_or_default();
    let other = format!("{}:{line}", fault::shown(its));
    let (message, hint) = match &later.what {
        What::Named(name) => (
            format!("two calls in one scope are named `{name}`: the other call is at {other}"),
            "give each a name of its own, or an item: run::step(name, item, || …)",
        ),
        What::Effect(name) => (
            format!(
                "`{name}` is called twice in one scope, once under a condition: the other call is at {other}"
            ),
            "put each into a step with a name of its own: run::step(name, || …)",
        ),
    };
    let report = Report::new(Exit::Succeeded, message)
        .cause("only the order of the calls distinguishes their records: if a resume makes one call without the other, the run stops as diverged")
        .hint(hint);
    fault::located(report, source, later.position)
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// A step or a wait without an item.
    Named(String),
    Effect(String),
}

#[derive(Clone, Debug)]
struct Call {
    what: What,
    module: String,
    position: Position,
    conditions: Vec<Condition>,
}

/// A part of a script that is not run in any case, or not once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Condition {
    /// The statement that decides.
    by: usize,
    part: usize,
    /// The pinned parameters decide: a resume goes the same way.
    is_settled: bool,
    is_loop: bool,
}

impl Call {
    /// Whether this call can be left out, or made again, while the other is made.
    fn varies_beside(&self, other: &Self) -> bool {
        let mut own = self.conditions.iter();
        own.any(|it| !it.is_settled && !other.conditions.contains(it))
    }

    /// Whether the parameters decide which of the two is made.
    fn excludes(&self, other: &Self) -> bool {
        let is_other_part = |own: &Condition| {
            let mut theirs = other.conditions.iter();
            theirs.any(|it| it.by == own.by && it.part != own.part)
        };
        let mut own = self.conditions.iter();
        own.any(|it| it.is_settled && is_other_part(it))
    }

    fn shares_loop(&self, other: &Self) -> bool {
        let mut own = self.conditions.iter();
        own.any(|it| it.is_loop && other.conditions.contains(it))
    }

    fn is_mixed_up_with(&self, later: &Self) -> bool {
        self.what == later.what
            && (&self.module, self.position) != (&later.module, later.position)
            && !self.excludes(later)
            && match self.what {
                What::Named(_) => true,
                What::Effect(_) => {
                    self.varies_beside(later)
                        || (self.shares_loop(later) && later.varies_beside(self))
                }
            }
    }
}

struct Reading<'a> {
    functions: &'a Functions,
    /// Closures with a scope of their own.
    scopes: &'a BTreeSet<Form>,
    visited: BTreeSet<Form>,
    calls: Vec<Call>,
}

impl Reading<'_> {
    fn pairs(&self) -> impl Iterator<Item = (&Call, &Call)> {
        let calls = self.calls.iter().enumerate();
        calls.filter_map(|(place, later)| {
            let mut before = self.calls[..place].iter();
            Some((
                before.find(|earlier| earlier.is_mixed_up_with(later))?,
                later,
            ))
        })
    }

    /// Reads a function where it is called; what it calls belongs to the same scope.
    fn visit(&mut self, form: &Form, around: &[Condition]) {
        let functions = self.functions;
        let Some(function) = functions.get(form) else {
            return;
        };
        if !self.visited.insert(form.clone()) {
            return;
        }
        function.walk(&mut |path| {
            let own = path
                .windows(2)
                .filter_map(|pair| condition(functions, &form.module, &pair[0], &pair[1]));
            let conditions: Vec<Condition> = around.iter().copied().chain(own).collect();
            self.read(form, path, &conditions);
            for lead in leads(functions, &form.module, path) {
                self.follow(form, lead, path, &conditions);
            }
        });
    }

    fn read(&mut self, form: &Form, path: &[ASTNode<'_>], conditions: &[Condition]) {
        let Some((call, position)) = path.last().and_then(call_of) else {
            return;
        };
        let target = self.functions.target(&form.module, call);
        let names_itself = matches!(
            (target, call.name.as_str(), call.args.len()),
            ("run", "step" | "call", 2) | ("run", "wait_until" | "retry", _)
        );
        let what = match (call.args.first(), offence(target, call)) {
            (Some(Expr::StringConstant(name, _)), _) if names_itself => {
                What::Named(step_of(name).to_owned())
            }
            (_, Some(Offence::Effect(name))) if !is_beat(call) => What::Effect(name),
            _ => return,
        };
        self.calls.push(Call {
            what,
            module: form.module.clone(),
            position,
            conditions: conditions.to_vec(),
        });
    }

    fn follow(&mut self, form: &Form, lead: Lead, path: &[ASTNode<'_>], conditions: &[Condition]) {
        match lead {
            // Read as a scope of its own.
            Lead::Runbook(_) => {}
            Lead::Named(name) | Lead::Closure { name, .. } => {
                for closure in self.functions.named(&form.module, &name) {
                    if !self.scopes.contains(&closure) {
                        // Whoever has it may call it any number of times.
                        let part = path.last().and_then(part);
                        let often = part.map(|part| Condition {
                            by: part,
                            part,
                            is_settled: false,
                            is_loop: true,
                        });
                        let conditions = conditions.iter().copied().chain(often);
                        let conditions: Vec<Condition> = conditions.collect();
                        self.visit(&closure, &conditions);
                    }
                }
            }
            Lead::Call {
                target,
                name,
                given,
            } => {
                self.visit(&Form::new(&target, &name, given.len()), conditions);
            }
        }
    }
}

/// What the next tick makes up for is nobody's loss.
fn is_beat(call: &FnCallExpr) -> bool {
    let Some(Expr::Map(options, _)) = call.args.get(1) else {
        return false;
    };
    let mut names = options.0.iter().map(|(name, _)| name.name.as_str());
    names.any(|name| name == api::aws::BEAT)
}

/// Returns under which condition a node has another in it.
fn condition(
    functions: &Functions,
    module: &str,
    around: &ASTNode<'_>,
    inside: &ASTNode<'_>,
) -> Option<Condition> {
    let settled = |decides: &Expr| is_settled(functions, module, decides);
    let by = part(around)?;
    let part = block(around, inside).map(address);
    let (part, is_settled) = match (around, inside) {
        (ASTNode::Stmt(Stmt::If(flow, _)), _) => (part?, settled(&flow.expr)),
        (ASTNode::Stmt(Stmt::For(parts, _)), _) => (part?, settled(&parts.2.expr)),
        (ASTNode::Stmt(Stmt::While(..) | Stmt::Do(..)), _) => (part?, false),
        (ASTNode::Stmt(Stmt::TryCatch(flow, _)), ASTNode::Stmt(inside)) => {
            // What a try begins with is made in any case.
            let begins = flow
                .body
                .iter()
                .next()
                .is_some_and(|first| address(first) == address(*inside));
            (part.filter(|_| !begins)?, false)
        }
        (ASTNode::Stmt(Stmt::Switch(parts, _)), ASTNode::Expr(inside)) => {
            let is_subject = address(&parts.0) == address(*inside);
            let part = Some(address(*inside)).filter(|_| !is_subject);
            (part?, settled(&parts.0))
        }
        (
            ASTNode::Expr(Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _)),
            ASTNode::Expr(inside),
        ) => {
            let is_first = parts
                .first()
                .is_some_and(|first| address(first) == address(*inside));
            (Some(address(*inside)).filter(|_| !is_first)?, false)
        }
        _ => return None,
    };
    let is_loop = matches!(
        around,
        ASTNode::Stmt(Stmt::For(..) | Stmt::While(..) | Stmt::Do(..))
    );
    Some(Condition {
        by,
        part,
        is_settled,
        is_loop,
    })
}

fn part(node: &ASTNode<'_>) -> Option<usize> {
    match node {
        ASTNode::Stmt(statement) => Some(address(*statement)),
        ASTNode::Expr(expression) => Some(address(*expression)),
        _ => None,
    }
}

/// Whether the pinned parameters alone decide a value.
fn is_settled(functions: &Functions, module: &str, expression: &Expr) -> bool {
    let is_fixed = |node: &ASTNode<'_>| match node {
        ASTNode::Expr(Expr::Variable(variable, ..)) => {
            variable.1 == PARAMS || !variable.2.is_empty()
        }
        ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _)) => {
            call.namespace.is_empty() && functions.named(module, &call.name).is_empty()
        }
        ASTNode::Expr(Expr::Stmt(_) | Expr::DynamicConstant(..) | Expr::Unit(_)) => false,
        _ => true,
    };
    expression.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
        path.last().is_none_or(is_fixed)
    })
}

#[cfg(test)]
mod tests;
