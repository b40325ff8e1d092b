//! Conditions on settings whose values are known.

use rhai::{ASTNode, Dynamic, Expr, FnCallExpr, Stmt};
use serde_json::Value;

use crate::leads::is_params;
use crate::value;
use crate::visit::holds;

/// The settings, where `params` is known to be these.
pub(super) struct Settled<'a>(pub(super) Option<&'a Value>);

impl Settled<'_> {
    /// Whether a node is in a branch that is not taken.
    pub(super) fn rules_out(&self, path: &[ASTNode<'_>]) -> bool {
        let pairs = path.windows(2);
        self.0.is_some()
            && pairs
                .into_iter()
                .any(|pair| self.is_untaken(&pair[0], &pair[1]))
    }

    fn is_untaken(&self, around: &ASTNode<'_>, inside: &ASTNode<'_>) -> bool {
        let (ASTNode::Stmt(Stmt::If(flow, _)), ASTNode::Stmt(inside)) = (around, inside) else {
            return false;
        };
        match self.truth(&flow.expr) {
            Some(true) => holds(&flow.branch, inside),
            Some(false) => holds(&flow.body, inside),
            None => false,
        }
    }

    /// Returns whether a condition holds, if that is known.
    fn truth(&self, expression: &Expr) -> Option<bool> {
        match expression {
            Expr::And(parts, _) => {
                let mut truths = parts.iter().map(|part| self.truth(part));
                all(&mut truths)
            }
            Expr::Or(parts, _) => {
                let mut denied = parts.iter().map(|part| self.truth(part).map(|it| !it));
                all(&mut denied).map(|it| !it)
            }
            Expr::FnCall(call, _) => self.compared(call),
            other => self.known(other)?.as_bool(),
        }
    }

    fn compared(&self, call: &FnCallExpr) -> Option<bool> {
        match (call.name.as_str(), call.args.as_slice()) {
            ("==", [one, other]) => Some(self.known(one)? == self.known(other)?),
            ("!=", [one, other]) => Some(self.known(one)? != self.known(other)?),
            ("!", [one]) => self.truth(one).map(|it| !it),
            _ => None,
        }
    }

    /// Returns the value of a literal or of a setting.
    fn known(&self, expression: &Expr) -> Option<Value> {
        if let Expr::Dot(parts, ..) = expression {
            let Expr::Property(property, _) = &parts.rhs else {
                return None;
            };
            let settings = self.0.filter(|_| is_params(&parts.lhs))?;
            return settings.get(property.2.as_str()).cloned();
        }
        let literal: Dynamic = expression.get_literal_value(None)?;
        value::to_json(&literal).ok()
    }
}

/// Returns whether all are true: one that is false decides, whatever is known of the others.
fn all(truths: &mut dyn Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(true);
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            None => known = None,
            Some(true) => {}
        }
    }
    known
}
