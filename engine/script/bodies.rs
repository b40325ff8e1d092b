//! The closures that `run::step` and its kin are given: written there, kept in a variable, or passed through functions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rhai::{ASTNode, Expr, Position, Stmt};

use crate::program::Program;
use crate::tree::Form;
use crate::visit::{Call, Node, base, pointed};

/// What a closure is the body of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Step,
    Wait,
    Retry,
    Branch,
    /// Either closure of a `run::finally`.
    Finally,
}

impl Kind {
    /// The closure is the last argument of each; `run::finally` has two.
    fn of(function: &str) -> Option<Self> {
        Some(match function {
            "finally" => Self::Finally,
            "step" => Self::Step,
            "wait_until" => Self::Wait,
            "retry" => Self::Retry,
            "parallel" => Self::Branch,
            _ => return None,
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Step => "step",
            Self::Wait => "wait",
            Self::Retry => "retry",
            Self::Branch => "branch",
            Self::Finally => "finally",
        })
    }
}

/// A closure that `run::` is given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Body {
    pub(super) kind: Kind,
    pub(super) form: Form,
    /// The first parameters of `form`.
    pub(super) captured: Vec<String>,
    /// The module and place of the call of `run::`.
    pub(super) origin: (String, Position),
}

/// Returns the closures that `run::` is given, in the order of their kinds and modules.
pub(super) fn bodies(program: &Program) -> BTreeSet<Body> {
    let mut search = Search {
        program,
        facts: facts(program),
        takers: BTreeMap::new(),
        found: BTreeSet::new(),
    };
    let forms: Vec<Form> = search.facts.keys().cloned().collect();
    loop {
        let before = search.takers.len();
        for form in &forms {
            search.read(form);
        }
        if search.takers.len() == before {
            return search.found;
        }
    }
}

/// What a value may be.
#[derive(Clone, Debug)]
enum Candidate {
    Closure { name: String, captured: Vec<String> },
    Variable(String),
}

/// What one function does with closures.
#[derive(Default)]
struct Facts {
    assigned: BTreeMap<String, Vec<Candidate>>,
    given: Vec<Given>,
}

/// A call with the closures in its arguments.
struct Given {
    to: Form,
    at: Position,
    arguments: Vec<Vec<Candidate>>,
}

/// Why a closure counts: what it is the body of, and the call of `run::`.
type Origin = (Kind, (String, Position));

struct Search<'a> {
    program: &'a Program,
    facts: BTreeMap<Form, Facts>,
    /// Functions that pass a parameter on to `run::`, with the parameter's place.
    takers: BTreeMap<(Form, usize), Origin>,
    found: BTreeSet<Body>,
}

impl Search<'_> {
    fn read(&mut self, form: &Form) {
        let mut found = Vec::new();
        for given in self.facts.get(form).iter().flat_map(|facts| &facts.given) {
            for (place, values) in given.arguments.iter().enumerate() {
                if let Some(origin) = self.origin(form, given, place) {
                    found.extend(values.iter().map(|value| (value.clone(), origin.clone())));
                }
            }
        }
        for (value, origin) in found {
            self.follow(form, &value, &origin, &mut BTreeSet::new());
        }
    }

    fn origin(&self, form: &Form, given: &Given, place: usize) -> Option<Origin> {
        if given.to.module == "run" {
            let is_body =
                |kind: &Kind| *kind == Kind::Finally || place + 1 == given.arguments.len();
            let kind = Kind::of(&given.to.name).filter(is_body)?;
            return Some((kind, (form.module.clone(), given.at)));
        }
        self.takers.get(&(given.to.clone(), place)).cloned()
    }

    fn follow(
        &mut self,
        form: &Form,
        value: &Candidate,
        origin: &Origin,
        seen: &mut BTreeSet<String>,
    ) {
        match value {
            Candidate::Closure { name, captured } => {
                for closure in self.program.named(&form.module, name) {
                    self.found.insert(Body {
                        kind: origin.0,
                        form: closure,
                        captured: captured.clone(),
                        origin: origin.1.clone(),
                    });
                }
                // A closure that is captured is called within.
                for name in captured {
                    self.follow(form, &Candidate::Variable(name.clone()), origin, seen);
                }
            }
            Candidate::Variable(name) if seen.insert(name.clone()) => {
                let mut parameters = self.program.parameters(form).iter();
                if let Some(place) = parameters.position(|parameter| parameter == name) {
                    let taker = (form.clone(), place);
                    self.takers.entry(taker).or_insert_with(|| origin.clone());
                }
                let assigned = &self.facts[form].assigned;
                for value in assigned.get(name).cloned().unwrap_or_default() {
                    self.follow(form, &value, origin, seen);
                }
            }
            Candidate::Variable(_) => {}
        }
    }
}

