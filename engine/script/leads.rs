//! Where a node leads: the functions that are called there, or given away.

use rhai::{ASTNode, Expr, FnCallExpr, Stmt};

use crate::tree::Form;
use crate::visit::{Node, pointed};

/// What runbooks call the settings they are given.
pub(crate) const PARAMS: &str = "params";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The function is called.
    Call,
    /// A closure or a function pointer: whoever has it may call it.
    Pointer,
    /// Another runbook, with a scope of its own.
    Runbook,
}

/// Something that leads to functions.
pub(crate) struct Lead {
    pub(crate) way: Way,
    /// Of a pointer, all functions of its name.
    pub(crate) to: Vec<Form>,
    /// For each argument that is known, whether it is the variable `params`.
    pub(crate) given: Vec<bool>,
}

impl Node<'_> {
    /// Returns what the node leads to.
    pub(crate) fn leads(&self) -> Vec<Lead> {
        let found = match self.this() {
            ASTNode::Expr(Expr::DynamicConstant(value, _)) if !is_curried(self.path) => [
                pointed(value).map(|name| self.pointer(&name, Vec::new())),
                None,
            ],
            ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _)) => {
                [self.called(call, None), None]
            }
            // Rhai takes the value that a method is called on for `this`, or for the first argument.
            ASTNode::Expr(Expr::MethodCall(call, _)) => {
                [self.called(call, None), self.called(call, Some(false))]
            }
            _ => [None, None],
        };
        found.into_iter().flatten().collect()
    }

    fn pointer(&self, name: &str, given: Vec<bool>) -> Lead {
        Lead {
            way: Way::Pointer,
            to: self.script.named(name),
            given,
        }
    }

    fn called(&self, call: &FnCallExpr, this: Option<bool>) -> Option<Lead> {
        if call.op_token.is_some() {
            return None;
        }
        let (target, name) = (self.script.target(call), call.name.as_str());
        let given = this.into_iter().chain(call.args.iter().map(is_params));
        let given: Vec<bool> = given.collect();
        Some(match (target, name, call.args.first()) {
            ("run", "call", Some(Expr::StringConstant(path, _))) => Lead {
                way: Way::Runbook,
                to: vec![Form::new(path, "main", 1)],
                given: Vec::new(),
            },
            (_, "curry", Some(Expr::DynamicConstant(value, _))) => {
                self.pointer(&pointed(value)?, given[1..].to_vec())
            }
            (_, "Fn", Some(Expr::StringConstant(name, _))) => self.pointer(name, Vec::new()),
            _ => Lead {
                way: Way::Call,
                to: vec![Form::new(target, name, given.len())],
                given,
            },
        })
    }
}

/// Whether an expression is the variable `params`.
pub(crate) fn is_params(expression: &Expr) -> bool {
    matches!(expression, Expr::Variable(variable, ..) if variable.1 == PARAMS && variable.2.is_empty())
}

/// A closure that captures something is an argument of `curry`, which says more.
fn is_curried(path: &[ASTNode<'_>]) -> bool {
    let around = path.iter().rev().nth(1);
    matches!(around, Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) if call.name == "curry")
}
