//! Reads scripts before they run: every call must be of something that exists.
//!
//! Rhai resolves names when it comes to them, which may be after half a network is built.

mod captured;
mod looks;
mod same_names;

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, Position, Stmt};

use super::bodies::bodies;
use super::functions::Functions;
use super::{api, fault, name_clashes};
use crate::ast::{compile, reader, walk};
use crate::namespaces::NAMESPACES;
use crate::sources::Library;
use base::exit::Exit;
use base::nearest::nearest;
use base::report::Report;
use base::source::Source;
use models::{Operation, Service};

/// Returns every misspelt or missing name in the sources, each as a report with its place.
#[must_use]
pub fn check(library: &Library) -> Vec<Report> {
    let engine = reader();
    let mut asts = BTreeMap::new();
    let mut reports = Vec::new();
    for source in library.sources() {
        match compile(engine, source) {
            Ok(ast) => drop(asts.insert(source.name.clone(), ast)),
            Err(report) => reports.push(report),
        }
    }
    let known = registered(engine);
    for source in library.sources() {
        if let Some(ast) = asts.get(&source.name) {
            let mut problems = Reading {
                ast,
                asts: &asts,
                known: &known,
            }
            .problems(source);
            // The functions of a script come in no order.
            problems.sort_by_key(|report| {
                report
                    .excerpt
                    .as_ref()
                    .map(|excerpt| (excerpt.line, excerpt.column))
            });
            reports.extend(problems);
        }
    }
    for program in library.programs() {
        // What another runbook of the run has, Rhai does not mix up with it.
        let own = |source: &Source| Some((source.name.clone(), asts.get(&source.name)?.clone()));
        let own = program.iter().filter_map(own).collect();
        let name_clashes = name_clashes::problems(&program, &own).into_iter();
        let news: Vec<Report> = name_clashes
            .filter(|report| !reports.contains(report))
            .collect();
        reports.extend(news);
    }
    let functions = Functions::of(&asts);
    let bodies = bodies(&functions);
    reports.extend(captured::problems(&functions, &bodies, library.sources()));
    reports.extend(looks::problems(&functions, &bodies, library.sources()));
    for runbook in library.runbooks() {
        if let Some(ast) = asts.get(&runbook.name) {
            reports.extend(entry_points(ast, runbook));
        }
    }
    reports
}

/// Returns what is not wrong and yet may stop a resume, each with its place.
pub fn warnings(library: &Library) -> Result<Vec<Report>, Report> {
    let compiled = library.sources().iter().map(|source| {
        let ast = compile(reader(), source)?;
        Ok((source.name.clone(), ast))
    });
    let functions = Functions::of(&compiled.collect::<Result<_, Report>>()?);
    let bodies = bodies(&functions);
    Ok(same_names::warnings(&functions, &bodies, library.sources()))
}

/// `main` must be there, `validate` may; both take the parameters.
fn entry_points(ast: &AST, source: &Source) -> Vec<Report> {
    let functions = arities(ast);
    let wrong = |name: &str, problem: &str| {
        let report = Report::new(
            Exit::Usage,
            format!("`{}`: `{name}` {problem}", fault::shown(source)),
        );
        report.hint(format!(
            "a runbook has a function `fn {name}(params) {{ … }}`"
        ))
    };
    let takes_more = |name: &&str| {
        functions
            .get(*name)
            .is_some_and(|arities| !arities.contains(&1))
    };
    let missing = (!functions.contains_key("main")).then(|| wrong("main", "is missing"));
    let mistaken = ["main", "validate"]
        .into_iter()
        .filter(takes_more)
        .map(|name| wrong(name, "must take one parameter"));
    missing.into_iter().chain(mistaken).collect()
}

/// The functions of a script with the numbers of parameters that each comes with.
fn arities(ast: &AST) -> BTreeMap<String, Vec<usize>> {
    let mut arities: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for function in ast.iter_functions() {
        arities
            .entry(function.name.to_owned())
            .or_default()
            .push(function.params.len());
    }
    arities
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

struct Reading<'a> {
    ast: &'a AST,
    asts: &'a BTreeMap<String, AST>,
    known: &'a BTreeSet<String>,
}

