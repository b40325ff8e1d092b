//! Waits that do more than look: an effect or a step in one is made once, and each further attempt gets its record.

use std::collections::BTreeSet;

use rhai::{Expr, Position};

use crate::bodies::{Body, Kind};
use crate::leads::{Lead, Way};
use crate::located;
use crate::program::Program;
use crate::tree::{Form, Script};
use crate::visit::Call;
use base::report::Report;
use knowledge::{Class, ModelFacts};

/// Returns a report for each effect and step that a wait's body leads to.
pub(super) fn problems(program: &Program, bodies: &BTreeSet<Body>) -> Vec<Report> {
    let mut search = Search {
        program,
        seen: BTreeSet::new(),
        found: Vec::new(),
    };
    let waits = bodies.iter().filter(|body| body.kind == Kind::Wait);
    waits.for_each(|body| search.visit(&body.form, &[]));
    search.found.sort_by_key(|(place, _)| *place);
    search.found.into_iter().map(|(_, report)| report).collect()
}

struct Search<'a> {
    program: &'a Program,
    seen: BTreeSet<Form>,
    /// With the place, by which they are sorted.
    found: Vec<((usize, Position), Report)>,
}

impl Search<'_> {
    /// `calls` led here, innermost first.
    fn visit(&mut self, form: &Form, calls: &[String]) {
        if !self.seen.insert(form.clone()) {
            return;
        }
        let mut next = Vec::new();
        self.program.walk(form, &mut |node| {
            if let Some(call) = node.call()
                && let Some(what) = offence(&call)
            {
                let report = what.report(node.script, call.position);
                self.add(node.script, call.position, report, calls);
            }
            for lead in node.leads() {
                next.push((
                    lead,
                    located::line(&node.script.source, node.this().position()),
                ));
            }
        });
        for (lead, line) in next {
            self.follow(&lead, &line, calls);
        }
    }

    fn follow(&mut self, lead: &Lead, line: &str, calls: &[String]) {
        for form in &lead.to {
            match lead.way {
                Way::Runbook => {}
                Way::Pointer => self.visit(form, calls),
                Way::Call => {
                    let call = format!("{}, called at {line}", form.name);
                    let calls: Vec<String> = std::iter::once(call).chain(calls.to_vec()).collect();
                    self.visit(form, &calls);
                }
            }
        }
    }

    fn add(&mut self, script: &Script, position: Position, mut report: Report, calls: &[String]) {
        if let Some(excerpt) = &mut report.excerpt {
            excerpt.stack = calls.to_vec();
        }
        let rank = self
            .program
            .ranked(script.name())
            .map_or(0, |(rank, _)| rank);
        self.found.push(((rank, position), report));
    }
}

pub(super) enum Offence {
    Step(String),
    Effect(String),
}

/// Returns what a call does that no wait may do.
pub(super) fn offence(call: &Call<'_>) -> Option<Offence> {
    let (target, name) = (call.target, call.name());
    if call.is("run", "step") {
        let title = match call.to.args.first() {
            Some(Expr::StringConstant(title, _)) => format!("the step `{title}`"),
            _ => "a step".to_owned(),
        };
        return Some(Offence::Step(title));
    }
    if call.is("run", "call") {
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
fn is_dry(service: &str, call: &Call<'_>) -> bool {
    let Some(Expr::Map(input, _)) = call.to.args.first() else {
        return false;
    };
    let mut members = input.0.iter();
    service == "ec2"
        && members.any(|(name, value)| {
            name.name == "dry_run" && matches!(value, Expr::BoolConstant(true, _))
        })
}

impl Offence {
    fn report(self, script: &Script, position: Position) -> Report {
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
        script
            .wrong(position, message)
            .cause(
                "the first attempt of the wait records the result: each further attempt would get that record",
            )
            .hint(way)
    }
}

#[cfg(test)]
mod tests;
