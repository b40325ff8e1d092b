//! Progress without a terminal: a time-stamped line an event on stderr, waits thinned out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::out::{ignore, stderr};
use crate::phrases::{self, again, answered, asking, scoped};
use crate::{clean, ending, fault, path, prompt, target, time};
use base::fault::Fault;
use base::level::Level;
use base::secret;
use journal::entry::{Settled, Target};
use run::cancel::Cancel;
use run::event::{Asked, Event, Waiting, Watch};

/// A wait that goes on is told of at least this seldom, and at least this often.
const PAUSES: (Duration, Duration) = (Duration::from_secs(10), Duration::from_mins(5));

/// Writes each event that an operator wants in a log file.
#[derive(Debug, Default)]
pub struct Plain {
    told: Mutex<Told>,
}

impl Watch for Plain {
    fn event(&self, event: &Event) {
        let text = self
            .told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .text(event);
        if let Some(text) = text {
            ignore(stderr(|out| {
                writeln!(out, "{}", stamped(base::clock::now(), &text))
            }));
        }
        match event {
            Event::RunEnded(ended) => ending::print(ended),
            Event::TickEnded { value, .. } => ending::value(value),
            Event::Output { text, .. } => ending::output(text),
            _ => {}
        }
    }

    fn ask(&self, asked: &Asked, cancel: &Cancel) -> Option<bool> {
        prompt::ask(asked, cancel)
    }
}

fn stamped(at: Timestamp, text: &str) -> String {
    format!("{} {}", time::stamp(at), clean::line(text))
}

/// What was told already.
#[derive(Debug, Default)]
pub(crate) struct Told {
    waits: BTreeMap<String, Last>,
    errors: fault::Told,
}

#[derive(Debug)]
struct Last {
    error: Option<String>,
    next: Duration,
}

impl Told {
    pub(crate) fn text(&mut self, event: &Event) -> Option<String> {
        match event {
            Event::Waiting(wait) => self.is_news(wait).then(|| waiting(wait)),
            Event::WaitFinished { key, elapsed, .. } => {
                self.waits.remove(key);
                Some(format!("{key}: waited {}", time::duration(*elapsed)))
            }
            Event::WaitFailed {
                key,
                elapsed,
                error,
                ..
            } => {
                self.waits.remove(key);
                Some(self.failure(key, "gave up", *elapsed, error))
            }
            Event::StepFailed {
                key,
                elapsed,
                error,
            } => Some(self.failure(key, "failed", *elapsed, error)),
            // The wait tells it, as its last error; and each of its attempts comes upon what is done already.
            Event::EffectFailed { key, .. }
            | Event::StepFinished {
                key, reused: true, ..
            } if self.is_waiting(key) => None,
            Event::EffectFailed { key, error, .. } => {
                self.errors.is_news(key, error);
                Some(format!("{key}: refused: {}", fault::long(error)))
            }
            other => text(other),
        }
    }

    fn is_waiting(&self, key: &str) -> bool {
        self.waits.keys().any(|wait| path::is_below(key, wait))
    }

    fn failure(&mut self, key: &str, verb: &str, elapsed: Duration, error: &Fault) -> String {
        let text = format!("{key}: {verb} after {}", time::duration(elapsed));
        if self.errors.is_news(key, error) {
            format!("{text}: {}", fault::long(error))
        } else {
            text
        }
    }

    /// The first time, a new error, or after a pause that grows with the wait.
    fn is_news(&mut self, wait: &Waiting) -> bool {
        let last = self.waits.get(&wait.key);
        let is_news =
            last.is_none_or(|last| last.error != wait.last_error || wait.elapsed >= last.next);
        if is_news {
            let next = wait.elapsed + wait.elapsed.clamp(PAUSES.0, PAUSES.1);
            self.waits.insert(
                wait.key.clone(),
                Last {
                    error: wait.last_error.clone(),
                    next,
                },
            );
        }
        is_news
    }
}

fn waiting(wait: &Waiting) -> String {
    let attempt = (wait.attempt > 0).then(|| format!(", attempt {}", wait.attempt));
    let left = wait
        .left
        .map(|left| format!(", {} left", time::ticking(left)));
    let error = wait
        .last_error
        .as_ref()
        .map(|error| format!(", last error: {error}"));
    let figures: String = [attempt, left, error].into_iter().flatten().collect();
    format!(
        "{}: waiting, {} so far{figures}",
        wait.key,
        time::ticking(wait.elapsed)
    )
}

