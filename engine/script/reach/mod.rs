//! What a runbook can call: the functions that `main` leads to, and the AWS operations in them.
//!
//! A function that nothing leads to does not count, and neither does a branch that the settings rule out.

mod function;
mod settled;

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Expr, FnCallExpr, Stmt};
use serde_json::Value;

use super::check::{compile, reader};
use super::library::Library;
use crate::report::Report;
use function::{Form, Function};
use settled::{PARAMS, Settled, is_params};

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
    let mut walk = Walk {
        asts: &asts,
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
    asts: &'a BTreeMap<String, AST>,
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
        let Some(function) = self
            .asts
            .get(&form.module)
            .map(|ast| Function::of(ast, form))
        else {
            return;
        };
        let settled = settled && !function.changes(PARAMS);
        let settings = Settled(self.params.filter(|_| settled));
        let imports = self.imports(&form.module);
        let mut found = Vec::new();
        function.walk(&mut |path| {
            if let Some(node) = path.last()
                && !settings.rules_out(path)
            {
                read(node, path, &mut self.reached.members, &mut found);
            }
        });
        for lead in found {
            self.follow(&form.module, &imports, lead, settled);
        }
    }

    fn follow(
        &mut self,
        module: &str,
        imports: &BTreeMap<String, String>,
        lead: Lead,
        settled: bool,
    ) {
        match lead {
            Lead::Named(name) => {
                for arity in self.arities(module, &name) {
                    self.lead_to(Form::new(module, &name, arity), false);
                }
            }
            Lead::Closure { name, captured } => {
                for arity in self.arities(module, &name) {
                    let form = Form::new(module, &name, arity);
                    let kept = settled && self.takes(&form, |at| captured.get(at) == Some(&true));
                    self.lead_to(form, kept);
                }
            }
            Lead::Call { alias, name, given } => {
                let target = match &alias {
                    None => module.to_owned(),
                    Some(alias) => match imports.get(alias) {
                        Some(path) => path.clone(),
                        None => return,
                    },
                };
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
        let names = self
            .asts
            .get(&form.module)
            .map(|ast| function::parameters(ast, form));
        let place = names.and_then(|names| names.iter().position(|name| name == PARAMS));
        place.is_some_and(is_given)
    }

    fn arities(&self, module: &str, name: &str) -> Vec<usize> {
        self.asts
            .get(module)
            .map(|ast| function::arities(ast, name))
            .unwrap_or_default()
    }

    fn imports(&self, module: &str) -> BTreeMap<String, String> {
        let mut imports = BTreeMap::new();
        for statement in self.asts.get(module).into_iter().flat_map(AST::statements) {
            if let Stmt::Import(import, _) = statement
                && let Expr::StringConstant(path, _) = &import.0
            {
                imports.insert(import.1.name.to_string(), path.to_string());
            }
        }
        imports
    }
}

/// Something that leads to a function.
enum Lead {
    Call {
        alias: Option<String>,
        name: String,
        /// For each argument, whether it is the variable `params`.
        given: Vec<bool>,
    },
    /// A closure, with whether each captured variable is `params`.
    Closure { name: String, captured: Vec<bool> },
    /// A function pointer by name.
    Named(String),
}

fn read(
    node: &ASTNode<'_>,
    path: &[ASTNode<'_>],
    members: &mut BTreeSet<String>,
    found: &mut Vec<Lead>,
) {
    match node {
        ASTNode::Expr(Expr::Map(map, _)) => {
            members.extend(map.0.iter().map(|(name, _)| name.name.to_string()));
        }
        ASTNode::Expr(Expr::Property(property, _)) => {
            members.insert(property.2.to_string());
        }
        ASTNode::Expr(Expr::DynamicConstant(value, _)) if !is_curried(path) => {
            found.extend(pointed(value).map(Lead::Named));
        }
        ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _)) => {
            found.extend(called(call, None));
        }
        // Rhai takes the value that a method is called on for `this`, or for the first argument.
        ASTNode::Expr(Expr::MethodCall(call, _)) => {
            found.extend(called(call, None));
            found.extend(called(call, Some(false)));
        }
        _ => {}
    }
}

fn called(call: &FnCallExpr, this: Option<bool>) -> Option<Lead> {
    if call.op_token.is_some() {
        return None;
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
        _ => {
            let alias = call.namespace.path.first();
            Some(Lead::Call {
                alias: alias.map(|alias| alias.name.to_string()),
                name,
                given,
            })
        }
    }
}

/// A closure that captures something is an argument of `curry`, which tells more.
fn is_curried(path: &[ASTNode<'_>]) -> bool {
    let around = path.iter().rev().nth(1);
    matches!(around, Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) if call.name == "curry")
}

fn pointed(value: &rhai::Dynamic) -> Option<String> {
    let pointer = value.read_lock::<rhai::FnPtr>()?;
    Some(pointer.fn_name().to_owned())
}

#[cfg(test)]
mod tests;
