//! Calls of one scope that only their order tells apart: on a resume that goes another way, one meets the other's record.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTNode, Expr, FnCallExpr, Position, Stmt};

use super::looks::{Offence, offence};
use crate::bodies::Body;
use crate::leads::{Lead, PARAMS, Way};
use crate::program::Program;
use crate::source_names::step_of;
use crate::tree::{Form, Script};
use crate::visit::{Node, address, block};
use crate::{api, located};
use base::exit::Exit;
use base::report::Report;

/// Returns a warning for each call whose record an earlier one of its scope could take.
pub(super) fn warnings(program: &Program, bodies: &BTreeSet<Body>) -> Vec<Report> {
    let runbooks = program.runbooks();
    let mains: Vec<Form> = runbooks
        .map(|script| Form::new(script.name(), "main", 1))
        .collect();
    let scopes: BTreeSet<Form> = bodies.iter().map(|body| body.form.clone()).collect();
    let mut found = BTreeMap::new();
    for scope in mains.iter().chain(&scopes) {
        let mut reading = Reading {
            program,
            scopes: &scopes,
            visited: BTreeSet::new(),
            calls: Vec::new(),
        };
        reading.visit(scope, &[]);
        for (earlier, later) in reading.pairs() {
            let script = |call: &Call| program.ranked(&call.module);
            if let (Some((_, its)), Some((rank, script))) = (script(earlier), script(later)) {
                found
                    .entry((rank, later.position))
                    .or_insert_with(|| report(earlier, its, later, script));
            }
        }
    }
    found.into_values().collect()
}

fn report(earlier: &Call, its: &Script, later: &Call, script: &Script) -> Report {
    let other = located::line(&its.source, earlier.position);
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
    let report = script.wrong(later.position, message)
        .cause("only the order of the calls distinguishes their records: if a resume makes one call without the other, the run stops as diverged")
        .hint(hint);
    Report {
        exit: Exit::Succeeded,
        ..report
    }
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
    program: &'a Program,
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
        if !self.visited.insert(form.clone()) {
            return;
        }
        let program = self.program;
        program.walk(form, &mut |node| {
            let pairs = node.path.windows(2);
            let own = pairs.filter_map(|pair| condition(node.script, &pair[0], &pair[1]));
            let conditions: Vec<Condition> = around.iter().copied().chain(own).collect();
            self.read(node, &conditions);
            for lead in node.leads() {
                self.follow(&lead, node.this(), &conditions);
            }
        });
    }

    fn read(&mut self, node: &Node<'_>, conditions: &[Condition]) {
        let Some(call) = node.call() else {
            return;
        };
        let names_itself = matches!(
            (call.target, call.name(), call.to.args.len()),
            ("run", "step" | "call", 2) | ("run", "wait_until" | "retry", _)
        );
        let what = match (call.to.args.first(), offence(&call)) {
            (Some(Expr::StringConstant(name, _)), _) if names_itself => {
                What::Named(step_of(name).to_owned())
            }
            (_, Some(Offence::Effect(name))) if !is_beat(call.to) => What::Effect(name),
            _ => return,
        };
        self.calls.push(Call {
            what,
            module: node.script.name().to_owned(),
            position: call.position,
            conditions: conditions.to_vec(),
        });
    }

    fn follow(&mut self, lead: &Lead, node: &ASTNode<'_>, conditions: &[Condition]) {
        for form in &lead.to {
            match lead.way {
                // Read as a scope of its own.
                Way::Runbook => {}
                Way::Pointer if self.scopes.contains(form) => {}
                Way::Pointer => {
                    // Whoever has it may call it any number of times.
                    let often = part(node).map(|part| Condition {
                        by: part,
                        part,
                        is_settled: false,
                        is_loop: true,
                    });
                    let conditions = conditions.iter().copied().chain(often);
                    self.visit(form, &conditions.collect::<Vec<_>>());
                }
                Way::Call => self.visit(form, conditions),
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
fn condition(script: &Script, around: &ASTNode<'_>, inside: &ASTNode<'_>) -> Option<Condition> {
    let settled = |decides: &Expr| is_settled(script, decides);
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
fn is_settled(script: &Script, expression: &Expr) -> bool {
    let is_fixed = |node: &ASTNode<'_>| match node {
        ASTNode::Expr(Expr::Variable(variable, ..)) => {
            variable.1 == PARAMS || !variable.2.is_empty()
        }
        ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _)) => {
            call.namespace.is_empty() && script.named(&call.name).is_empty()
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
