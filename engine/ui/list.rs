//! The table of runs.

use std::io::{self, Write};
use std::time::Duration;

use console::{Alignment, measure_text_width, pad_str};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::json::Object;
use crate::style::{Page, Paint};
use crate::{clean, time};
use journal::entry::Ending;

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A process holds its lock.
    Live,
    /// Neither an end nor a holder.
    Interrupted,
    /// For a person's approval, or for the resume that takes it up.
    Waiting,
    Succeeded,
    Failed,
    InDoubt,
    Diverged,
    /// It was told to end, and has cleaned up.
    Cancelled,
    /// A tick that was cut off; a later one decided afresh.
    Superseded,
    /// What it made is taken down.
    Undone,
    /// An undo has begun and is not done.
    Undoing,
    /// Its journal cannot be read.
    Broken,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLine {
    pub id: String,
    pub runbook: Option<String>,
    pub status: Status,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// Where it is known without reading the whole log.
    pub attempt: Option<u32>,
}

impl From<&Ending> for Status {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::Succeeded { .. } => Self::Succeeded,
            Ending::Failed { .. } => Self::Failed,
            Ending::Interrupted => Self::Interrupted,
            Ending::Waiting { .. } => Self::Waiting,
            Ending::InDoubt { .. } => Self::InDoubt,
            Ending::Diverged { .. } => Self::Diverged,
            Ending::Cancelled { .. } => Self::Cancelled,
            Ending::Superseded => Self::Superseded,
            Ending::Undone { .. } => Self::Undone,
            Ending::UndoStopped { .. } => Self::Undoing,
        }
    }
}

impl Status {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Interrupted => "interrupted",
            Self::Waiting => "waiting",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::InDoubt => "in doubt",
            Self::Diverged => "diverged",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
            Self::Undone => "undone",
            Self::Undoing => "undoing",
            Self::Broken => "broken",
        }
    }

    pub(crate) fn painted(self, paint: Paint, text: &str) -> String {
        match self {
            Self::Live => paint.live(text),
            Self::Succeeded | Self::Undone => paint.good(text),
            Self::Interrupted
            | Self::Waiting
            | Self::InDoubt
            | Self::Cancelled
            | Self::Superseded
            | Self::Undoing => paint.warn(text),
            Self::Failed | Self::Diverged | Self::Broken => paint.bad(text),
        }
    }
}

const HEAD: [&str; 6] = ["ID", "RUNBOOK", "STATUS", "STARTED", "TOOK", "ATTEMPT"];
const STATUS: usize = 2;

/// Writes the table for people. The id is never cut: it is what gets copied.
pub fn human(out: &mut dyn Write, page: Page, runs: &[RunLine], now: Timestamp) -> io::Result<()> {
    if runs.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = runs.iter().map(|run| cells(run, now)).collect();
    let widths = widths(&rows);
    writeln!(
        out,
        "{}",
        page.paint.bold(&clean::cut(
            &join(&HEAD.map(String::from), widths),
            page.width
        ))
    )?;
    for (run, mut cells) in runs.iter().zip(rows) {
        let padded = pad_str(&cells[STATUS], widths[STATUS], Alignment::Left, None).into_owned();
        cells[STATUS] = run.status.painted(page.paint, &padded);
        writeln!(
            out,
            "{}",
            clean::cut(&join(&cells, widths), page.width.max(widths[0]))
        )?;
    }
    Ok(())
}

/// Writes one object a run.
pub fn json(out: &mut dyn Write, runs: &[RunLine], now: Timestamp) -> io::Result<()> {
    for run in runs {
        let fields = vec![
            ("id", json!(run.id)),
            ("runbook", json!(run.runbook)),
            ("status", json!(run.status)),
            ("started", json!(run.started)),
            ("ended", json!(run.ended)),
            ("elapsed_ms", json!(elapsed(run, now).map(time::millis))),
            ("attempt", json!(run.attempt)),
        ];
        writeln!(out, "{}", Object(fields).line())?;
    }
    Ok(())
}

fn cells(run: &RunLine, now: Timestamp) -> [String; 6] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    [
        clean::line(&run.id),
        or_dash(run.runbook.as_deref().map(clean::line)),
        run.status.word().to_owned(),
        or_dash(run.started.map(time::stamp)),
        or_dash(elapsed(run, now).map(time::duration)),
        or_dash(run.attempt.map(|attempt| attempt.to_string())),
    ]
}

/// Returns nothing for an interrupted run: nobody saw its end.
fn elapsed(run: &RunLine, now: Timestamp) -> Option<Duration> {
    let live = (run.status == Status::Live).then_some(now);
    run.ended
        .or(live)
        .zip(run.started)
        .map(|(end, start)| time::between(start, end))
}

fn widths(rows: &[[String; 6]]) -> [usize; 6] {
    let mut widths = HEAD.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = measure_text_width(cell).max(*width);
        }
    }
    widths
}

fn join(cells: &[String; 6], widths: [usize; 6]) -> String {
    let padded = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| pad_str(cell, width, Alignment::Left, None));
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{RunLine, Status, human, json};
    use crate::sample;

    fn runs() -> Vec<RunLine> {
        let run = |status, ended| RunLine {
            id: sample::RUN.into(),
            runbook: Some("runbooks/build.rhai".into()),
            status,
            started: Some(sample::at(0)),
            ended,
            attempt: Some(2),
        };
        let broken = RunLine {
            runbook: None,
            started: None,
            attempt: None,
            ..run(Status::Broken, None)
        };
        let failed = run(Status::Failed, Some(sample::at(70)));
        vec![
            run(Status::Live, None),
            run(Status::Interrupted, None),
            failed,
            broken,
        ]
    }

    #[test]
    fn a_table() {
        let mut out = Vec::new();
        human(&mut out, sample::page(120), &runs(), sample::at(3_700)).unwrap();
        assert_snapshot!(String::from_utf8(out).unwrap(), @"
        ID                                  RUNBOOK              STATUS       STARTED               TOOK    ATTEMPT
        20261121-091203-build-abcdefghijkl  runbooks/build.rhai  live         2026-11-21T09:12:03Z  1h 01m  2
        20261121-091203-build-abcdefghijkl  runbooks/build.rhai  interrupted  2026-11-21T09:12:03Z  -       2
        20261121-091203-build-abcdefghijkl  runbooks/build.rhai  failed       2026-11-21T09:12:03Z  1m 10s  2
        20261121-091203-build-abcdefghijkl  -                    broken       -                     -       -
        ");
    }

    #[test]
    fn an_object_a_run() {
        let mut out = Vec::new();
        json(&mut out, &runs(), sample::at(3_700)).unwrap();
        assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
        {"id":"20261121-091203-build-abcdefghijkl","runbook":"runbooks/build.rhai","status":"live","started":"2026-11-21T09:12:03Z","ended":null,"elapsed_ms":3700000,"attempt":2}
        {"id":"20261121-091203-build-abcdefghijkl","runbook":"runbooks/build.rhai","status":"interrupted","started":"2026-11-21T09:12:03Z","ended":null,"elapsed_ms":null,"attempt":2}
        {"id":"20261121-091203-build-abcdefghijkl","runbook":"runbooks/build.rhai","status":"failed","started":"2026-11-21T09:12:03Z","ended":"2026-11-21T09:13:13Z","elapsed_ms":70000,"attempt":2}
        {"id":"20261121-091203-build-abcdefghijkl","runbook":null,"status":"broken","started":null,"ended":null,"elapsed_ms":null,"attempt":null}
        "#);
    }
}
