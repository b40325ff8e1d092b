//! Calls of what does not exist, or with what it does not take.

use std::collections::BTreeSet;

use rhai::{Engine, Expr};

use crate::engine::compiler;
use crate::program::Program;
use crate::tree::Script;
use crate::visit::Call;
use crate::{api, literals};
use base::nearest::nearest;
use base::report::Report;
use models::{Operation, Service};

/// Returns a report for each call that must fail, in the order of scripts and places.
pub(super) fn problems(program: &Program) -> Vec<Report> {
    let known = registered(compiler());
    let mut reports = Vec::new();
    for script in program.scripts() {
        let reading = Reading {
            program,
            script,
            known: &known,
        };
        let mut found = Vec::new();
        script.walk(&mut |node| {
            if let Some(call) = node.call() {
                let problems = reading.problems(&call).into_iter();
                found.extend(problems.map(|problem| (call.position, problem)));
            }
        });
        // A closure comes after the function that it is in.
        found.sort_by_key(|(position, _)| *position);
        let found = found.into_iter();
        reports.extend(found.map(|(position, problem)| {
            let report = script.wrong(position, problem.message);
            match problem.nearest {
                Some(name) => report.hint(format!("did you mean `{name}`?")),
                None => report,
            }
        }));
    }
    reports
}

/// The names that can be called without a module.
fn registered(engine: &Engine) -> BTreeSet<String> {
    let built_in = [
        "print",
        "debug",
        "type_of",
        "Fn",
        "call",
        "curry",
        "is_shared",
        "is_def_var",
        "is_def_fn",
        "throw",
    ];
    engine
        .gen_fn_signatures(true)
        .iter()
        .filter_map(|signature| signature.split('(').next())
        .chain(built_in)
        .map(str::to_owned)
        .collect()
}

struct Problem {
    message: String,
    nearest: Option<String>,
}

impl Problem {
    fn new(message: String, nearest: Option<&str>) -> Self {
        Self {
            message,
            nearest: nearest.map(str::to_owned),
        }
    }
}

struct Reading<'a> {
    program: &'a Program,
    script: &'a Script,
    /// The names that can be called without a module.
    known: &'a BTreeSet<String>,
}

impl Reading<'_> {
    fn problems(&self, call: &Call<'_>) -> Vec<Problem> {
        if call.to.namespace.path.is_empty() {
            self.unqualified(call).into_iter().collect()
        } else {
            self.qualified(call)
        }
    }

    fn unqualified(&self, call: &Call<'_>) -> Option<Problem> {
        let name = call.name();
        if call.to.op_token.is_some() || name.contains('$') || self.known.contains(name) {
            return None;
        }
        let arities = arities(self.script, name);
        if !arities.is_empty() {
            return wrong_count(name, &arities, call.to.args.len());
        }
        let own = self.script.functions.keys().map(|form| &form.name);
        let known = own.chain(self.known).map(String::as_str);
        let nearest = nearest(name, known.filter(|known| !known.contains('$')));
        let message = format!("there is no function `{name}`");
        Some(Problem::new(message, nearest))
    }

    fn qualified(&self, call: &Call<'_>) -> Vec<Problem> {
        let (path, name) = (call.target, call.name());
        if let Some(service) = path.strip_prefix("aws/") {
            return models::service(service)
                .map_or_else(|_| Vec::new(), |service| operation(&service, call));
        }
        let functions = self
            .program
            .find(path)
            .map_or_else(|| api::functions(path), exported);
        let of_name = functions.iter().filter(|(known, _)| known == name);
        let arities: Vec<usize> = of_name.map(|(_, arity)| *arity).collect();
        if arities.is_empty() {
            return vec![self.unknown(path, name, &functions)];
        }
        wrong_count(&format!("{path}::{name}"), &arities, call.to.args.len())
            .into_iter()
            .chain(options(call))
            .collect()
    }

    fn unknown(&self, path: &str, name: &str, functions: &[(String, usize)]) -> Problem {
        if !self.program.named(path, name).is_empty() {
            let message = format!("the function `{name}` of `{path}` is private");
            return Problem::new(message, None);
        }
        let nearest = nearest(name, functions.iter().map(|(known, _)| known.as_str()));
        Problem::new(format!("`{path}` has no function `{name}`"), nearest)
    }
}

/// Returns the numbers of parameters that the functions of a name take.
fn arities(script: &Script, name: &str) -> Vec<usize> {
    let forms = script.named(name).into_iter();
    forms.map(|form| form.arity).collect()
}