fn facts(program: &Program) -> BTreeMap<Form, Facts> {
    let forms = program.functions().map(|(form, _)| form);
    let read = |form: &Form| {
        let mut facts = Facts::default();
        program.walk(form, &mut |node| facts.read(node));
        (form.clone(), facts)
    };
    forms.map(read).collect()
}

impl Facts {
    fn read(&mut self, node: &Node<'_>) {
        match node.this() {
            ASTNode::Stmt(Stmt::Var(variable, ..)) => {
                self.assign(&variable.0.name, &variable.1);
            }
            ASTNode::Stmt(Stmt::Assignment(parts)) => {
                if let Some(name) = base(&parts.1.lhs) {
                    self.assign(name, &parts.1.rhs);
                }
            }
            _ => {
                if let Some(call) = node.call() {
                    self.given.extend(given(node, &call));
                }
            }
        }
    }

    fn assign(&mut self, name: &str, value: &Expr) {
        let values = candidates(value);
        self.assigned.entry(name.into()).or_default().extend(values);
    }
}

/// A closure is given what it captures.
fn given(node: &Node<'_>, call: &Call<'_>) -> Vec<Given> {
    let arguments: Vec<Vec<Candidate>> = call.to.args.iter().map(candidates).collect();
    let closure = call.to.args.first().and_then(pointer);
    let (forms, arguments) = if let Some(name) = closure.filter(|_| call.name() == "curry") {
        (node.script.named(&name), arguments[1..].to_vec())
    } else {
        let form = Form::new(call.target, call.name(), arguments.len());
        (vec![form], arguments)
    };
    let to = |form| Given {
        to: form,
        at: call.position,
        arguments: arguments.clone(),
    };
    forms.into_iter().map(to).collect()
}

/// Returns what of an expression's value may be a closure.
fn candidates(expression: &Expr) -> Vec<Candidate> {
    match expression {
        Expr::Variable(variable, ..) if variable.2.is_empty() => {
            vec![Candidate::Variable(variable.1.to_string())]
        }
        // One of several in a map or a list.
        Expr::Dot(parts, ..) | Expr::Index(parts, ..)
            if !matches!(parts.rhs, Expr::MethodCall(..)) =>
        {
            candidates(&parts.lhs)
        }
        Expr::Map(map, _) => map.0.iter().flat_map(|(_, it)| candidates(it)).collect(),
        Expr::Array(items, _) => items.iter().flat_map(candidates).collect(),
        other => {
            let closure = closure(other);
            let candidate = |(name, captured)| Candidate::Closure { name, captured };
            closure.map(candidate).into_iter().collect()
        }
    }
}

/// Returns the name of a closure and what it captures. Rhai makes a captured variable shared, and gives it to the closure.
pub(super) fn closure(expression: &Expr) -> Option<(String, Vec<String>)> {
    let Expr::Stmt(block) = expression else {
        return pointer(expression).map(|name| (name, Vec::new()));
    };
    let mut statements = block.iter();
    let (Some(Stmt::Share(_)), Some(Stmt::Expr(made))) = (statements.next(), statements.next())
    else {
        return None;
    };
    let Expr::FnCall(curry, _) = &**made else {
        return None;
    };
    let captured = curry.args.iter().filter_map(base).map(str::to_owned);
    Some((pointer(curry.args.first()?)?, captured.collect()))
}

fn pointer(expression: &Expr) -> Option<String> {
    match expression {
        Expr::DynamicConstant(value, _) => pointed(value),
        Expr::FnCall(call, _) if call.name == "Fn" => match call.args.first()? {
            Expr::StringConstant(name, _) => Some(name.to_string()),
            _ => None,
        },
        _ => None,
    }
}
