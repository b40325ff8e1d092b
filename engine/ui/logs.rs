//! A run's entries as lines.

use crate::phrases::{self, again, answered, scoped};
use crate::style::Page;
use crate::{clean, fault, target, time};
use base::level::Level;
use journal::entry::{Ending, Entry, Outcome, Record, RunEnded, Signature, Verdict, WaitStarted};

/// Returns the entry as a time-stamped line for people.
#[must_use]
pub fn human(entry: &Entry, page: Page) -> String {
    let text = clean::line(&text(&entry.record));
    let text = match tone(&entry.record) {
        Tone::Good => page.paint.good(&text),
        Tone::Bad => page.paint.bad(&text),
        Tone::Warn => page.paint.warn(&text),
        Tone::Plain => text,
    };
    let line = format!("{} {text}", page.paint.dim(&time::stamp(entry.at)));
    if holds_value(&entry.record) {
        clean::cut(&line, page.width)
    } else {
        line
    }
}

/// Values can be long, and `--output json` has them whole; errors are not cut.
fn holds_value(record: &Record) -> bool {
    matches!(
        record,
        Record::StepFinished { .. }
            | Record::EffectIntended(_)
            | Record::EffectFinished(_)
            | Record::WaitFinished { .. }
            | Record::Noted { .. }
            | Record::RunEnded(RunEnded {
                ending: Ending::Succeeded { .. },
                ..
            })
    )
}

/// Returns the entry itself.
#[must_use]
pub fn json(entry: &Entry) -> String {
    clean::json(&serde_json::to_string(entry).unwrap_or_default())
}

enum Tone {
    Good,
    Bad,
    Warn,
    Plain,
}

fn tone(record: &Record) -> Tone {
    match record {
        Record::RunEnded(ended) => match ended.ending {
            Ending::Succeeded { .. } | Ending::Undone { .. } => Tone::Good,
            Ending::Interrupted
            | Ending::Cancelled { .. }
            | Ending::Waiting { .. }
            | Ending::Superseded
            | Ending::UndoStopped { .. } => Tone::Warn,
            Ending::Failed { .. } | Ending::InDoubt { .. } | Ending::Diverged { .. } => Tone::Bad,
        },
        Record::StepFailed { .. }
        | Record::Logged {
            level: Level::Error,
            ..
        } => Tone::Bad,
        Record::EffectFailed { .. }
        | Record::EffectResolved(_)
        | Record::Answered(_)
        | Record::RunRewound(_)
        | Record::UndoStarted(_)
        | Record::WaitFailed { .. }
        | Record::Logged {
            level: Level::Warn, ..
        } => Tone::Warn,
        _ => Tone::Plain,
    }
}

fn text(record: &Record) -> String {
    match record {
        Record::RunStarted(start) => {
            format!(
                "run {}: {}",
                start.id,
                target::text(&start.runbook, start.target.as_ref())
            )
        }
        Record::RunResumed(resumed) if resumed.sources.is_some() => {
            format!("resumed with edited sources, attempt {}", resumed.attempt)
        }
        Record::RunResumed(resumed) => format!("resumed, attempt {}", resumed.attempt),
        Record::RunEnded(ended) => format!("run {}", ending(&ended.ending)),
        Record::StepStarted { key, attempt, .. } => format!("{key}: started{}", again(*attempt)),
        Record::StepFinished { key, value, .. } => format!("{key}: done{}", result(value)),
        Record::StepFailed { key, error, .. } => format!("{key}: failed: {}", fault::long(error)),
        Record::RunRewound(rewound) => {
            format!("rewound to {}{}", rewound.to, signed(&rewound.by))
        }
        Record::UndoStarted(undo) => {
            format!("undo, attempt {}{}", undo.attempt, signed(&undo.by))
        }
        Record::Forgotten { key } => format!("{key}: forgotten"),
        Record::Noted { key, value } => format!("{key}: noted {value}"),
        Record::Logged {
            scope,
            level,
            message,
        } => logged(scope, *level, message),
        other => call(other),
    }
}

fn call(record: &Record) -> String {
    match record {
        Record::EffectIntended(intent) => {
            let attempt = again(intent.attempt);
            format!(
                "{}: {} {}{attempt} {}",
                intent.key, intent.service, intent.operation, intent.input
            )
        }
        Record::EffectFinished(outcome) => finished(outcome),
        Record::EffectFailed { key, error, .. } => {
            format!("{key}: refused: {}", fault::long(error))
        }
        Record::EffectResolved(resolved) => format!(
            "{}: {}{}",
            resolved.key,
            verdict(&resolved.verdict),
            signed(&resolved.by)
        ),
        Record::Answered(one) => format!("{}: {}", one.key, answered(&one.answer)),
        Record::WaitStarted(WaitStarted {
            key,
            approval: Some(approval),
            ..
        }) => format!("{key}: asks for approval: {}", approval.question),
        Record::WaitStarted(wait) => {
            let until = wait
                .deadline
                .map(|deadline| format!(" until {}", time::stamp(deadline)));
            format!("{}: waiting{}", wait.key, until.unwrap_or_default())
        }
        Record::WaitTried { key, tries, .. } => format!("{key}: attempt {tries} ended"),
        Record::WaitFinished { key, value, .. } => format!("{key}: waited{}", result(value)),
        Record::WaitFailed { key, error, .. } => format!("{key}: gave up: {}", fault::long(error)),
        _ => String::new(),
    }
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Adopted { output } => format!("resolved as done{}", result(output)),
        Verdict::Retry => "resolved as not done, to be repeated".to_owned(),
        Verdict::Failed { .. } => "resolved as failed".to_owned(),
    }
}