fn exported(script: &Script) -> Vec<(String, usize)> {
    let public = script.functions.iter().filter(|(_, it)| it.is_public);
    public
        .map(|(form, _)| (form.name.clone(), form.arity))
        .collect()
}

fn wrong_count(name: &str, arities: &[usize], given: usize) -> Option<Problem> {
    let arguments = match arities {
        arities if arities.contains(&given) => return None,
        [1] => "1 argument".to_owned(),
        arities => format!(
            "{} arguments",
            arities
                .iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(" or ")
        ),
    };
    Some(Problem::new(
        format!("`{name}` takes {arguments}, not {given}"),
        None,
    ))
}

/// Options are a map, written out more often than not.
fn options(call: &Call<'_>) -> Vec<Problem> {
    let title = format!("{}::{}", call.target, call.name());
    let mut problems = Vec::new();
    for (place, known) in api::options(call.target, call.name()) {
        let Some(Expr::Map(map, _)) = call.to.args.get(place) else {
            continue;
        };
        let names = map.0.iter().map(|(name, _)| name.name.as_str());
        let unknown = names.filter(|name| !known.contains(name));
        problems.extend(unknown.map(|name| {
            let near = nearest(name, known.iter().copied());
            Problem::new(format!("`{title}` has no option `{name}`"), near)
        }));
    }
    problems
}

/// A waiter takes the input of the operation that it looks with.
fn operation(service: &Service, call: &Call<'_>) -> Vec<Problem> {
    let name = call.name();
    let waiter = service.waiters.get(name);
    let Some(operation) = service
        .operations
        .get(waiter.map_or(name, |waiter| &waiter.operation))
    else {
        let known = service
            .operations
            .keys()
            .chain(service.waiters.keys())
            .map(String::as_str);
        return vec![Problem::new(
            format!("`aws/{}` has no operation `{name}`", service.name),
            nearest(name, known),
        )];
    };
    let title = format!("{}.{name}", service.name);
    let unsaid = super::keeps::problem(&service.name, name, &call.to.args);
    let mut problems = called(service, operation, waiter.is_some(), call, &title);
    problems.extend(unsaid.map(|message| Problem::new(message, None)));
    problems
}

fn called(
    service: &Service,
    operation: &Operation,
    waits: bool,
    call: &Call<'_>,
    title: &str,
) -> Vec<Problem> {
    match call.to.args.as_slice() {
        [] | [_] if !waits || call.to.args.len() == 1 => {
            arguments(service, operation, call.to.args.first(), title)
        }
        [input, Expr::Map(options, _)] if !waits => {
            let mut problems = arguments(service, operation, Some(input), title);
            let given = options.0.iter();
            problems
                .extend(given.filter_map(|(name, value)| call_option(title, &name.name, value)));
            problems
        }
        [input, _] if !waits => arguments(service, operation, Some(input), title),
        wrong => vec![Problem::new(
            format!("`{title}` takes one map, not {} arguments", wrong.len()),
            None,
        )],
    }
}

/// The second map of a call says what the engine cannot know of it.
fn call_option(title: &str, name: &str, value: &Expr) -> Option<Problem> {
    if !api::aws::OPTIONS.contains(&name) {
        return Some(Problem::new(
            format!("`{title}` has no option `{name}`"),
            nearest(name, api::aws::OPTIONS),
        ));
    }
    if name == api::aws::KEEP {
        return None;
    }
    if name == api::aws::BEAT {
        let literal = literals::literal(value).filter(|found| *found != "a boolean");
        return literal.map(|found| {
            let message = format!("`{title}`: `{name}` is true or false, not {found}");
            Problem::new(message, None)
        });
    }
    let Expr::StringConstant(word, _) = value else {
        return None;
    };
    (!api::aws::DOUBTS.contains(&word.as_str())).then(|| {
        Problem::new(
            format!("`{title}`: `{name}` is \"retry\" or \"stop\", not \"{word}\""),
            nearest(word, api::aws::DOUBTS),
        )
    })
}

fn arguments(
    service: &Service,
    operation: &Operation,
    input: Option<&Expr>,
    title: &str,
) -> Vec<Problem> {
    let problems = literals::problems(service, operation, input).into_iter();
    problems
        .map(|(message, nearest)| Problem {
            message: format!("`{title}`: {message}"),
            nearest,
        })
        .collect()
}
