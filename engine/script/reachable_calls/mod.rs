//! What a runbook can call: the functions that `main` leads to, and the AWS operations in them.
//!
//! A function that nothing leads to does not count, and neither does a branch that the settings rule out.

mod known_conditions;

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTNode, Expr, FnCallExpr, Stmt};
use serde_json::Value;

use super::functions::{Form, Functions};
use crate::ast::{compile, is_run_call, reader};
use crate::sources::Library;
use base::report::Report;

pub(super) use known_conditions::PARAMS;
use known_conditions::{Settled, is_params};

/// What `main` leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Services with the names of their operations and waiters.
    pub calls: BTreeSet<(String, String)>,
    /// The names of members that maps are given or asked for.
    pub members: BTreeSet<String>,
}

/// Returns what a checked runbook can call; with `params`, by these settings.
pub fn reached(library: &Library, params: Option<&Value>) -> Result<Reached, Report> {
    let mut asts = BTreeMap::new();
    for source in library.sources() {
        asts.insert(source.name.clone(), compile(reader(), source)?);
    }
    let functions = Functions::of(&asts);
    let mut walk = Walk {
        functions: &functions,
        params,
        visited: BTreeMap::new(),
        open: Vec::new(),
        reached: Reached::default(),
    };
    walk.lead_to(Form::new(&library.main().name, "main", 1), params.is_some());
    while let Some((form, settled)) = walk.open.pop() {
        walk.visit(&form, settled);
    }
    Ok(walk.reached)
}

struct Walk<'a> {
    functions: &'a Functions,
    params: Option<&'a Value>,
    /// With whether `params` in it is the runbook's.
    visited: BTreeMap<Form, bool>,
    open: Vec<(Form, bool)>,
    reached: Reached,
}

impl Walk<'_> {
    /// A function is visited again where `params` turns out not to be the runbook's on every way to it.
    fn lead_to(&mut self, form: Form, settled: bool) {
        let is_news = match self.visited.get(&form) {
            None => true,
            Some(before) => *before && !settled,
        };
        if is_news {
            self.visited.insert(form.clone(), settled);
            self.open.push((form, settled));
        }
    }

    fn visit(&mut self, form: &Form, settled: bool) {
        let Some(function) = self.functions.get(form) else {
            return;
        };
        let settled = settled && !function.changes(PARAMS);
        let settings = Settled(self.params.filter(|_| settled));
        let mut found = Vec::new();
        function.walk(&mut |path| {
            if let Some(node) = path.last()
                && !settings.rules_out(path)
            {
                members(node, &mut self.reached.members);
                found.extend(leads(self.functions, &form.module, path));
            }
        });
        for lead in found {
            self.follow(&form.module, lead, settled);
        }
    }

    fn follow(&mut self, module: &str, lead: Lead, settled: bool) {
        match lead {
            Lead::Runbook(path) => self.lead_to(Form::new(&path, "main", 1), false),
            Lead::Named(name) => {
                for form in self.functions.named(module, &name) {
                    self.lead_to(form, false);
                }
            }
            Lead::Closure { name, captured } => {
                for form in self.functions.named(module, &name) {
                    let kept = settled && self.takes(&form, |at| captured.get(at) == Some(&true));
                    self.lead_to(form, kept);
                }
            }
            Lead::Call {
                target,
                name,
                given,
            } => {
                if let Some(service) = target.strip_prefix("aws/") {
                    self.reached.calls.insert((service.to_owned(), name));
                    return;
                }
                let form = Form::new(&target, &name, given.len());
                let kept = settled && self.takes(&form, |at| given.get(at) == Some(&true));
                self.lead_to(form, kept);
            }
        }
    }

    /// Whether a function's `params` is what is given at its place.
    fn takes(&self, form: &Form, is_given: impl Fn(usize) -> bool) -> bool {
        let mut names = self
            .functions
            .get(form)
            .into_iter()
            .flat_map(|it| &it.parameters);
        names.position(|name| name == PARAMS).is_some_and(is_given)
    }
}

/// Something that leads to a function.
pub(super) enum Lead {
    Call {
        /// A module, `aws/…`, or a namespace that needs no import.
        target: String,
        name: String,
        /// For each argument, whether it is the variable `params`.
        given: Vec<bool>,
    },
    /// A closure, with whether each captured variable is `params`.
    Closure { name: String, captured: Vec<bool> },
    /// A function pointer by name.
    Named(String),
    /// Another runbook, with a scope of its own.
    Runbook(String),
}

/// Adds the members that a node gives to a map or asks one for.
fn members(node: &ASTNode<'_>, members: &mut BTreeSet<String>) {
    match node {
        ASTNode::Expr(Expr::Map(map, _)) => {
            members.extend(map.0.iter().map(|(name, _)| name.name.to_string()));
        }
        ASTNode::Expr(Expr::Property(property, _)) => {
            members.insert(property.2.to_string());
        }
        _ => {}
    }
}

/// Returns what the last node of a path leads to.
pub(super) fn leads(functions: &Functions, module: &str, path: &[ASTNode<'_>]) -> Vec<Lead> {
    let called = |call, this| called(functions.target(module, call), call, this);
    let found = match path.last() {
        Some(ASTNode::Expr(Expr::DynamicConstant(value, _))) if !is_curried(path) => {
            [pointed(value).map(Lead::Named), None]
        }
        Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) => {
            [called(call, None), None]
        }
        // Rhai takes the value that a method is called on for `this`, or for the first argument.
        Some(ASTNode::Expr(Expr::MethodCall(call, _))) => {
            [called(call, None), called(call, Some(false))]
        }
        _ => [None, None],
    };
    found.into_iter().flatten().collect()
}

fn called(target: &str, call: &FnCallExpr, this: Option<bool>) -> Option<Lead> {
    if call.op_token.is_some() {
        return None;
    }
    if is_run_call(call)
        && let Some(Expr::StringConstant(path, _)) = call.args.first()
    {
        return Some(Lead::Runbook(path.to_string()));
    }
    let name = call.name.to_string();
    let given = this.into_iter().chain(call.args.iter().map(is_params));
    let given: Vec<bool> = given.collect();
    match (name.as_str(), call.args.first()) {
        ("curry", Some(Expr::DynamicConstant(value, _))) => Some(Lead::Closure {
            name: pointed(value)?,
            captured: given[1..].to_vec(),
        }),
        ("Fn", Some(Expr::StringConstant(name, _))) => Some(Lead::Named(name.to_string())),
        _ => Some(Lead::Call {
            target: target.to_owned(),
            name,
            given,
        }),
    }
}

/// A closure that captures something is an argument of `curry`, which tells more.
fn is_curried(path: &[ASTNode<'_>]) -> bool {
    let around = path.iter().rev().nth(1);
    matches!(around, Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) if call.name == "curry")
}

/// Returns the name of the function that a constant points to.
pub(super) fn pointed(value: &rhai::Dynamic) -> Option<String> {
    let pointer = value.read_lock::<rhai::FnPtr>()?;
    Some(pointer.fn_name().to_owned())
}

#[cfg(test)]
mod tests;
