//! An error of a script, taken apart: its innermost cause, its place, and the calls that led there.

use rhai::{EvalAltResult, Position};

use crate::fault;
use crate::host::{StopReason, stop_reason};
use crate::located::{excerpt, shown};
use crate::sources::Library;
use base::fault::Fault;
use base::report::Excerpt;

/// An error of a script, taken apart.
#[derive(Clone, Debug)]
pub struct ScriptError {
    pub fault: Fault,
    pub excerpt: Option<Excerpt>,
    pub stop: Option<StopReason>,
}

/// Takes an error apart.
#[must_use]
pub fn script_error(error: &EvalAltResult, library: &Library) -> ScriptError {
    let mut file = library.main().name.clone();
    let mut calls: Vec<String> = Vec::new();
    let mut last_place = (file.clone(), Position::NONE);
    let mut error = error;
    loop {
        match error {
            EvalAltResult::ErrorInFunctionCall(name, inside, inner, position) => {
                if !position.is_none() {
                    last_place = (file.clone(), *position);
                }
                calls.push(format!(
                    "{}, called at {}",
                    readable(name),
                    place(library, &file, *position)
                ));
                if !inside.is_empty() {
                    file.clone_from(inside);
                }
                error = inner;
            }
            EvalAltResult::ErrorInModule(name, inner, position) => {
                if !position.is_none() {
                    last_place = (file.clone(), *position);
                }
                if library.find(name).is_some() {
                    file.clone_from(name);
                }
                error = inner;
            }
            _ => break,
        }
    }
    let position = error.position();
    let (file, position) = if position.is_none() {
        last_place
    } else {
        (file, position)
    };
    calls.reverse();
    let excerpt = library
        .find(&file)
        .and_then(|source| excerpt(source, position, calls));
    let mut fault = fault::fault(error);
    fault.place = excerpt
        .as_ref()
        .map(|excerpt| format!("{}:{}", excerpt.file, excerpt.line));
    fault.thrown = fault::rhais(error).map(Box::new);
    ScriptError {
        fault,
        excerpt,
        stop: stop_reason(error),
    }
}

fn place(library: &Library, file: &str, position: Position) -> String {
    let file = library.find(file).map_or_else(|| file.to_owned(), shown);
    position
        .line()
        .map_or_else(|| file.clone(), |line| format!("{file}:{line}"))
}

fn readable(name: &str) -> &str {
    if name.starts_with("anon$") {
        "closure"
    } else {
        name
    }
}
