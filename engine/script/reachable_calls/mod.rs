//! What a runbook can call: the functions that `main` leads to, and the AWS operations in them.
//!
//! A function that nothing leads to does not count, and neither does a branch that the settings rule out.

mod known_conditions;

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTNode, Expr, Stmt};
use serde_json::Value;

use crate::leads::{Lead, PARAMS};
use crate::program::Program;
use crate::sources::Library;
use crate::tree::Form;
use crate::visit::base;
use base::report::Report;

use known_conditions::Settled;

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
    let mut walk = Walk {
        program: library.program().complete()?,
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
    program: &'a Program,
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
        let settled = settled && !self.changes_params(form);
        let settings = Settled(self.params.filter(|_| settled));
        let mut found = Vec::new();
        self.program.walk(form, &mut |node| {
            if !settings.rules_out(node.path) {
                members(node.this(), &mut self.reached.members);
                found.extend(node.leads());
            }
        });
        for lead in found {
            self.follow(lead, settled);
        }
    }

    fn follow(&mut self, lead: Lead, settled: bool) {
        for form in lead.to {
            if let Some(service) = form.module.strip_prefix("aws/") {
                self.reached.calls.insert((service.to_owned(), form.name));
                continue;
            }
            let mut parameters = self.program.parameters(&form).iter();
            let place = parameters.position(|name| name == PARAMS);
            let takes_params = place.is_some_and(|at| lead.given.get(at) == Some(&true));
            self.lead_to(form, settled && takes_params);
        }
    }

    /// Whether a function gives `params` another value.
    fn changes_params(&self, form: &Form) -> bool {
        let mut changes = false;
        self.program.walk(form, &mut |node| {
            changes |= match node.this() {
                ASTNode::Stmt(Stmt::Var(variable, ..)) => variable.0.name == PARAMS,
                ASTNode::Stmt(Stmt::For(parts, _)) => parts.0.name == PARAMS,
                ASTNode::Stmt(Stmt::Assignment(parts)) => base(&parts.1.lhs) == Some(PARAMS),
                _ => false,
            };
        });
        changes
    }
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

#[cfg(test)]
mod tests;
