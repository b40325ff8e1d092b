//! A source as a syntax tree: compiled for reading, and what it imports and calls.

use std::sync::OnceLock;

use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, OptimizationLevel, Position, Stmt};

use crate::functions::call_of;
use crate::library_error::RUNBOOK;
use crate::{engine, fault};
use base::exit::Exit;
use base::report::Report;
use base::source::Source;

/// Returns the import paths of a source with their places.
pub fn imports_of(source: &Source) -> Result<Vec<(String, Position)>, Report> {
    let ast = compile(reader(), source)?;
    let mut paths = Vec::new();
    let mut computed = None;
    walk(&ast, &mut |node| {
        if let ASTNode::Stmt(Stmt::Import(import, position)) = node {
            match &import.0 {
                Expr::StringConstant(path, position) => paths.push((path.to_string(), *position)),
                _ => computed = Some(*position),
            }
        }
    });
    match computed {
        None => Ok(paths),
        Some(position) => {
            let report = Report::new(
                Exit::Usage,
                "an import path must be a literal string, so that the run can pin the module",
            );
            Err(fault::located(report, source, position))
        }
    }
}

/// Returns the runbooks that a source calls with their places.
pub fn called_by(source: &Source) -> Result<Vec<(String, Position)>, Report> {
    let mut paths = Vec::new();
    calls_of_runbooks(source, &mut |path, _, position| {
        paths.push((path.to_owned(), position));
    })?;
    Ok(paths)
}

/// Visits each `run::call` of a source, with the path and its place.
pub fn calls_of_runbooks(
    source: &Source,
    visit: &mut dyn FnMut(&str, &FnCallExpr, Position),
) -> Result<(), Report> {
    // Most sources call none, and reading takes its time.
    if !source.text.contains("call") {
        return Ok(());
    }
    let mut wrong = None;
    let ast = compile(reader(), source)?;
    walk(&ast, &mut |node| {
        let Some((call, position)) = call_of(node).filter(|(call, _)| is_run_call(call)) else {
            return;
        };
        match call.args.first() {
            Some(Expr::StringConstant(path, position)) if path.ends_with(RUNBOOK) => {
                visit(path, call, *position);
            }
            other => wrong = Some(other.map_or(position, Expr::position)),
        }
    });
    let Some(position) = wrong else {
        return Ok(());
    };
    let message =
        "a runbook is called by a literal name that ends in `.rhai`, so that the run can pin it";
    let report = Report::new(Exit::Usage, message).hint(
        "write it like: run::call(\"other.rhai\", #{…}); to choose, call each by its name under an `if`",
    );
    Err(fault::located(report, source, position))
}

pub(super) fn is_run_call(call: &FnCallExpr) -> bool {
    let namespace = call.namespace.path.first();
    call.name == "call" && namespace.is_some_and(|alias| alias.name == "run")
}

/// Without optimisation, since that removes dead branches before they could be read.
/// Made once: it takes longer to make than a module to read.
pub(super) fn reader() -> &'static Engine {
    static READER: OnceLock<Engine> = OnceLock::new();
    READER.get_or_init(|| {
        let mut engine = engine::compiler();
        engine.set_optimization_level(OptimizationLevel::None);
        engine
    })
}

pub(super) fn compile(engine: &Engine, source: &Source) -> Result<AST, Report> {
    engine
        .compile(&source.text)
        .map_err(|error| fault::syntax(&error, source))
}

pub(super) fn walk(ast: &AST, visit: &mut dyn FnMut(&ASTNode)) {
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(node) = path.last() {
            visit(node);
        }
        true
    });
}
