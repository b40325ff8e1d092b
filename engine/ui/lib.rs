//! The only code that prints: data on stdout, everything else on stderr.
//!
//! Watching a live run: `progress` (terminal), `plain` (no terminal), `json` and `syslog` (`--output`), each a `Watch`.
//! Looking at recorded ones: `list`, `show` (over `summary`, which `tally` reads) and `logs`, pure functions over entries.
//! `report` prints errors, `forecast` what a resume with edited scripts would do. The rest is shared: `out`, `clean`,
//! `style`, `time`, `target`, `fault`, `path`, `phrases`, `program`, `ending`. No client of AWS, no rehearsal.

pub mod census;
pub mod clean;
pub mod decisions;
mod ending;
mod fault;
mod forecast;
pub mod json;
pub mod list;
mod live;
pub mod logs;
pub mod matrix;
mod out;
mod path;
mod phrases;
pub mod plain;
pub mod program;
pub mod progress;
mod prompt;
pub mod reference;
pub mod report;
mod rows;
#[cfg(test)]
mod sample;
mod screen;
pub mod show;
pub mod style;
pub mod summary;
pub mod syslog;
mod tally;
mod target;
pub mod time;
mod tree;
pub mod undo;
mod view;

pub use crate::out::{Reader, advise, print, stderr, stdout, tell};
use crate::out::{ignore, is_terminal};
use crate::style::Page;
use base::command::Command;
use base::level::Level;
use base::report::Report;
use run::event::{Event, Watch};
use run::forecast::Forecast;

/// What `--output` chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    #[default]
    Human,
    /// One object a line.
    Json,
    /// A line an event, for a system's log.
    Syslog,
}

/// Returns what shows a live run. Drop it before anything else is printed: that clears the live lines.
#[must_use]
pub fn watcher(output: Output) -> Box<dyn Watch> {
    match output {
        Output::Json => Box::new(json::Json),
        Output::Syslog => Box::new(syslog::Syslog::default()),
        Output::Human if is_terminal() => Box::new(progress::Progress::stderr()),
        Output::Human => Box::new(plain::Plain::default()),
    }
}

/// Returns what shows something that may not become a run: no live lines, for there may be nothing to live.
#[must_use]
pub fn tick_watcher(output: Output) -> Box<dyn Watch> {
    match output {
        Output::Json => Box::new(json::Json),
        Output::Syslog => Box::new(syslog::Syslog::default()),
        Output::Human => Box::new(plain::Plain::default()),
    }
}

/// Returns what shows the ticks of a resident process: what each returns is nobody's to read, except for a program.
#[must_use]
pub fn resident_watcher(output: Output) -> Box<dyn Watch> {
    match output {
        Output::Json => tick_watcher(output),
        Output::Human | Output::Syslog => Box::new(Steady(tick_watcher(output))),
    }
}

struct Steady(Box<dyn Watch>);

impl Watch for Steady {
    fn event(&self, event: &Event) {
        if !matches!(event, Event::TickEnded { .. } | Event::Output { .. }) {
            self.0.event(event);
        }
    }
}

/// Writes a line of the program itself beside what a run says.
pub fn note(output: Output, level: Level, line: &str) {
    match output {
        Output::Human if level >= Level::Warn => tell(&format!("warning: {line}")),
        Output::Human => tell(line),
        Output::Syslog => syslog::note(level, line),
        Output::Json => json::Json.event(&Event::Log {
            scope: String::new(),
            level,
            message: line.to_owned(),
        }),
    }
}

/// Prints an error: on stderr, or as the last event on stdout.
pub fn fail(output: Output, report: &Report) {
    ignore(match output {
        Output::Syslog => return syslog::fail(report),
        Output::Human => stderr(|out| report::human(out, Page::stderr().paint, report)),
        Output::Json => stdout(|out| writeln!(out, "{}", report::json(report, base::clock::now()))),
    });
}

/// Prints a warning: on stderr, or as an event on stdout.
pub fn warn(output: Output, report: &Report) {
    fail(output, report);
}

/// Prints what a resume with edited scripts would do: for people on stderr, else as one object on stdout.
pub fn explain(output: Output, forecast: &Forecast, directory: &str, answers: [&Command; 2]) {
    ignore(match output {
        Output::Human | Output::Syslog => {
            stderr(|out| forecast::human(out, Page::stderr(), forecast, directory, answers))
        }
        Output::Json => stdout(|out| {
            let line = forecast::json(forecast, answers, base::clock::now());
            writeln!(out, "{line}")
        }),
    });
}
