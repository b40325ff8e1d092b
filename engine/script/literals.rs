//! Reads the map that a script writes for an AWS call: what it says before anything is computed.

use rhai::Expr;

use base::nearest::nearest;
use models::{Field, Kind, Operation, Reference, Service, Shape};

/// Returns what is wrong with a literal input, each with the nearest right name. What is computed is checked
/// when the call is made. No input is an empty one.
#[must_use]
pub fn problems(
    service: &Service,
    operation: &Operation,
    input: Option<&Expr>,
) -> Vec<(String, Option<String>)> {
    let mut reading = Reading {
        service,
        problems: Vec::new(),
    };
    match (&operation.input, input) {
        (Some(reference), Some(input)) => reading.value(reference, input, ""),
        (Some(reference), None) => {
            if let Kind::Structure(fields) = &service.shape(reference.shape).kind {
                reading.missing(fields, &[], "");
            }
        }
        (None, Some(input)) => names(input).iter().for_each(|name| {
            reading.problem(format!("unknown field `{name}`: it takes none"), None);
        }),
        (None, None) => {}
    }
    reading.problems
}

struct Reading<'a> {
    service: &'a Service,
    problems: Vec<(String, Option<String>)>,
}

impl Reading<'_> {
    fn problem(&mut self, message: String, nearest: Option<String>) {
        self.problems.push((message, nearest));
    }

    /// `path` ends in a dot wherever it is not empty.
    fn value(&mut self, reference: &Reference, value: &Expr, path: &str) {
        let shape = self.service.shape(reference.shape);
        match (&shape.kind, value) {
            (Kind::Structure(fields), Expr::Map(..)) => self.structure(shape, fields, value, path),
            (Kind::List(item), Expr::Array(items, _)) => {
                let path = format!("{}[].", path.trim_end_matches('.'));
                items
                    .iter()
                    .for_each(|value| self.value(item, value, &path));
            }
            (Kind::Map { value: item, .. }, Expr::Map(map, _)) => {
                map.0.iter().for_each(|(name, value)| {
                    self.value(item, value, &format!("{path}{}.", name.name));
                });
            }
            (Kind::String(allowed), Expr::StringConstant(text, _)) => {
                self.text(allowed, text, path);
            }
            (kind, value) => self.kind(kind, value, path),
        }
    }

    fn structure(&mut self, shape: &Shape, fields: &[Field], value: &Expr, path: &str) {
        let Expr::Map(map, _) = value else { return };
        for (name, value) in &map.0 {
            if let Some(field) = shape.field(&name.name) {
                self.value(&field.to, value, &format!("{path}{}.", name.name));
            } else {
                let near = nearest(&name.name, fields.iter().map(|field| field.snake.as_str()));
                let near = near.map(|near| format!("{path}{near}"));
                self.problem(format!("unknown field `{path}{}`", name.name), near);
            }
        }
        self.missing(fields, &names(value), path);
    }

    /// The engine sets client tokens itself.
    fn missing(&mut self, fields: &[Field], given: &[&str], path: &str) {
        let wanted = fields.iter().filter(|field| field.required && !field.token);
        for field in wanted.filter(|field| !given.contains(&field.snake.as_str())) {
            self.problem(format!("missing field `{path}{}`", field.snake), None);
        }
    }

    fn text(&mut self, allowed: &[String], text: &str, path: &str) {
        if allowed.is_empty() || allowed.iter().any(|value| value == text) {
            return;
        }
        let near = nearest(text, allowed.iter().map(String::as_str)).map(str::to_owned);
        self.problem(
            format!("`{}` cannot be `{text}`", path.trim_end_matches('.')),
            near,
        );
    }

    fn kind(&mut self, kind: &Kind, value: &Expr, path: &str) {
        let Some(found) = literal(value).filter(|found| !fits(kind, found)) else {
            return;
        };
        let subject = if path.is_empty() {
            "the input".to_owned()
        } else {
            format!("`{}`", path.trim_end_matches('.'))
        };
        self.problem(
            format!("{subject}: expected {}, found {found}", kind.noun()),
            None,
        );
    }
}

/// Returns what a literal is; what is computed may become anything.
pub(super) fn literal(value: &Expr) -> Option<&'static str> {
    Some(match value {
        Expr::BoolConstant(..) => "a boolean",
        Expr::IntegerConstant(..) => "an integer",
        Expr::FloatConstant(..) => "a number",
        Expr::StringConstant(..) => "a string",
        Expr::Array(..) => "a list",
        Expr::Map(..) => "a map",
        _ => return None,
    })
}

fn fits(kind: &Kind, found: &str) -> bool {
    match kind {
        Kind::Document => true,
        Kind::Blob => found == "a string",
        Kind::Timestamp => matches!(found, "a string" | "an integer" | "a number"),
        Kind::Float => matches!(found, "an integer" | "a number"),
        kind => found == kind.noun(),
    }
}

fn names(input: &Expr) -> Vec<&str> {
    match input {
        Expr::Map(map, _) => map.0.iter().map(|(name, _)| name.name.as_str()).collect(),
        _ => Vec::new(),
    }
}
