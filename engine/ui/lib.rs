//! The only code that prints: data on stdout, everything else on stderr.
//!
//! Watching a live run: `progress` (terminal), `plain` (no terminal), `json` and `syslog` (`--output`), each a `Watch`.
//! Looking at recorded ones: `list`, `show` (over `summary`, which `tally` reads) and `logs`, pure functions over entries.
//! `report` prints errors, `forecast` what a resume with edited scripts would do. The rest is shared: `clean`, `style`, `time`, `target`, `fault`, `path`, `ending`.

pub mod census;
pub mod clean;
pub mod decisions;
mod ending;
mod fault;
mod forecast;
pub mod json;
pub mod list;
pub mod logs;
pub mod matrix;
mod path;
pub mod plain;
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

use std::io::{self, BufWriter, ErrorKind, Write};

use crate::style::Page;
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

/// Who reads our stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Listening,
    /// The pipe was closed, as by `| head`: there is no point in writing more.
    Gone,
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

/// Writes data to stdout; that nobody reads it any more is no error.
pub fn stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Reader> {
    through(io::stdout().lock(), write)
}

/// Writes to stderr; that nobody reads it any more is no error.
pub fn stderr(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Reader> {
    through(io::stderr().lock(), write)
}

/// Writes a line for people to stderr.
pub fn tell(line: &str) {
    ignore(stderr(|out| writeln!(out, "{}", clean::line(line))));
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
pub fn explain(output: Output, forecast: &Forecast, directory: &str, answers: [&str; 2]) {
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

/// Who is asked about an effect in doubt; nobody, where it is none of AWS's.
fn asking(operation: &str) -> &'static str {
    match operation.split_once('.') {
        Some((service, _)) if models::outside::knows(service) => "",
        _ => ", asking AWS",
    }
}

/// A run must not fail because its output does: a full disk or closed terminal is no reason to stop half-way.
fn ignore<T>(written: io::Result<T>) {
    drop(written);
}

fn through(
    out: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Reader> {
    let mut out = BufWriter::new(out);
    let written = write(&mut out).and_then(|()| out.flush());
    // What is left in the buffer would be written again on drop.
    drop(out.into_parts());
    match written {
        Ok(()) => Ok(Reader::Listening),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(error),
    }
}

/// Whether stderr can move a cursor.
fn is_terminal() -> bool {
    console::user_attended_stderr() && std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind, Write};

    use super::{Reader, through};

    struct Closed(ErrorKind);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        let written = through(Closed(ErrorKind::BrokenPipe), |out| writeln!(out, "x"));
        assert_eq!(written.unwrap(), Reader::Gone);
        assert!(through(Closed(ErrorKind::StorageFull), |out| writeln!(out, "x")).is_err());
    }
}
