//! `--output syslog`: a line an event on stderr, its priority in front as journald and `logger --prio-prefix` read it.

use std::sync::{Mutex, PoisonError};

use crate::out::{ignore, stderr};
use crate::phrases::scoped;
use crate::plain::Told;
use crate::{clean, program, time};
use base::exit::Exit;
use base::level::Level;
use base::report::Report;
use run::event::{Ended, Event, Watch};

/// As syslog numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Priority {
    Error = 3,
    Warning = 4,
    Notice = 5,
    Info = 6,
    Debug = 7,
}

impl From<Level> for Priority {
    fn from(level: Level) -> Self {
        match level {
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

/// Writes each event without a time, which whoever reads this adds.
#[derive(Debug, Default)]
pub struct Syslog {
    told: Mutex<Told>,
}

impl Watch for Syslog {
    fn event(&self, event: &Event) {
        if let Event::Output { text, .. } = event {
            return text.lines().for_each(|line| write(Priority::Info, line));
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((priority, text)) = told_of(&mut told, event) {
            write(priority, &text);
        }
    }
}

/// Writes a line of the program itself.
pub(crate) fn note(level: Level, text: &str) {
    write(level.into(), text);
}

/// Writes an error or a warning as one line.
pub(crate) fn fail(report: &Report) {
    let (priority, label) = match report.exit {
        Exit::Waiting => (Priority::Notice, "waiting"),
        Exit::Succeeded => (Priority::Warning, "warning"),
        _ => (Priority::Error, "error"),
    };
    write(priority, &one_line(label, report));
}

fn one_line(label: &str, report: &Report) -> String {
    let place = report
        .excerpt
        .as_ref()
        .map(|excerpt| format!(" ({}:{})", excerpt.file, excerpt.line));
    let causes = report.causes.iter().map(|cause| format!("; {cause}"));
    let hints = program::hints(report).map(|hint| format!("; hint: {hint}"));
    let rest: String = place.into_iter().chain(causes).chain(hints).collect();
    format!("{label}: {}{rest}", report.message)
}

fn told_of(told: &mut Told, event: &Event) -> Option<(Priority, String)> {
    Some(match event {
        Event::Log {
            scope,
            level,
            message,
        } => ((*level).into(), scoped(scope, message)),
        Event::RunEnded(ended) => (Priority::Notice, verdict(ended)),
        Event::TickEnded { value, .. } => (Priority::Info, format!("returned {value}")),
        other => (priority(other), told.text(other)?),
    })
}

fn priority(event: &Event) -> Priority {
    match event {
        Event::RunStarted { .. }
        | Event::EffectFinished { .. }
        | Event::ApprovalAsked(_)
        | Event::ApprovalAnswered { .. } => Priority::Notice,
        Event::EffectFailed { .. }
        | Event::EffectInDoubt { .. }
        | Event::StepFailed { .. }
        | Event::WaitFailed { .. } => Priority::Warning,
        _ => Priority::Info,
    }
}

fn verdict(ended: &Ended) -> String {
    let how = match &ended.value {
        Some(_) => "succeeded in",
        None if ended.waits => "waits after",
        None => "stopped after",
    };
    let elapsed = time::duration(ended.elapsed);
    format!("run {}: {how} {elapsed}", ended.id)
}

fn write(priority: Priority, text: &str) {
    let line = format!("<{}>{}", priority as u8, clean::line(text));
    ignore(stderr(|out| writeln!(out, "{line}")));
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{one_line, told_of};
    use crate::plain::Told;
    use crate::sample;
    use base::command::Command;
    use base::exit::Exit;
    use base::report::Report;

    #[test]
    fn each_line_has_a_priority_and_no_time() {
        let mut told = Told::default();
        let events = sample::failing_run();
        let lines = events.iter().filter_map(|event| told_of(&mut told, event));
        let lines: Vec<_> = lines
            .map(|(priority, text)| format!("<{}>{text}", priority as u8))
            .collect();
        assert_snapshot!(lines.join("\n"), @"
        <5>run 20261121-091203-build-abcdefghijkl: build.rhai, account 123456789012, region eu-west-1, endpoint http://127.0.0.1:5000
        <6>create the network: started
        <5>create the network/ec2.create_vpc: done, vpc-0a
        <6>create the network: done in 4s
        <6>create the routes: started
        <6>create the routes/az1/default route: started
        <4>create the routes/az1/default route/ec2.create_route: refused: IncorrectInstanceState: the instance i-0b is not in a state that allows this (ec2 create_route, request r-1, network.rhai:12)
        <4>create the routes/az1/default route: failed after 12s
        <4>create the routes: failed after 12s
        <5>run 20261121-091203-build-abcdefghijkl: stopped after 1m 32s
        ");
    }

    #[test]
    fn an_error_is_one_line() {
        let report = Report::new(Exit::Failed, "`ec2.replace_route` failed")
            .cause("UnauthorizedOperation: no")
            .hint(Command::resume("r"));
        assert_snapshot!(one_line("error", &report), @"error: `ec2.replace_route` failed; UnauthorizedOperation: no; hint: runbook resume r");
    }
}
