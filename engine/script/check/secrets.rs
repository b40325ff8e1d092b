//! Secrets that a script would look into or show, as far as one can be seen in its source.
//!
//! Seen are `secret::…`, a parameter of that type, a variable with one, and texts that are joined of them. Whatever else
//! is one is refused when the call is made.

use std::collections::BTreeSet;

use rhai::{ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::secret_text::USE;
use crate::tree::Script;
use crate::{api, value};
use base::report::Report;

/// What can be done with a secret on one side.
const JOIN: &str = "+";
const SHOWING: [&str; 8] = ["print", "debug", "==", "!=", "<", "<=", ">", ">="];

/// Returns a report for each use of a secret that is refused.
pub(super) fn problems(script: &Script) -> Vec<Report> {
    let mut secrets = Secrets::of(script);
    // A variable may have its secret from another one.
    while secrets.learn(script) {}
    let mut found = Vec::new();
    script.walk(&mut |node| {
        found.extend(match (node.call(), node.this()) {
            (Some(call), _) => secrets.refused(call.to).map(|title| (title, call.position)),
            (None, ASTNode::Expr(Expr::Dot(..))) => secrets.method(node.this()),
            _ => None,
        });
    });
    let wrong = |(title, position)| {
        script.wrong(position, format!("`{title}` cannot take a secret: {USE}"))
    };
    found.into_iter().map(wrong).collect()
}

#[derive(Default)]
struct Secrets {
    parameters: BTreeSet<String>,
    variables: BTreeSet<String>,
    /// Names that stand for other things, too.
    unclear: BTreeSet<String>,
}

impl Secrets {
    fn of(script: &Script) -> Self {
        let mut literals = script.executable().iter_literal_variables(true, true);
        let declared = literals.find(|(name, ..)| *name == "PARAMS");
        let declared = declared.and_then(|(_, _, value)| value::to_json(&value).ok());
        let declared = declared.unwrap_or_default();
        let parameters = declared.as_object().into_iter().flatten();
        let parameters = parameters.filter(|(_, spec)| spec["type"] == "secret");
        // What a closure captures is a parameter of its function.
        let named = script.functions.iter();
        let named = named.filter(|(form, _)| !form.name.contains('$'));
        let mut unclear: BTreeSet<String> = named
            .flat_map(|(_, function)| function.parameters.clone())
            .collect();
        script.walk(&mut |node| {
            if let ASTNode::Stmt(Stmt::For(parts, _)) = node.this() {
                unclear.insert(parts.0.name.to_string());
            }
        });
        Self {
            parameters: parameters.map(|(name, _)| name.clone()).collect(),
            variables: BTreeSet::new(),
            unclear,
        }
    }

    /// Returns whether a variable was found.
    fn learn(&mut self, script: &Script) -> bool {
        let (mut secret, mut other) = (BTreeSet::new(), BTreeSet::new());
        script.walk(&mut |node| match node.this() {
            ASTNode::Stmt(Stmt::Var(parts, ..)) => {
                let names = if self.is_secret(&parts.1) {
                    &mut secret
                } else {
                    &mut other
                };
                names.insert(parts.0.name.to_string());
            }
            ASTNode::Stmt(Stmt::Assignment(parts)) => {
                if let Expr::Variable(variable, ..) = &parts.1.lhs {
                    other.insert(variable.1.to_string());
                }
            }
            _ => {}
        });
        secret.retain(|name| !other.contains(name) && !self.unclear.contains(name));
        let is_new = secret != self.variables;
        self.variables = secret;
        is_new
    }

    fn is_secret(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Variable(variable, ..) => self.variables.contains(variable.1.as_str()),
            Expr::InterpolatedString(parts, _) => parts.iter().any(|part| self.is_secret(part)),
            // What is in `${…}` is a block.
            Expr::Stmt(block) => match block.statements().last() {
                Some(Stmt::Expr(last)) => self.is_secret(last),
                Some(Stmt::FnCall(call, _)) => namespace(call) == Some("secret"),
                _ => false,
            },
            Expr::FnCall(call, _) if call.op_token.is_some() => {
                call.name == JOIN && call.args.iter().any(|argument| self.is_secret(argument))
            }
            Expr::FnCall(call, _) => namespace(call) == Some("secret"),
            Expr::Dot(parts, ..) => is_params(&parts.lhs) && self.is_parameter(&parts.rhs),
            _ => false,
        }
    }

    fn is_parameter(&self, expression: &Expr) -> bool {
        matches!(expression, Expr::Property(property, _) if self.parameters.contains(property.2.as_str()))
    }

    /// Returns the title of a call that is refused. Whether there is one at all can be asked.
    fn refused(&self, call: &FnCallExpr) -> Option<String> {
        let title = match namespace(call) {
            Some("secret" | "http" | "command") => return None,
            Some(name) if api::namespaces().any(|known| known == name) => {
                format!("{name}::{}", call.name)
            }
            None if SHOWING.contains(&call.name.as_str()) => call.name.to_string(),
            _ => return None,
        };
        let asks = call
            .args
            .iter()
            .any(|argument| matches!(argument, Expr::Unit(_)));
        let is_given = call.args.iter().any(|argument| self.is_secret(argument));
        (is_given && !asks).then_some(title)
    }

    /// A method of a secret, or of a parameter that is one: `params.password.len()`.
    fn method(&self, node: &ASTNode) -> Option<(String, Position)> {
        let ASTNode::Expr(Expr::Dot(parts, ..)) = node else {
            return None;
        };
        let called = match &parts.rhs {
            Expr::Dot(inner, ..) if is_params(&parts.lhs) && self.is_parameter(&inner.lhs) => {
                &inner.rhs
            }
            method if self.is_secret(&parts.lhs) => method,
            _ => return None,
        };
        match called {
            Expr::MethodCall(call, position) => Some((call.name.to_string(), *position)),
            _ => None,
        }
    }
}

