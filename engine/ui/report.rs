//! Prints a report: `error:`, numbered `caused by:`, the place in the script, `hint:`.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::json;

use crate::json::Object;
use crate::style::Paint;
use crate::{clean, program};
use base::exit::Exit;
use base::hint::Hint;
use base::report::{Excerpt, Report};

/// Writes the report for people.
pub fn human(out: &mut dyn Write, paint: Paint, report: &Report) -> io::Result<()> {
    if report.exit == Exit::Waiting {
        waiting(out, paint, report)?;
    } else {
        error(out, paint, report)?;
    }
    if let Some(excerpt) = &report.excerpt {
        place(out, paint, excerpt)?;
    }
    report
        .hints
        .iter()
        .try_for_each(|one| hint(out, paint, one))
}

fn error(out: &mut dyn Write, paint: Paint, report: &Report) -> io::Result<()> {
    let word = format!("{}:", report.word());
    let label = match report.exit {
        Exit::Succeeded => paint.warn(&word),
        _ => paint.bad(&word),
    };
    let message = indented(&report.message, word.len() + 1);
    writeln!(out, "{label} {message}")?;
    if !report.causes.is_empty() {
        writeln!(out, "{}", paint.bold("caused by:"))?;
    }
    for (number, cause) in (1..).zip(&report.causes) {
        writeln!(out, "  {number}. {}", indented(cause, 5))?;
    }
    Ok(())
}

/// A question that is open is no error.
fn waiting(out: &mut dyn Write, paint: Paint, report: &Report) -> io::Result<()> {
    let (label, message) = (paint.warn("waiting:"), indented(&report.message, 9));
    writeln!(out, "{label} {message}")?;
    let mut causes = report.causes.iter();
    causes.try_for_each(|cause| writeln!(out, "  {}", indented(cause, 2)))
}

/// Returns the report as an event of a JSON output; an error is the last one.
#[must_use]
pub fn json(report: &Report, at: Timestamp) -> String {
    let place = report.excerpt.as_ref().map(|excerpt| {
        json!({"file": excerpt.file, "line": excerpt.line, "column": excerpt.column, "text": excerpt.text,
            "stack": excerpt.stack})
    });
    let fields = vec![
        ("event", json!(report.word())),
        ("at", json!(at)),
        ("exit_code", json!(report.exit as u8)),
        ("message", json!(report.message)),
        ("causes", json!(report.causes)),
        ("place", json!(place)),
        ("hints", program::hints(report).collect()),
    ];
    Object(fields).line()
}

fn place(out: &mut dyn Write, paint: Paint, excerpt: &Excerpt) -> io::Result<()> {
    let number = excerpt.line.to_string();
    let margin = " ".repeat(number.len());
    let bar = paint.dim("|");
    let column = if excerpt.column == 0 {
        String::new()
    } else {
        format!(":{}", excerpt.column)
    };
    writeln!(
        out,
        "{margin}{} {}:{number}{column}",
        paint.dim("-->"),
        clean::line(&excerpt.file)
    )?;
    writeln!(out, "{margin} {bar}")?;
    writeln!(
        out,
        "{} {bar} {}",
        paint.dim(&number),
        clean::line(&excerpt.text)
    )?;
    let caret = caret(excerpt)
        .map(|space| format!(" {space}{}", paint.bad("^")))
        .unwrap_or_default();
    writeln!(out, "{margin} {bar}{caret}")?;
    for call in &excerpt.stack {
        writeln!(out, "{margin} {} in {}", paint.dim("="), clean::line(call))?;
    }
    Ok(())
}

/// Returns the blanks before the caret; columns count characters, screens count cells.
fn caret(excerpt: &Excerpt) -> Option<String> {
    let before = excerpt.column.checked_sub(1)?;
    let text: String = excerpt.text.chars().take(before).collect();
    Some(" ".repeat(console::measure_text_width(&clean::line(&text))))
}

/// A mere command gets a line of its own, to be copied whole.
fn hint(out: &mut dyn Write, paint: Paint, hint: &Hint) -> io::Result<()> {
    let (label, text) = (paint.live("hint:"), program::hint(hint));
    match hint {
        Hint::Command { purpose: None, .. } => {
            writeln!(out, "{label}\n    {}", paint.bold(&clean::line(&text)))
        }
        _ => writeln!(out, "{label} {}", indented(&text, 6)),
    }
}

/// Returns `text` with its further lines under its first one.
fn indented(text: &str, by: usize) -> String {
    clean::block(text).replace('\n', &format!("\n{}", " ".repeat(by)))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{human, json};
    use crate::{sample, style::Paint};
    use base::command::Command;
    use base::exit::Exit;
    use base::report::{Excerpt, Report};

    fn report() -> Report {
        let mut report = Report::new(Exit::Failed, "step `create the routes` failed")
            .cause("ec2 create_route: IncorrectInstanceState: \u{1b}[31mnot ready (request r-1)")
            .cause("a second\ncause")
            .hint("the instance may need more time")
            .hint(Command::resume("20261121-091203-build-abc"));
        report.excerpt = Some(Excerpt {
            file: "network.rhai".into(),
            line: 12,
            column: 9,
            text: "    ec2::create_route(#{});".into(),
            stack: vec![
                "route, called at network.rhai:20".into(),
                "main, called at build.rhai:3".into(),
            ],
        });
        report
    }

    #[test]
    fn no_part_of_a_report_steers_a_terminal() {
        let steers = || "\u{1b}[2Ja\u{202e}b\u{7}".to_owned();
        let mut report = Report::new(Exit::Failed, steers())
            .cause(steers())
            .hint(steers())
            .hint(Command::resume(steers()));
        report.excerpt = Some(Excerpt {
            file: steers(),
            line: 1,
            column: 4,
            text: steers(),
            stack: vec![steers()],
        });
        let mut out = Vec::new();
        human(&mut out, Paint::none(), &report).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches("ab").count(), 7, "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
    }

    #[test]
    fn an_error_says_what_where_why_and_what_next() {
        let mut out = Vec::new();
        human(&mut out, Paint::none(), &report()).unwrap();
        assert_snapshot!(String::from_utf8(out).unwrap(), @"
        error: step `create the routes` failed
        caused by:
          1. ec2 create_route: IncorrectInstanceState: not ready (request r-1)
          2. a second
             cause
          --> network.rhai:12:9
           |
        12 |     ec2::create_route(#{});
           |         ^
           = in route, called at network.rhai:20
           = in main, called at build.rhai:3
        hint: the instance may need more time
        hint:
            runbook resume 20261121-091203-build-abc
        ");
    }

    #[test]
    fn an_error_is_an_event_too() {
        assert_snapshot!(json(&report(), sample::at(0)), @r#"{"event":"error","at":"2026-11-21T09:12:03Z","exit_code":1,"message":"step `create the routes` failed","causes":["ec2 create_route: IncorrectInstanceState: \u001b[31mnot ready (request r-1)","a second\ncause"],"place":{"column":9,"file":"network.rhai","line":12,"stack":["route, called at network.rhai:20","main, called at build.rhai:3"],"text":"    ec2::create_route(#{});"},"hints":["the instance may need more time","runbook resume 20261121-091203-build-abc"]}"#);
    }
}
