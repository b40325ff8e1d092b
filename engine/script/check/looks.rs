//! Waits that do more than look: an effect or a step in one is made once, and each further attempt gets its record.

use std::collections::BTreeSet;

use rhai::{ASTNode, Expr, FnCallExpr, Position};

use crate::bodies::{Body, Kind};
use crate::fault;
use crate::functions::{Form, Functions, call_of};
use crate::reachable_calls::{Lead, leads};
use base::exit::Exit;
use base::report::Report;
use base::source::Source;
use knowledge::{Class, ModelFacts};

/// Returns a report for each effect and step that a wait's body leads to.
pub(super) fn problems(
    functions: &Functions,
    bodies: &BTreeSet<Body>,
    sources: &[Source],
) -> Vec<Report> {
    let mut search = Search {
        functions,
        sources,
        seen: BTreeSet::new(),
        found: Vec::new(),
    };
    let waits = bodies.iter().filter(|body| body.kind == Kind::Wait);
    waits.for_each(|body| search.visit(&body.form, &[]));
    search.found.sort_by_key(|(place, _)| *place);
    search.found.into_iter().map(|(_, report)| report).collect()
}

struct Search<'a> {
    functions: &'a Functions,
    sources: &'a [Source],
    seen: BTreeSet<Form>,
    /// With the place, by which they are sorted.
    found: Vec<((usize, Position), Report)>,
}

impl Search<'_> {
    /// `calls` led here, innermost first.
    fn visit(&mut self, form: &Form, calls: &[String]) {
        let Some(function) = self.functions.get(form) else {
            return;
        };
        if !self.seen.insert(form.clone()) {
            return;
        }
        let mut next = Vec::new();
        function.walk(&mut |path| {
            if let Some((call, position)) = path.last().and_then(call_of)
                && let Some(what) = offence(self.functions.target(&form.module, call), call)
            {
                self.tell(&form.module, what, position, calls);
            }
            for lead in leads(self.functions, &form.module, path) {
                let position = path.last().map_or(Position::NONE, ASTNode::position);
                next.push((lead, position));
            }
        });
        for (lead, position) in next {
            self.follow(form, lead, position, calls);
        }
    }

    fn follow(&mut self, form: &Form, lead: Lead, position: Position, calls: &[String]) {
        match lead {
            Lead::Runbook(_) => {}
            Lead::Named(name) | Lead::Closure { name, .. } => {
                for form in self.functions.named(&form.module, &name) {
                    self.visit(&form, calls);
                }
            }
            Lead::Call {
                target,
                name,
                given,
            } => {
                let source = self.sources.iter().find(|it| it.name == form.module);
                let file = source.map_or_else(String::new, fault::shown);
                let line = position.line().unwrap_or_default();
                let call = format!("{name}, called at {file}:{line}");
                let calls: Vec<String> = std::iter::once(call).chain(calls.to_vec()).collect();
                self.visit(&Form::new(&target, &name, given.len()), &calls);
            }
        }
    }

    fn tell(&mut self, module: &str, what: Offence, position: Position, calls: &[String]) {
        let Some(place) = self.sources.iter().position(|it| it.name == module) else {
            return;
        };
        let mut report = fault::located(what.report(), &self.sources[place], position);
        if let Some(excerpt) = &mut report.excerpt {
            excerpt.stack = calls.to_vec();
        }
        self.found.push(((place, position), report));
    }
}

pub(super) enum Offence {
    Step(String),
    Effect(String),
}

/// Returns what a call does that no wait may do.
pub(super) fn offence(target: &str, call: &FnCallExpr) -> Option<Offence> {
    let name = call.name.as_str();
    if (target, name) == ("run", "step") {
        let title = match call.args.first() {
            Some(Expr::StringConstant(title, _)) => format!("the step `{title}`"),
            _ => "a step".to_owned(),
        };
        return Some(Offence::Step(title));
    }
    if (target, name) == ("run", "call") {
        return Some(Offence::Step("another runbook".into()));
    }
    let effect = || Offence::Effect(format!("{target}.{name}"));
    if models::outside::OPERATIONS.contains(&(target, name)) {
        return Some(effect());
    }
    let service = target.strip_prefix("aws/")?;
    let changes = changes(service, name) && !is_dry(service, call);
    changes.then(|| Offence::Effect(format!("{service}.{name}")))
}

/// A waiter, and what there is not, changes nothing.
fn changes(service: &str, operation: &str) -> bool {
    let known = models::service(service).is_ok_and(|it| it.operations.contains_key(operation));
    known && knowledge::effect(service, operation, ModelFacts::default()).class != Class::Read
}

/// Whether it only asks EC2 whether it would be allowed.
fn is_dry(service: &str, call: &FnCallExpr) -> bool {
    let Some(Expr::Map(input, _)) = call.args.first() else {
        return false;
    };
    let mut members = input.0.iter();
    service == "ec2"
        && members.any(|(name, value)| {
            name.name == "dry_run" && matches!(value, Expr::BoolConstant(true, _))
        })
}

impl Offence {
    fn report(self) -> Report {
        let (message, way) = match self {
            Self::Step(title) => (
                format!("a wait cannot run {title}"),
                "run the step before the wait, and only read in the wait",
            ),
            Self::Effect(name) => (
                format!("a wait cannot call `{name}`, which changes something"),
                "make the call in a step before the wait, and only read in the wait; or repeat the call with `run::retry` until it succeeds",
            ),
        };
        Report::new(Exit::Usage, message)
            .cause(
                "the first attempt of the wait records the result: each further attempt would get that record",
            )
            .hint(way)
    }
}

#[cfg(test)]
mod tests;
