//! What many disturbed rehearsals came to, and how far they are.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;
use std::time::Duration;

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::{Output, clean, time};
use crate::out::{is_terminal, tell};
use crate::style::{Page, Paint};
use base::shell::quoted;

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

/// The sums over all trials.
#[derive(Clone, Debug)]
pub struct Sums {
    pub runs: usize,
    /// How many runs there were of each kind of disturbance.
    pub kinds: BTreeMap<String, usize>,
    /// Points that others stand for.
    pub merged: usize,
    /// Runs that ended before the fault.
    pub not_reached: usize,
    pub in_doubt: usize,
    pub adopted: usize,
    /// Runs that stopped in doubt and reported the doubt.
    pub stopped: usize,
    /// What must be 0, by name.
    pub figures: [(&'static str, usize); 6],
    pub elapsed: Duration,
    pub interrupted: bool,
    pub failures: Vec<Failure>,
}

/// A trial that went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// How the run was disturbed.
    pub what: String,
    /// What `--point` takes to make the same trial again.
    pub point: String,
    /// How the run ended, where it could not be resumed to its end.
    pub not_finished: Option<String>,
    pub findings: Vec<Finding>,
}

/// A difference from what an undisturbed run leaves.
#[derive(Clone, Debug)]
pub struct Finding {
    pub kind: String,
    pub what: String,
    pub effect: Option<String>,
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
    pub fn step(&mut self, failures: usize) {
        let before = self.done * LINES / self.all.max(1);
        self.done += 1;
        let failed = format!("{failures} failed");
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
pub fn write(output: Output, sums: &Sums, told: &Told) -> io::Result<()> {
    let written = crate::out::stdout(|out| match output {
        Output::Human | Output::Syslog => human(out, Page::stdout().paint, sums, told),
        Output::Json => machine(out, sums, told),
    });
    written.map(drop)
}

fn human(out: &mut dyn Write, paint: Paint, sums: &Sums, told: &Told) -> io::Result<()> {
    for failure in sums.failures.iter().take(SHOWN) {
        failed(out, paint, failure, told)?;
    }
    if sums.failures.len() > SHOWN {
        writeln!(
            out,
            "  and {} more; `--output json` has all",
            sums.failures.len() - SHOWN
        )?;
    }
    let share = told
        .share
        .as_ref()
        .map(|share| format!(", share {share}"))
        .unwrap_or_default();
    let cut = if sums.interrupted {
        ", interrupted"
    } else {
        ""
    };
    let elapsed = time::duration(sums.elapsed);
    let head = format!(
        "{}: {} runs in {elapsed} (seed {}{share}{cut})",
        told.what, sums.runs, told.seed
    );
    writeln!(out, "{}", paint.bold(&clean::line(&head)))?;
    for (kind, count) in &sums.kinds {
        writeln!(out, "  {count:>5}  {kind}")?;
    }
    for (count, what) in asides(sums) {
        if count > 0 {
            writeln!(out, "  {count:>5}  {what}")?;
        }
    }
    writeln!(out, "{}", verdict(paint, sums))
}

fn asides(sums: &Sums) -> [(usize, &'static str); 5] {
    [
        (
            sums.merged,
            "skipped: nothing changed since the previous point",
        ),
        (sums.not_reached, "ended before the fault"),
        (sums.in_doubt, "effects in doubt"),
        (sums.adopted, "of these effects found in AWS and adopted"),
        (sums.stopped, "stopped in doubt and reported the doubt"),
    ]
}

fn verdict(paint: Paint, sums: &Sums) -> String {
    let figures: Vec<String> = sums
        .figures
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let figures = figures.join(", ");
    if sums.failures.is_empty() {
        paint.good(&figures)
    } else {
        paint.bad(&figures)
    }
}

fn failed(out: &mut dyn Write, paint: Paint, failure: &Failure, told: &Told) -> io::Result<()> {
    writeln!(out, "{} {}", paint.bad("✗"), clean::line(&failure.what))?;
    if let Some(said) = &failure.not_finished {
        writeln!(out, "    not finished  {}", clean::line(said))?;
    }
    for finding in &failure.findings {
        let kind = &finding.kind;
        writeln!(out, "    {kind:12}  {}", clean::line(&finding.what))?;
    }
    writeln!(
        out,
        "    again: {} --point {}",
        clean::line(&told.again),
        quoted(&clean::line(&failure.point))
    )
}

fn machine(out: &mut dyn Write, sums: &Sums, told: &Told) -> io::Result<()> {
    for failure in &sums.failures {
        writeln!(out, "{}", point(failure, told))?;
    }
    let mut summary = json!({
        "event": "rehearsal_matrix", "what": told.what, "runs": sums.runs, "kinds": sums.kinds,
        "merged": sums.merged, "not_reached": sums.not_reached, "in_doubt": sums.in_doubt,
        "adopted": sums.adopted, "stopped_in_doubt": sums.stopped, "failures": sums.failures.len(),
        "elapsed_ms": time::millis(sums.elapsed), "seed": told.seed, "share": told.share,
        "interrupted": sums.interrupted,
    });
    for (name, count) in sums.figures {
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
        "not_finished": failure.not_finished, "findings": findings.collect::<Vec<_>>(),
        "again": format!("{} --point {}", told.again, quoted(&failure.point)),
    })
}