fn text(event: &Event) -> Option<String> {
    Some(match event {
        Event::RunStarted {
            id,
            runbook,
            attempt,
            target,
        } => started(id, runbook, *attempt, target.as_ref()),
        Event::StepStarted { key, attempt } => format!("{key}: started{}", again(*attempt)),
        Event::StepFinished {
            key, reused: true, ..
        } => format!("{key}: reused"),
        Event::StepFinished { key, elapsed, .. } => {
            format!("{key}: done in {}", time::duration(*elapsed))
        }
        Event::EffectFinished {
            key,
            resource,
            settled,
            ..
        } => effect(key, resource.as_deref(), *settled),
        Event::EffectInDoubt {
            key,
            operation,
            reason,
        } => format!("{key}: in doubt{}: {reason}", asking(operation)),
        Event::Log {
            scope,
            level,
            message,
        } if *level >= Level::Info => log(scope, *level, message),
        Event::ApprovalAsked(asked) => approval(asked),
        Event::ApprovalAnswered { key, answer, .. } => format!("{key}: {}", answered(answer)),
        Event::DryRunEnd { operation, input } => would(operation, input),
        Event::NoChanges => "would change nothing".to_owned(),
        // Told by `Told`, or not worth a line: what becomes of a call is told soon.
        _ => return None,
    })
}

fn approval(asked: &Asked) -> String {
    let details = prompt::details(&asked.details);
    let details = details.iter().map(|line| format!("; {line}"));
    let details: String = details.collect();
    format!(
        "{}: asks for approval: {}{details}",
        asked.key, asked.question
    )
}

fn started(id: &str, runbook: &str, attempt: u32, target: Option<&Target>) -> String {
    let again = again(attempt);
    format!("run {id}: {}{again}", target::text(runbook, target))
}

/// As a script would write it.
fn would(operation: &str, input: &Value) -> String {
    let input = script::value::to_script(&secret::shown_value(input));
    format!("would call {operation} {input}")
}

fn effect(key: &str, resource: Option<&str>, settled: Settled) -> String {
    let verb = phrases::settled(settled);
    resource.map_or_else(
        || format!("{key}: {verb}"),
        |id| format!("{key}: {verb}, {id}"),
    )
}

fn log(scope: &str, level: Level, message: &str) -> String {
    if level == Level::Info {
        return scoped(scope, message);
    }
    scoped(scope, &format!("{}: {message}", phrases::level(level)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use insta::assert_snapshot;

    use super::{Told, stamped};
    use crate::sample;
    use run::event::{Event, Waiting};

    #[test]
    fn a_line_an_event() {
        let mut told = Told::default();
        let texts = sample::failing_run()
            .into_iter()
            .filter_map(|event| told.text(&event));
        let lines: Vec<_> = texts.map(|text| stamped(sample::at(0), &text)).collect();
        assert_snapshot!(lines.join("\n"), @"
        2026-11-21T09:12:03Z run 20261121-091203-build-abcdefghijkl: build.rhai, account 123456789012, region eu-west-1, endpoint http://127.0.0.1:5000
        2026-11-21T09:12:03Z create the network: started
        2026-11-21T09:12:03Z create the network/ec2.create_vpc: done, vpc-0a
        2026-11-21T09:12:03Z create the network: done in 4s
        2026-11-21T09:12:03Z create the routes: started
        2026-11-21T09:12:03Z create the routes/az1/default route: started
        2026-11-21T09:12:03Z create the routes/az1/default route/ec2.create_route: refused: IncorrectInstanceState: the instance i-0b is not in a state that allows this (ec2 create_route, request r-1, network.rhai:12)
        2026-11-21T09:12:03Z create the routes/az1/default route: failed after 12s
        2026-11-21T09:12:03Z create the routes: failed after 12s
        ");
    }

    #[test]
    fn a_long_wait_is_told_of_ever_more_seldom() {
        let mut told = Told::default();
        let waits = (0..400).map(|second| {
            Event::Waiting(Waiting {
                key: "a/nat running".into(),
                what: "nat running".into(),
                attempt: second,
                elapsed: Duration::from_secs(second.into()),
                left: Some(Duration::from_secs(600 - u64::from(second))),
                last_error: (second > 90).then(|| "NotYet".into()),
            })
        });
        let lines: Vec<_> = waits.filter_map(|event| told.text(&event)).collect();
        assert_snapshot!(lines.join("\n"), @"
        a/nat running: waiting, 0s so far, 10m 00s left
        a/nat running: waiting, 10s so far, attempt 10, 9m 50s left
        a/nat running: waiting, 20s so far, attempt 20, 9m 40s left
        a/nat running: waiting, 40s so far, attempt 40, 9m 20s left
        a/nat running: waiting, 1m 20s so far, attempt 80, 8m 40s left
        a/nat running: waiting, 1m 31s so far, attempt 91, 8m 29s left, last error: NotYet
        a/nat running: waiting, 3m 02s so far, attempt 182, 6m 58s left, last error: NotYet
        a/nat running: waiting, 6m 04s so far, attempt 364, 3m 56s left, last error: NotYet
        ");
    }
}
