//! What is wrong in a script before it runs: the message with the file and the line.

use rhai::Position;

use base::exit::Exit;
use base::report::{Excerpt, Report};
use base::source::Source;

/// Returns what is wrong at a place of a script.
#[must_use]
pub fn wrong(source: &Source, position: Position, message: impl Into<String>) -> Report {
    located(Report::new(Exit::Usage, message), source, position)
}

/// Adds the place in `source` to a report that has none.
#[must_use]
pub fn located(mut report: Report, source: &Source, position: Position) -> Report {
    if report.excerpt.is_none() {
        report.excerpt = excerpt(source, position, Vec::new());
    }
    report
}

pub(super) fn excerpt(source: &Source, position: Position, stack: Vec<String>) -> Option<Excerpt> {
    let line = position.line()?;
    let text = source
        .text
        .lines()
        .nth(line - 1)
        .unwrap_or_default()
        .to_owned();
    Some(Excerpt {
        file: shown(source),
        line,
        column: position.position().unwrap_or(0),
        text,
        stack,
    })
}

/// The file where there is one, else the module's name.
#[must_use]
pub fn shown(source: &Source) -> String {
    source
        .file
        .clone()
        .unwrap_or_else(|| format!("stdlib/{}.rhai{BUILT_IN}", source.name))
}

/// Returns a place as `file:line`.
pub(super) fn line(source: &Source, position: Position) -> String {
    format!("{}:{}", shown(source), position.line().unwrap_or_default())
}

/// What stands after the name of a module that no file holds.
const BUILT_IN: &str = " (built in)";

/// Returns the place that it is in an editable copy, of a place in a module that is built in.
#[must_use]
pub fn in_copy(place: &str) -> Option<String> {
    let (file, line) = place.rsplit_once(':')?;
    Some(format!("{}:{line}", file.strip_suffix(BUILT_IN)?))
}

/// With a small first letter.
pub(super) fn lower(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(characters).collect()
    })
}