fn is_params(expression: &Expr) -> bool {
    matches!(expression, Expr::Variable(variable, ..) if variable.1 == "params")
}

fn namespace(call: &FnCallExpr) -> Option<&str> {
    call.namespace.path.first().map(|alias| alias.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::problems;
    use crate::tree::Script;
    use base::source::Source;

    fn found(body: &str) -> Vec<String> {
        let text = format!(
            "const PARAMS = #{{p: #{{type: \"secret\"}}, q: #{{type: \"string\"}}}};
            fn main(params) {{ let s = secret::env(\"A\"); let t = `x ${{s}}`; let u = \"u\"; {body} }}
            fn other(v) {{ log::info(v); }}"
        );
        let source = Source {
            name: "book.rhai".into(),
            file: None,
            sha256: String::new(),
            text,
        };
        let script = Script::compile(&source).unwrap();
        let found = problems(&script).into_iter();
        found.map(|report| report.message).collect()
    }

    #[test]
    fn what_shows_or_names_a_secret_is_found() {
        for body in [
            "log::info(s);",
            "log::info(`a ${t}`);",
            "print(params.p);",
            "run::step(t, || 1);",
            "run::step(\"a\", s, || 1);",
            "run::step(\"a\", || { log::warn(s); });",
            "if s == \"a\" { }",
            "params.p.len();",
            "s.len();",
            "base64::encode(\"a\" + params.p);",
            "run::output(t, 1);",
        ] {
            assert_eq!(found(body).len(), 1, "{body}: {:?}", found(body));
        }
    }

    #[test]
    fn what_sends_one_or_has_none_is_not() {
        for body in [
            "http::post(#{url: u, body: s});",
            "command::run(#{program: u, input: t});",
            "if params.p == () || () != s { }",
            "log::info(u); log::info(params.q); params.q.len();",
            "let v = secret::env(\"B\"); other(u);",
            "for s in [1] { log::info(u); } u = s; print(u);",
        ] {
            assert_eq!(found(body), [""; 0], "{body}");
        }
    }
}
