//! Each row of kinds and queries against AWS's models: a misspelt one would find nothing, and nothing would say so.

use std::sync::Arc;

use base::texts::texts;
use models::{Kind as Type, Operation, Service, ShapeId};
use serde_json::{Value, json};

use crate::kind::{Count, IN_VPCS, KINDS, Kind};
use crate::path::fill;
use crate::query::{Ask, Done, Fit, QUERIES};

/// One read in its model.
struct Read {
    service: Arc<Service>,
    operation: &'static str,
}

impl Read {
    fn of(service: &str, operation: &'static str) -> Self {
        let service = models::service(service).unwrap();
        Self { service, operation }
    }

    fn operation(&self) -> &Operation {
        self.service.operation(self.operation).unwrap()
    }

    fn takes(&self, member: &str) {
        let fields = self.service.input_fields(self.operation());
        let is_there = fields.iter().any(|field| field.snake == member);
        assert!(is_there, "{}: no input member `{member}`", self.operation);
    }

    /// Returns where a path such as `vpcs[].vpc_id` leads, or a pointer's steps.
    fn at<'a>(&self, steps: impl Iterator<Item = &'a str>) -> ShapeId {
        let output = self.operation().output.as_ref().unwrap().shape;
        steps.fold(output, |at, step| match step.strip_suffix("[]") {
            Some(list) => self.element(self.member(at, list), list),
            None if step.parse::<usize>().is_ok() => self.element(at, step),
            None => self.member(at, step),
        })
    }

    fn path(&self, path: &str) -> ShapeId {
        self.at(path.split('.'))
    }

    fn member(&self, at: ShapeId, name: &str) -> ShapeId {
        let field = self.service.shape(at).field(name);
        let field = field.unwrap_or_else(|| panic!("{}: no member `{name}`", self.operation));
        field.to.shape
    }

    fn element(&self, at: ShapeId, name: &str) -> ShapeId {
        match &self.service.shape(at).kind {
            Type::List(item) => item.shape,
            _ => panic!("{}: `{name}` is no list", self.operation),
        }
    }

    /// OpsWorks's states are texts without an enumeration.
    fn states(&self, path: &str, states: &[&str]) {
        let Type::String(values) = &self.service.shape(self.path(path)).kind else {
            panic!("{}: `{path}` is no text", self.operation)
        };
        for state in states.iter().filter(|_| !values.is_empty()) {
            let is_one = values.iter().any(|one| one.eq_ignore_ascii_case(state));
            assert!(is_one, "{}: no state `{state}`", self.operation);
        }
    }

    fn template(&self, template: &str) {
        let template: Value = serde_json::from_str(template).unwrap();
        for pointer in texts(&template).filter_map(|text| text.strip_prefix("$/")) {
            self.at(pointer.split('/'));
        }
    }
}

#[test]
fn the_rows_of_kinds_are_what_the_models_say() {
    for kind in KINDS.iter().chain(IN_VPCS) {
        let read = Read::of(kind.service, kind.read);
        read.takes(kind.ids);
        if !kind.filters.is_empty() {
            read.takes(kind.filters);
            read.path(&kind.path(kind.tags));
        }
        read.path(&kind.path(kind.id));
        if !kind.state.is_empty() {
            let states = [kind.leaving, kind.rest, kind.freed].concat();
            read.states(&kind.path(kind.state), &states);
        }
        if !kind.parts.is_empty() {
            read.path(&kind.path(kind.parts));
        }
        if !kind.name.is_empty() {
            read.path(&kind.path(kind.name));
        }
        if let Some((path, _)) = kind.comes_with_vpc {
            read.path(&kind.path(path));
        }
    }
    for kind in KINDS {
        if !kind.filters.is_empty() {
            assert_eq!(kind.filter, kind.id.replace('_', "-"));
        }
        Read::of(kind.service, kind.read).template(kind.made);
        deletion(kind);
    }
}

/// A kind's deletion takes what the row gives, and answers what the row says.
fn deletion(kind: &'static Kind) {
    let deletion = Read::of(kind.deletion.service, kind.deletion.operation);
    for (member, _) in kind.deletion.args {
        deletion.takes(member);
    }
    let answer = fill(kind.deleted, &json!(["x-1"]));
    let service = &deletion.service;
    let problems = models::check::check_reply(service, deletion.operation(), &answer);
    assert!(
        answer.is_object() && problems.is_empty(),
        "{kind:?}: {problems:?}"
    );
    if let Count::Member(member) = kind.count {
        let row = crate::ROWS
            .iter()
            .find(|row| row.look == crate::Look::Tagged(kind));
        Read::of("ec2", row.unwrap().operation).takes(member);
    }
}

#[test]
fn the_rows_of_queries_are_what_the_models_say() {
    for query in QUERIES {
        let read = Read::of(query.service, query.read);
        for ask in query.asks {
            match ask {
                Ask::Member(member, _) | Ask::List(member, _) => read.takes(member),
                Ask::Filter(_) => read.takes("filters"),
            }
        }
        read.path(query.items);
        let path = |member: &str| format!("{}.{member}", query.items);
        if !query.id.is_empty() {
            read.path(&path(query.id));
        }
        for fit in query.fits {
            match fit {
                Fit::Needs(_) => {}
                Fit::In(member, states) | Fit::NotIn(member, states) => {
                    let named: Vec<_> = states
                        .iter()
                        .copied()
                        .filter(|one| !one.is_empty())
                        .collect();
                    read.states(&path(member), &named);
                }
                Fit::Same(member, _)
                | Fit::NoCase(member, _)
                | Fit::Alike(member, _)
                | Fit::Both(member, _)
                | Fit::Has(member, _)
                | Fit::Given(member)
                | Fit::Absent(member)
                | Fit::Token(member)
                | Fit::Tags(member) => drop(read.path(&path(member))),
            }
        }
        if let Done::There(template) = query.done {
            read.template(template);
        }
    }
}

/// What a query takes from the input of a call, each call that it is for has.
#[test]
fn the_members_that_queries_take_are_the_calls_own() {
    for row in crate::ROWS {
        let crate::Look::Query(query) = row.look else {
            continue;
        };
        let call = Read::of(row.service, row.operation);
        for ask in query.asks {
            match ask {
                Ask::Member(_, member) | Ask::List(_, member) => call.takes(member),
                Ask::Filter(pairs) => pairs.iter().for_each(|(_, member)| call.takes(member)),
            }
        }
        for fit in query.fits {
            match fit {
                Fit::Same(_, member)
                | Fit::NoCase(_, member)
                | Fit::Alike(_, member)
                | Fit::Both(_, member)
                | Fit::Has(_, member) => call.takes(member),
                Fit::Needs(members) => members.iter().for_each(|member| call.takes(member)),
                _ => {}
            }
        }
    }
}
