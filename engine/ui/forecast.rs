//! What a resume with edited scripts would do: what changed, what is recorded, what becomes of it, what to type.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::json;

use crate::json::Object;
use crate::style::Page;
use crate::{clean, program};
use base::command::Command;
use base::exit::Exit;
use journal::Kind;
use run::forecast::{Again, Because, Forecast, Orphan, Row};
use script::library::{Change, How};

/// So many of a kind are shown; the rest is counted.
const SHOWN: usize = 20;

const MESSAGE: &str = "the scripts have changed since the run pinned them; nothing was done";

/// Writes the forecast for people; `answers` are the commands for `--edited` and `--pinned`.
pub(crate) fn human(
    out: &mut dyn Write,
    page: Page,
    forecast: &Forecast,
    directory: &str,
    answers: [&Command; 2],
) -> io::Result<()> {
    let paint = page.paint;
    writeln!(out, "{} {MESSAGE}", paint.bad("error:"))?;
    let files = forecast
        .files
        .iter()
        .map(|file| vec![change(file, directory)]);
    let mut sheet = Sheet { out, page };
    sheet.section("files", "changed since", &files.collect::<Vec<_>>())?;
    sheet.line(&format!("recorded: {}", tally(forecast)))?;
    sheet.section(
        "reused",
        "recorded, and the scripts still name them",
        &rows(&forecast.reused),
    )?;
    sheet.section(
        "new",
        "named by the edited scripts only",
        &rows(&forecast.new),
    )?;
    sheet.section(
        "orphaned",
        "recorded, but the scripts do not name them any more",
        &forecast.orphaned.iter().map(orphan).collect::<Vec<_>>(),
    )?;
    sheet.section(
        "tried again",
        "recorded, but not as done",
        &forecast.tried_again.iter().map(again).collect::<Vec<_>>(),
    )?;
    sheet.line(LIMIT)?;
    for (meaning, command) in MEANINGS.iter().zip(answers) {
        let command = clean::line(&program::command(command));
        let (label, command) = (paint.live("hint:"), paint.bold(&command));
        writeln!(sheet.out, "{label} {meaning}:\n    {command}")?;
    }
    Ok(())
}

const LIMIT: &str = "only names are compared: a resume does anew what has moved to another step, branch or item, and stops at the first call that differs from the recorded one, before any further effect";

const MEANINGS: [&str; 2] = [
    "to go on with the scripts as they are now",
    "to go on with the scripts as the run pinned them",
];

/// Returns the forecast as one object.
pub(crate) fn json(forecast: &Forecast, answers: [&Command; 2], at: Timestamp) -> String {
    let hints: Vec<String> = MEANINGS
        .iter()
        .zip(answers)
        .map(|(meaning, command)| format!("{meaning}: {}", program::command(command)))
        .collect();
    let fields = vec![
        ("event", json!("forecast")),
        ("at", json!(at)),
        ("exit_code", json!(Exit::Usage as u8)),
        ("message", json!(MESSAGE)),
        ("run", json!(forecast.run)),
        ("files", json!(forecast.files)),
        ("recorded", json!(forecast.recorded)),
        ("reused", json!(forecast.reused)),
        ("new", json!(forecast.new)),
        ("orphaned", json!(forecast.orphaned)),
        ("tried_again", json!(forecast.tried_again)),
        ("hints", json!(hints)),
    ];
    Object(fields).line()
}

struct Sheet<'a> {
    out: &'a mut dyn Write,
    page: Page,
}

impl Sheet<'_> {
    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", clean::line(text))
    }

    /// Writes the first items of a kind under their count; further lines of one are set off.
    fn section(&mut self, title: &str, meaning: &str, items: &[Vec<String>]) -> io::Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let title = self.page.paint.bold(title);
        writeln!(self.out, "{title} ({}): {meaning}", items.len())?;
        for lines in items.iter().take(SHOWN) {
            for (number, line) in lines.iter().enumerate() {
                let indent = if number == 0 { "  " } else { "      " };
                writeln!(self.out, "{indent}{}", clean::line(line))?;
            }
        }
        let more = items.len().saturating_sub(SHOWN);
        if more > 0 {
            writeln!(self.out, "  and {more} more")?;
        }
        Ok(())
    }
}

fn change(change: &Change, directory: &str) -> String {
    let built_in = || format!("stdlib/{}.rhai (built in)", change.name);
    let file = change.file.clone().map_or_else(built_in, |file| {
        let inside = file.strip_prefix(directory);
        let inside = inside.and_then(|file| file.strip_prefix('/'));
        inside.map(str::to_owned).unwrap_or(file)
    });
    let lines = |count: usize| format!("{count} {}", plural(count, "line"));
    match (change.how, change.lines_added, change.lines_removed) {
        (How::Added, added, _) => format!("{file}: a new file, {}", lines(added)),
        (How::Removed, _, removed) => format!("{file}: no longer used, {}", lines(removed)),
        (How::Changed, added, 0) => format!("{file}: {} added", lines(added)),
        (How::Changed, 0, removed) => format!("{file}: {} removed", lines(removed)),
        (How::Changed, added, removed) => {
            format!("{file}: {} added, {removed} removed", lines(added))
        }
    }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        noun.to_owned()
    } else {
        format!("{noun}s")
    }
}