/// Who decided, and why.
fn signed(by: &Signature) -> String {
    let caller = by.caller.as_ref().map(|caller| format!(" ({caller})"));
    let why = by.why.as_ref().map(|why| format!(": {why}"));
    format!(
        ", by {}{}{}",
        by.who,
        caller.unwrap_or_default(),
        why.unwrap_or_default()
    )
}

fn finished(outcome: &Outcome) -> String {
    let verb = phrases::settled(outcome.settled);
    format!("{}: {verb}{}", outcome.key, result(&outcome.output))
}

fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Succeeded { value } => format!("succeeded{}", result(value)),
        Ending::Failed { error } => format!("failed: {}", fault::long(error)),
        Ending::Interrupted => "interrupted".to_owned(),
        Ending::Cancelled { by: None } => "cancelled by a signal; cleaned up".to_owned(),
        Ending::Cancelled { by: Some(by) } => format!("cancelled{}", signed(by)),
        Ending::Waiting { keys } => format!("waits for approval: {}", keys.join(", ")),
        Ending::Superseded => {
            "superseded: the tick was cut off, and a later tick started over".to_owned()
        }
        Ending::Undone { left } if left.is_empty() => "undone".to_owned(),
        Ending::Undone { left } => format!("undone, but left behind: {}", left.join("; ")),
        Ending::UndoStopped { error } => format!("undone in part: {}", fault::long(error)),
        Ending::InDoubt { key, error } => format!("in doubt at {key}: {}", fault::long(error)),
        Ending::Diverged { key, error } => format!("diverged at {key}: {}", fault::long(error)),
    }
}

pub(crate) fn logged(scope: &str, level: Level, message: &str) -> String {
    scoped(scope, &format!("{}: {message}", phrases::level(level)))
}

fn result(value: &serde_json::Value) -> String {
    if value.is_null() {
        String::new()
    } else {
        format!(" {value}")
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{human, json};
    use crate::sample;

    #[test]
    fn a_line_an_entry() {
        let lines: Vec<_> = sample::failed_entries()
            .iter()
            .map(|entry| human(entry, sample::page(90)))
            .collect();
        assert_snapshot!(lines.join("\n"), @r#"
        2026-11-21T09:12:04Z run 20261121-091203-build-abcdefghijkl: build.rhai, account 123456789012, region eu-west-1, endpoint http://127.0.0.1:5000
        2026-11-21T09:12:05Z create the network: started
        2026-11-21T09:12:06Z create the network/ec2.create_vpc: ec2 create_vpc {"cidr_block":"10.…
        2026-11-21T09:12:07Z create the network/ec2.create_vpc: done {"id":"vpc-0a"}
        2026-11-21T09:12:08Z create the network: done
        2026-11-21T09:12:09Z start the NATs: started
        2026-11-21T09:12:10Z start the NATs/az1/launch: started
        2026-11-21T09:12:11Z start the NATs/az1/launch/ec2.run_instances: ec2 run_instances {"cid…
        2026-11-21T09:12:12Z start the NATs/az2/instance running: waiting until 2026-11-21T09:14:03Z
        2026-11-21T09:12:13Z resumed, attempt 2
        2026-11-21T09:12:14Z start the NATs: started, attempt 2
        2026-11-21T09:12:15Z start the NATs/az1/launch: started, attempt 2
        2026-11-21T09:12:16Z start the NATs/az1/launch/ec2.run_instances: adopted {"id":"i-0a"}
        2026-11-21T09:12:17Z start the NATs: warning: two lines
        2026-11-21T09:12:18Z start the NATs/az1/launch: done
        2026-11-21T09:12:19Z start the NATs/az2/instance running: attempt 1 ended
        2026-11-21T09:12:20Z start the NATs/az2/instance running: gave up: IncorrectInstanceState: the instance i-0b is not in a state that allows this (ec2 create_route, request r-1, network.rhai:12)
        2026-11-21T09:12:21Z start the NATs: failed: IncorrectInstanceState: the instance i-0b is not in a state that allows this (ec2 create_route, request r-1, network.rhai:12)
        2026-11-21T09:12:22Z run failed: IncorrectInstanceState: the instance i-0b is not in a state that allows this (ec2 create_route, request r-1, network.rhai:12)
        "#);
    }

    #[test]
    fn json_is_the_entry() {
        let entry = sample::entries().remove(1);
        assert_eq!(
            serde_json::from_str::<journal::entry::Entry>(&json(&entry)).unwrap(),
            entry
        );
    }
}
