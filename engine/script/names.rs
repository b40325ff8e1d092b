//! What a script names: the texts in it, the functions it calls, the steps and waits it asks for.

use std::collections::BTreeSet;

use rhai::{ASTNode, Expr, Position};

use crate::source_names::step_of;
use crate::sources::Library;
use crate::visit::{Call, Node};

/// The names in all sources of a runbook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    literals: BTreeSet<String>,
    calls: BTreeSet<String>,
    /// The fixed pieces of names with values in them.
    pieces: Vec<Vec<String>>,
    /// Of steps and waits, in the order of their places; a wait is marked so.
    pub asked: Vec<(String, bool)>,
}

impl Names {
    /// Reads the sources; one that does not compile names nothing.
    #[must_use]
    pub fn of(library: &Library) -> Self {
        let mut names = Self::default();
        for script in library.program().scripts() {
            let mut asked = Vec::new();
            script.walk(&mut |node| names.read(node, &mut asked));
            // A closure comes after the function that it is in.
            asked.sort();
            names
                .asked
                .extend(asked.into_iter().map(|(_, name, wait)| (name, wait)));
        }
        names
    }

    /// Whether a step, wait, effect or value of this name may still be asked for.
    #[must_use]
    pub fn has(&self, label: &str) -> bool {
        let function = label.rsplit('.').next().unwrap_or(label);
        self.literals.contains(label)
            || self.calls.contains(function)
            || self.pieces.iter().any(|pieces| has_in_order(label, pieces))
    }

    fn read(&mut self, node: &Node<'_>, asked: &mut Vec<(Position, String, bool)>) {
        if let ASTNode::Expr(Expr::StringConstant(text, _)) = node.this() {
            self.literals.insert(text.to_string());
        }
        let Some(call) = node.call() else {
            return;
        };
        self.calls.insert(call.name().to_owned());
        if call.name() == "finally" {
            self.calls.insert("cleanup".into());
        }
        let Some(wait) = request(&call) else {
            return;
        };
        match call.to.args.first() {
            Some(Expr::StringConstant(name, _)) => {
                let name = step_of(name).to_owned();
                self.literals.insert(name.clone());
                asked.push((call.position, name, wait));
            }
            Some(Expr::InterpolatedString(parts, _)) => {
                let pieces = parts.iter().filter_map(|part| match part {
                    Expr::StringConstant(text, _) => Some(text.to_string()),
                    _ => None,
                });
                let pieces: Vec<String> = pieces.collect();
                self.pieces
                    .extend(Some(pieces).filter(|it| !it.concat().is_empty()));
            }
            _ => {}
        }
    }
}

/// Returns whether a call is of `run::step` and its kin, and if so, whether it is a wait.
fn request(call: &Call<'_>) -> Option<bool> {
    match (call.target, call.name()) {
        ("run", "step" | "call") => Some(false),
        ("run", "wait_until" | "retry") => Some(true),
        _ => None,
    }
}

fn has_in_order(label: &str, pieces: &[String]) -> bool {
    let mut rest = Some(label);
    for piece in pieces {
        rest = rest.and_then(|rest| rest.split_once(piece.as_str()).map(|(_, rest)| rest));
    }
    rest.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::source::Source;

    #[test]
    fn steps_waits_and_calls_are_named_wherever_they_stand() {
        let text = r#"
            import "aws/ec2" as ec2;
            fn main(params) {
                run::step("one", || ec2::create_vpc(#{}));
                helper(params);
            }
            private fn helper(params) {
                run::parallel(#{a: || run::wait_until("two", #{}, || true)});
                run::sleep("1s");
                run::wait_until(`the route to ${params.id} is there`, #{}, || true);
            }
        "#;
        let names = Names::of(&Library::pinned(&[Source {
            name: "book.rhai".into(),
            file: None,
            sha256: String::new(),
            text: text.into(),
        }]));
        assert_eq!(names.asked, [("one".into(), false), ("two".into(), true)]);
        for label in [
            "one",
            "two",
            "ec2.create_vpc",
            "sleep",
            "the route to i-1 is there",
        ] {
            assert!(names.has(label), "{label}");
        }
        for label in ["three", "ec2.create_subnet", "the route to i-1"] {
            assert!(!names.has(label), "{label}");
        }
    }
}