fn tally(forecast: &Forecast) -> String {
    let recorded = forecast.recorded;
    counted(&[
        (recorded.steps, Kind::Step),
        (recorded.effects, Kind::Effect),
        (recorded.waits, Kind::Wait),
        (recorded.values, Kind::Value),
    ])
}

fn counted(counts: &[(usize, Kind)]) -> String {
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{count} {}", plural(*count, kind.noun())))
        .collect();
    if parts.is_empty() {
        "nothing".into()
    } else {
        parts.join(", ")
    }
}

fn rows(rows: &[Row]) -> Vec<Vec<String>> {
    rows.iter()
        .map(|row| vec![named(row.kind, &row.key)])
        .collect()
}

fn named(kind: Kind, key: &str) -> String {
    format!("{} `{key}`", kind.noun())
}

fn orphan(orphan: &Orphan) -> Vec<String> {
    let mut lines = vec![named(orphan.kind, &orphan.key)];
    for made in orphan.made.iter().take(SHOWN) {
        lines.push(format!("{made} stays in AWS"));
    }
    let more = orphan.made.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

fn again(again: &Again) -> Vec<String> {
    let because = match again.because {
        Because::Failed => "it failed",
        Because::CutOff => "it was cut off",
        Because::InDoubt => "it is in doubt: AWS is asked first what became of it",
    };
    vec![format!("{}: {because}", named(again.kind, &again.key))]
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{Forecast, Kind, human, json};
    use crate::sample;
    use base::command::Command;
    use run::forecast::{Orphan, Row, Tally};
    use script::library::{Change, How};

    /// A forecast with text that would steer a terminal, and more of everything than a page takes.
    fn forecast() -> Forecast {
        Forecast {
            run: sample::RUN.into(),
            files: vec![Change {
                name: "network".into(),
                file: None,
                how: How::Changed,
                lines_added: 0,
                lines_removed: 1,
            }],
            recorded: Tally {
                effects: 2,
                ..Tally::default()
            },
            reused: (0..22)
                .map(|number| Row {
                    key: format!("work[{number}]"),
                    kind: Kind::Step,
                })
                .collect(),
            new: vec![Row {
                key: "\u{1b}[31m\u{202e}not\nyet".into(),
                kind: Kind::Wait,
            }],
            orphaned: vec![Orphan {
                key: "make them".into(),
                kind: Kind::Step,
                made: (0..25).map(|number| format!("i-{number}")).collect(),
            }],
            tried_again: Vec::new(),
        }
    }

    #[test]
    fn it_is_bounded_and_steers_no_terminal() {
        let mut out = Vec::new();
        let answer = |how| Command::resume("x").and([how]);
        let answers = [&answer("--edited"), &answer("--pinned")];
        human(&mut out, sample::page(80), &forecast(), "/work", answers).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_snapshot!(text, @"
        error: the scripts have changed since the run pinned them; nothing was done
        files (1): changed since
          stdlib/network.rhai (built in): 1 line removed
        recorded: 2 effects
        reused (22): recorded, and the scripts still name them
          step `work[0]`
          step `work[1]`
          step `work[2]`
          step `work[3]`
          step `work[4]`
          step `work[5]`
          step `work[6]`
          step `work[7]`
          step `work[8]`
          step `work[9]`
          step `work[10]`
          step `work[11]`
          step `work[12]`
          step `work[13]`
          step `work[14]`
          step `work[15]`
          step `work[16]`
          step `work[17]`
          step `work[18]`
          step `work[19]`
          and 2 more
        new (1): named by the edited scripts only
          wait `not yet`
        orphaned (1): recorded, but the scripts do not name them any more
          step `make them`
              i-0 stays in AWS
              i-1 stays in AWS
              i-2 stays in AWS
              i-3 stays in AWS
              i-4 stays in AWS
              i-5 stays in AWS
              i-6 stays in AWS
              i-7 stays in AWS
              i-8 stays in AWS
              i-9 stays in AWS
              i-10 stays in AWS
              i-11 stays in AWS
              i-12 stays in AWS
              i-13 stays in AWS
              i-14 stays in AWS
              i-15 stays in AWS
              i-16 stays in AWS
              i-17 stays in AWS
              i-18 stays in AWS
              i-19 stays in AWS
              and 5 more
        only names are compared: a resume does anew what has moved to another step, branch or item, and stops at the first call that differs from the recorded one, before any further effect
        hint: to go on with the scripts as they are now:
            runbook resume x --edited
        hint: to go on with the scripts as the run pinned them:
            runbook resume x --pinned
        ");
        let line = json(&forecast(), answers, sample::at(0));
        assert!(
            line.contains(r#""key":"\u001b[31m\u202enot\nyet""#),
            "{line}"
        );
        assert!(line.contains(r#""i-24""#), "{line}");
    }
}
