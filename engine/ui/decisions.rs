//! What a person has decided about a run: `resolve`, `approve` and `rewind`.

use std::io;
use std::io::Write;

use serde_json::json;

use crate::json::Object;
use crate::{clean, program};
use base::command::Command;
use journal::entry::{Answered, Resolved, Verdict};
use run::rewind::{Left, Rewind};

/// A rewind, or the plan of one.
#[derive(Debug)]
pub struct Rewound<'a> {
    pub id: &'a str,
    pub to: &'a str,
    pub plan: &'a Rewind,
    pub is_plan: bool,
}

/// Writes for people what is recorded of an effect, and what to type next.
pub fn resolved(out: &mut dyn Write, resolved: &Resolved, next: &Command) -> io::Result<()> {
    let what = match &resolved.verdict {
        Verdict::Adopted { output } => format!("resolved as done: {output}"),
        Verdict::Retry => "resolved as not done: a resume repeats the call".to_owned(),
        Verdict::Failed { .. } => "resolved as failed: the script gets an error".to_owned(),
    };
    writeln!(out, "{}", clean::line(&format!("{}: {what}", resolved.key)))?;
    writeln!(out, "next: {}", clean::line(&program::command(next)))
}

/// Writes the same as one object.
pub fn resolved_json(out: &mut dyn Write, resolved: &Resolved, next: &Command) -> io::Result<()> {
    let fields = vec![
        ("event", json!("effect_resolved")),
        ("key", json!(resolved.key)),
        ("attempt", json!(resolved.attempt)),
        ("verdict", json!(resolved.verdict)),
        ("by", json!(resolved.by)),
        ("next", json!(program::command(next))),
    ];
    writeln!(out, "{}", Object(fields).line())
}

/// Writes for people what a person has answered, and what to type next.
pub fn answered(out: &mut dyn Write, answered: &Answered, next: &Command) -> io::Result<()> {
    let line = format!(
        "{}: {}",
        answered.key,
        crate::phrases::answered(&answered.answer)
    );
    writeln!(out, "{}", clean::line(&line))?;
    writeln!(out, "next: {}", clean::line(&program::command(next)))
}

/// Writes the same as one object.
pub fn answered_json(out: &mut dyn Write, answered: &Answered, next: &Command) -> io::Result<()> {
    let fields = vec![
        ("event", json!("approval_recorded")),
        ("key", json!(answered.key)),
        ("attempt", json!(answered.attempt)),
        ("answer", json!(answered.answer)),
        ("next", json!(program::command(next))),
    ];
    writeln!(out, "{}", Object(fields).line())
}

/// Writes for people what is forgotten and what stays behind.
pub fn rewound(out: &mut dyn Write, told: &Rewound<'_>) -> io::Result<()> {
    let (count, left) = (told.plan.forgotten.len(), &told.plan.left);
    let records = if count == 1 { "record" } else { "records" };
    let verb = if told.is_plan {
        "would be forgotten"
    } else {
        "forgotten"
    };
    let to = clean::line(told.to);
    writeln!(out, "{count} {records} {verb}, back to `{to}`")?;
    if !left.is_empty() {
        let stays = if told.is_plan { "would stay" } else { "stays" };
        writeln!(out, "{stays} behind in AWS:")?;
    }
    for one in left {
        writeln!(out, "  {}", clean::line(&line(one)))?;
    }
    writeln!(out, "next: {}", program::command(&next(told)))
}

/// Writes the same as one object.
pub fn rewound_json(out: &mut dyn Write, told: &Rewound<'_>) -> io::Result<()> {
    let left: Vec<_> = told.plan.left.iter().map(object).collect();
    let fields = vec![
        (
            "event",
            json!(if told.is_plan {
                "rewind_planned"
            } else {
                "run_rewound"
            }),
        ),
        ("run", json!(told.id)),
        ("to", json!(told.to)),
        ("forgotten", json!(told.plan.forgotten)),
        ("left", json!(left)),
        ("next", json!(program::command(&next(told)))),
    ];
    writeln!(out, "{}", Object(fields).line())
}

fn next(told: &Rewound<'_>) -> Command {
    if told.is_plan {
        Command::rewind(told.id, told.to)
    } else {
        Command::resume(told.id)
    }
}

fn line(left: &Left) -> String {
    let resource = left.resource.as_deref().unwrap_or(&left.operation);
    format!("{resource}  {}", left.key)
}

fn object(left: &Left) -> serde_json::Value {
    json!({"key": left.key, "operation": left.operation, "resource": left.resource})
}
