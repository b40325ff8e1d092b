//! `--output json`: one event a line on stdout. The field names are an interface; add, never rename.

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use crate::out::{ignore, stdout};
use crate::{clean, time};
use run::event::{Ended, Event, Watch};

/// Writes each event as it comes.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Watch for Json {
    fn event(&self, event: &Event) {
        let line = line(event, base::clock::now());
        ignore(stdout(|out| writeln!(out, "{line}")));
    }
}

/// An object whose fields stay in order: `event`, `at`, then its own.
pub(crate) struct Object(pub(crate) Vec<(&'static str, Value)>);

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Object {
    pub(crate) fn line(&self) -> String {
        clean::json(&serde_json::to_string(self).unwrap_or_default())
    }
}

/// Returns the event as one line.
#[must_use]
pub fn line(event: &Event, at: Timestamp) -> String {
    let mut object = Object(vec![("event", json!(name(event))), ("at", json!(at))]);
    object.0.extend(fields(event));
    object.line()
}

fn name(event: &Event) -> &'static str {
    match event {
        Event::RunStarted { .. } => "run_started",
        Event::StepStarted { .. } => "step_started",
        Event::StepFinished { .. } => "step_finished",
        Event::StepFailed { .. } => "step_failed",
        Event::EffectStarted { .. } => "effect_started",
        Event::EffectFinished { .. } => "effect_finished",
        Event::EffectFailed { .. } => "effect_failed",
        Event::EffectInDoubt { .. } => "effect_in_doubt",
        Event::Reading { .. } => "reading",
        Event::Waiting(_) => "waiting",
        Event::WaitFinished { .. } => "wait_finished",
        Event::WaitFailed { .. } => "wait_failed",
        Event::DryRunEnd { .. } => "would",
        Event::NoChanges => "would_nothing",
        Event::Beat { .. } => "beat",
        Event::TickEnded { .. } => "tick_ended",
        Event::Output { .. } => "output",
        Event::ApprovalAsked(_) => "approval_asked",
        Event::ApprovalAnswered { .. } => "approval_answered",
        Event::Log { .. } => "log",
        Event::RunEnded(_) => "run_ended",
    }
}

macro_rules! fields {
    ($($name:literal: $value:expr),* $(,)?) => { vec![$(($name, json!($value))),*] };
}

fn fields(event: &Event) -> Vec<(&'static str, Value)> {
    match event {
        Event::RunStarted {
            id,
            runbook,
            attempt,
            target,
        } => fields! {
            "id": id, "runbook": runbook, "attempt": attempt, "account": target.as_ref().map(|target| &target.account), "caller": target.as_ref().map(|target| &target.caller),
            "region": target.as_ref().map(|target| &target.region),
            "endpoint": target.as_ref().and_then(|target| target.endpoint.as_ref()),
        },
        Event::StepStarted { key, attempt } => fields! {"key": key, "attempt": attempt},
        Event::StepFinished {
            key,
            elapsed,
            reused,
        } => {
            fields! {"key": key, "elapsed_ms": time::millis(*elapsed), "reused": reused}
        }
        Event::StepFailed {
            key,
            elapsed,
            error,
        } => {
            fields! {"key": key, "elapsed_ms": time::millis(*elapsed), "error": error}
        }
        Event::WaitFinished { key, what, elapsed } => {
            fields! {"key": key, "what": what, "elapsed_ms": time::millis(*elapsed)}
        }
        Event::WaitFailed {
            key,
            what,
            elapsed,
            error,
        } => {
            fields! {"key": key, "what": what, "elapsed_ms": time::millis(*elapsed), "error": error}
        }
        Event::Waiting(wait) => fields! {
            "key": wait.key, "what": wait.what, "attempt": wait.attempt, "elapsed_ms": time::millis(wait.elapsed),
            "left_ms": wait.left.map(time::millis), "last_error": wait.last_error,
        },
        Event::Log {
            scope,
            level,
            message,
        } => fields! {"scope": scope, "level": level, "message": message},
        Event::RunEnded(ended) => run_ended(ended),
        other => effect(other),
    }
}

fn effect(event: &Event) -> Vec<(&'static str, Value)> {
    match event {
        Event::EffectStarted {
            key,
            operation,
            attempt,
        } => {
            fields! {"key": key, "operation": operation, "attempt": attempt}
        }
        Event::EffectFinished {
            key,
            operation,
            resource,
            settled,
        } => {
            fields! {"key": key, "operation": operation, "resource": resource, "settled": settled}
        }
        Event::EffectFailed {
            key,
            operation,
            error,
        } => {
            fields! {"key": key, "operation": operation, "error": error}
        }
        Event::EffectInDoubt {
            key,
            operation,
            reason,
        } => {
            fields! {"key": key, "operation": operation, "reason": reason}
        }
        Event::DryRunEnd { operation, input } => fields! {"operation": operation, "input": input},
        Event::TickEnded { elapsed, value } => {
            fields! {"elapsed_ms": time::millis(*elapsed), "value": value}
        }
        Event::Output { data, .. } => fields! {"data": data},
        Event::ApprovalAsked(asked) => {
            fields! {"key": asked.key, "question": asked.question, "details": asked.details}
        }
        Event::ApprovalAnswered {
            key,
            question,
            answer,
        } => fields! {"key": key, "question": question, "answer": answer},
        Event::Beat { key, operation } | Event::Reading { key, operation } => {
            fields! {"key": key, "operation": operation}
        }
        _ => Vec::new(),
    }
}

fn run_ended(ended: &Ended) -> Vec<(&'static str, Value)> {
    let created: Vec<_> = ended
        .created
        .iter()
        .map(|one| json!({"key": one.key, "operation": one.operation, "id": one.id}))
        .collect();
    fields! {
        "id": ended.id, "succeeded": ended.value.is_some(), "waits": ended.waits, "elapsed_ms": time::millis(ended.elapsed), "made": created,
        "value": ended.value,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use insta::assert_snapshot;

    use super::line;
    use crate::sample;
    use run::event::{Event, Waiting};

    #[test]
    fn every_event_is_a_line() {
        let lines: Vec<_> = sample::failing_run()
            .iter()
            .map(|event| line(event, sample::at(0)))
            .collect();
        assert_snapshot!(lines.join("\n"), @r#"
        {"event":"run_started","at":"2026-11-21T09:12:03Z","id":"20261121-091203-build-abcdefghijkl","runbook":"build.rhai","attempt":1,"account":"123456789012","caller":"arn:aws:iam::123456789012:user/operator","region":"eu-west-1","endpoint":"http://127.0.0.1:5000"}
        {"event":"step_started","at":"2026-11-21T09:12:03Z","key":"create the network","attempt":1}
        {"event":"effect_started","at":"2026-11-21T09:12:03Z","key":"create the network/ec2.create_vpc","operation":"ec2.create_vpc","attempt":1}
        {"event":"effect_finished","at":"2026-11-21T09:12:03Z","key":"create the network/ec2.create_vpc","operation":"ec2.create_vpc","resource":"vpc-0a","settled":"called"}
        {"event":"step_finished","at":"2026-11-21T09:12:03Z","key":"create the network","elapsed_ms":4900,"reused":false}
        {"event":"step_started","at":"2026-11-21T09:12:03Z","key":"create the routes","attempt":1}
        {"event":"step_started","at":"2026-11-21T09:12:03Z","key":"create the routes/az1/default route","attempt":1}
        {"event":"effect_started","at":"2026-11-21T09:12:03Z","key":"create the routes/az1/default route/ec2.create_route","operation":"ec2.create_route","attempt":1}
        {"event":"effect_failed","at":"2026-11-21T09:12:03Z","key":"create the routes/az1/default route/ec2.create_route","operation":"ec2.create_route","error":{"code":"IncorrectInstanceState","message":"the instance i-0b is not in a state that allows this","operation":"create_route","place":"network.rhai:12","request_id":"r-1","service":"ec2"}}
        {"event":"step_failed","at":"2026-11-21T09:12:03Z","key":"create the routes/az1/default route","elapsed_ms":12000,"error":{"code":"IncorrectInstanceState","message":"the instance i-0b is not in a state that allows this","operation":"create_route","place":"network.rhai:12","request_id":"r-1","service":"ec2"}}
        {"event":"step_failed","at":"2026-11-21T09:12:03Z","key":"create the routes","elapsed_ms":12000,"error":{"code":"IncorrectInstanceState","message":"the instance i-0b is not in a state that allows this","operation":"create_route","place":"network.rhai:12","request_id":"r-1","service":"ec2"}}
        {"event":"run_ended","at":"2026-11-21T09:12:03Z","id":"20261121-091203-build-abcdefghijkl","succeeded":false,"waits":false,"elapsed_ms":92000,"made":[{"id":"vpc-0a","key":"create the network/ec2.create_vpc","operation":"ec2.create_vpc"},{"id":"subnet-0123456789abcdef0","key":"create the network/ec2.create_subnet#2","operation":"ec2.create_subnet"}],"value":null}
        "#);
    }

    #[test]
    fn a_wait_has_its_figures() {
        let waiting = Event::Waiting(Waiting {
            key: "a/nat running".into(),
            what: "nat running".into(),
            attempt: 3,
            elapsed: Duration::from_millis(4_250),
            left: None,
            last_error: Some("no\u{1b}[31m".into()),
        });
        assert_snapshot!(line(&waiting, sample::at(0)), @r#"{"event":"waiting","at":"2026-11-21T09:12:03Z","key":"a/nat running","what":"nat running","attempt":3,"elapsed_ms":4250,"left_ms":null,"last_error":"no\u001b[31m"}"#);
    }
}
