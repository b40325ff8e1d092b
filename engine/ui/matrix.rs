//! What many disturbed rehearsals came to, and how far they are.

use std::io::{self, Write};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::{Output, clean, is_terminal, tell, time};
use crate::style::{Page, Paint};
use base::shell::quoted;
use rehearse::matrix::{Ending, Failure, Report};

/// How many failing points are shown to people; one defect makes many.
const SHOWN: usize = 12;

/// Without a terminal so many lines tell how far it is.
const LINES: usize = 10;

const TEMPLATE: &str = "{bar:30} {pos} of {len} points, {msg}, {elapsed} so far, {eta} left";

/// How far the trials are: a line that is redrawn, or a line now and then.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    done: usize,
    all: usize,
}

/// What is told about a matrix beside its figures.
#[derive(Clone, Debug)]
pub struct Told {
    /// What was done to each run.
    pub what: String,
    /// How to make one of the trials again, up to the point itself.
    pub again: String,
    pub seed: u64,
    /// Where not all points were tried.
    pub share: Option<String>,
}

impl Progress {
    /// Begins to tell of so many points.
    #[must_use]
    pub fn new(all: usize) -> Self {
        let bar = is_terminal().then(|| {
            let target = ProgressDrawTarget::term(Term::buffered_stderr(), 5);
            let plain = |_| ProgressStyle::default_bar();
            let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(plain);
            ProgressBar::with_draw_target(Some(all as u64), target).with_style(style)
        });
        Self { bar, done: 0, all }
    }

    /// Tells that a point is done.
    pub fn step(&mut self, report: &Report) {
        let before = self.done * LINES / self.all.max(1);
        self.done += 1;
        let failed = format!("{} failed", report.failures.len());
        match &self.bar {
            Some(bar) => {
                bar.set_message(failed);
                bar.inc(1);
            }
            None if self.done * LINES / self.all.max(1) > before => {
                tell(&format!("{} of {} points, {failed}", self.done, self.all));
            }
            None => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Writes the failing points and the figures.
pub fn write(output: Output, report: &Report, told: &Told) -> io::Result<()> {
    let written = super::stdout(|out| match output {
        Output::Human | Output::Syslog => human(out, Page::stdout().paint, report, told),
        Output::Json => machine(out, report, told),
    });
    written.map(drop)
}

fn human(out: &mut dyn Write, paint: Paint, report: &Report, told: &Told) -> io::Result<()> {
    for failure in report.failures.iter().take(SHOWN) {
        failed(out, paint, failure, told)?;
    }
    if report.failures.len() > SHOWN {
        writeln!(
            out,
            "  and {} more; `--output json` has all",
            report.failures.len() - SHOWN
        )?;
    }
    let share = told
        .share
        .as_ref()
        .map(|share| format!(", share {share}"))
        .unwrap_or_default();
    let cut = if report.interrupted {
        ", interrupted"
    } else {
        ""
    };
    let elapsed = time::duration(report.elapsed);
    let head = format!(
        "{}: {} runs in {elapsed} (seed {}{share}{cut})",
        told.what, report.trials, told.seed
    );
    writeln!(out, "{}", paint.bold(&clean::line(&head)))?;
    for (kind, count) in &report.kinds {
        writeln!(out, "  {count:>5}  {kind}")?;
    }
    for (count, what) in asides(report) {
        if count > 0 {
            writeln!(out, "  {count:>5}  {what}")?;
        }
    }
    writeln!(out, "{}", verdict(paint, report))
}

fn asides(report: &Report) -> [(usize, &'static str); 5] {
    [
        (
            report.merged,
            "left out: nothing can have changed since the point before",
        ),
        (report.not_reached, "ended before they were disturbed"),
        (report.doubts, "effects in doubt"),
        (report.adopted, "of them found in the cloud and adopted"),
        (report.stopped, "stopped in doubt and said so"),
    ]
}

fn verdict(paint: Paint, report: &Report) -> String {
    let figures = figures(report)
        .map(|(name, count)| format!("{name} {count}"))
        .join(", ");
    if report.is_clean() {
        paint.good(&figures)
    } else {
        paint.bad(&figures)
    }
}

/// What must be 0.
fn figures(report: &Report) -> [(&'static str, usize); 6] {
    [
        ("doubled", report.doubled),
        ("leaked", report.leaked),
        ("missing", report.missing),
        ("changed", report.changed),
        ("not finished", report.stuck),
        ("possible duplicates", report.possible_duplicates),
    ]
}

fn failed(out: &mut dyn Write, paint: Paint, failure: &Failure, told: &Told) -> io::Result<()> {
    writeln!(out, "{} {}", paint.bad("✗"), clean::line(&failure.what))?;
    if let Some(said) = said(&failure.ending) {
        writeln!(out, "    not finished  {}", clean::line(&said))?;
    }
    for finding in &failure.findings {
        let kind = finding.kind.to_string();
        writeln!(out, "    {kind:12}  {}", clean::line(&finding.what))?;
    }
    writeln!(
        out,
        "    again: {} --point {}",
        clean::line(&told.again),
        quoted(&clean::line(&failure.point))
    )
}

/// Returns how the run ended, where that is what went wrong.
fn said(ending: &Ending) -> Option<String> {
    match ending {
        Ending::Stuck {
            code: Some(code),
            said,
        } => Some(format!("exit code {code}, {said}")),
        Ending::Stuck { code: None, said } => Some(format!("it did not end by itself; {said}")),
        Ending::InDoubt { .. } | Ending::Succeeded => None,
    }
}

fn machine(out: &mut dyn Write, report: &Report, told: &Told) -> io::Result<()> {
    for failure in &report.failures {
        writeln!(out, "{}", point(failure, told))?;
    }
    let mut summary = json!({
        "event": "rehearsal_matrix", "what": told.what, "runs": report.trials, "kinds": report.kinds,
        "merged": report.merged, "not_reached": report.not_reached, "in_doubt": report.doubts,
        "adopted": report.adopted, "stopped_in_doubt": report.stopped, "failures": report.failures.len(),
        "elapsed_ms": time::millis(report.elapsed), "seed": told.seed, "share": told.share,
        "interrupted": report.interrupted,
    });
    for (name, count) in figures(report) {
        summary[name.replace(' ', "_")] = json!(count);
    }
    writeln!(out, "{summary}")
}

fn point(failure: &Failure, told: &Told) -> Value {
    let findings = failure.findings.iter();
    let findings =
        findings.map(|one| json!({"kind": one.kind, "what": one.what, "effect": one.effect}));
    json!({
        "event": "rehearsal_point", "point": failure.point, "what": failure.what,
        "not_finished": said(&failure.ending), "findings": findings.collect::<Vec<_>>(),
        "again": format!("{} --point {}", told.again, quoted(&failure.point)),
    })
}