impl Reading<'_> {
    fn problems(&self, source: &Source) -> Vec<Report> {
        let imports = self.aliases();
        let own = arities(self.ast);
        let mut reports = Vec::new();
        walk(self.ast, &mut |node| {
            let (call, position) = match node {
                ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position))
                | ASTNode::Stmt(Stmt::FnCall(call, position)) => (call, *position),
                _ => return,
            };
            let found = match call.namespace.path.first() {
                Some(alias) => imports
                    .get(alias.name.as_str())
                    .map_or_else(Vec::new, |path| self.qualified(path, call)),
                None => self.unqualified(call, &own),
            };
            reports.extend(
                found
                    .into_iter()
                    .map(|problem| problem.report(source, position)),
            );
        });
        reports
    }

    /// Import alias to path; the built-in namespaces stand for themselves.
    fn aliases(&self) -> BTreeMap<String, String> {
        let mut aliases: BTreeMap<String, String> = NAMESPACES
            .iter()
            .map(|name| ((*name).into(), (*name).into()))
            .collect();
        walk(self.ast, &mut |node| {
            if let ASTNode::Stmt(Stmt::Import(import, _)) = node
                && let Expr::StringConstant(path, _) = &import.0
            {
                aliases.insert(import.1.name.to_string(), path.to_string());
            }
        });
        aliases
    }

    fn unqualified(&self, call: &FnCallExpr, own: &BTreeMap<String, Vec<usize>>) -> Vec<Problem> {
        let name = call.name.as_str();
        if call.op_token.is_some() || name.contains('$') || self.known.contains(name) {
            return Vec::new();
        }
        if let Some(arities) = own.get(name) {
            return wrong_count(name, arities, call.args.len())
                .into_iter()
                .collect();
        }
        let nearest = nearest(
            name,
            own.keys()
                .chain(self.known)
                .map(String::as_str)
                .filter(|known| !known.contains('$')),
        );
        vec![Problem::new(
            format!("there is no function `{name}`"),
            nearest,
        )]
    }

    fn qualified(&self, path: &str, call: &FnCallExpr) -> Vec<Problem> {
        if let Some(service) = path.strip_prefix("aws/") {
            return models::service(service)
                .map_or_else(|_| Vec::new(), |service| operation(&service, call));
        }
        let functions: Vec<(String, usize)> = self
            .asts
            .get(path)
            .map_or_else(|| api::functions(path), exported);
        let name = call.name.as_str();
        let arities: Vec<usize> = functions
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, parameters)| *parameters)
            .collect();
        if arities.is_empty() {
            return vec![self.unknown(path, name, &functions)];
        }
        wrong_count(&format!("{path}::{name}"), &arities, call.args.len())
            .into_iter()
            .chain(options(path, call))
            .collect()
    }

    fn unknown(&self, path: &str, name: &str, functions: &[(String, usize)]) -> Problem {
        let is_private = |ast: &AST| ast.iter_functions().any(|function| function.name == name);
        if self.asts.get(path).is_some_and(is_private) {
            return Problem::new(
                format!("the function `{name}` of `{path}` is private"),
                None,
            );
        }
        let nearest = nearest(name, functions.iter().map(|(known, _)| known.as_str()));
        Problem::new(format!("`{path}` has no function `{name}`"), nearest)
    }
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
fn options(path: &str, call: &FnCallExpr) -> Vec<Problem> {
    let title = format!("{path}::{}", call.name);
    let mut problems = Vec::new();
    for (place, known) in api::options(path, &call.name) {
        let Some(Expr::Map(map, _)) = call.args.get(place) else {
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

fn exported(ast: &AST) -> Vec<(String, usize)> {
    ast.iter_functions()
        .filter(|function| function.access == rhai::FnAccess::Public)
        .map(|function| (function.name.to_owned(), function.params.len()))
        .collect()
}

/// A waiter takes the input of the operation that it looks with.
fn operation(service: &Service, call: &FnCallExpr) -> Vec<Problem> {
    let name = call.name.as_str();
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
    match call.args.as_slice() {
        [] | [_] if waiter.is_none() || call.args.len() == 1 => {
            arguments(service, operation, call.args.first(), &title)
        }
        [input, Expr::Map(options, _)] if waiter.is_none() => {
            let mut problems = arguments(service, operation, Some(input), &title);
            let given = options.0.iter();
            problems
                .extend(given.filter_map(|(name, value)| call_option(&title, &name.name, value)));
            problems
        }
        [input, _] if waiter.is_none() => arguments(service, operation, Some(input), &title),
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
    if name == api::aws::BEAT {
        let literal = super::literals::literal(value).filter(|found| *found != "a boolean");
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
    let problems = super::literals::problems(service, operation, input).into_iter();
    problems
        .map(|(message, nearest)| Problem {
            message: format!("`{title}`: {message}"),
            nearest,
        })
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

    fn report(self, source: &Source, position: Position) -> Report {
        let report = fault::located(Report::new(Exit::Usage, self.message), source, position);
        match self.nearest {
            Some(name) => report.hint(format!("did you mean `{name}`?")),
            None => report,
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
