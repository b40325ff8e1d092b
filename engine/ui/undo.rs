//! What an undo would do, is about to do, and has done.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::json::Object;
use crate::{Output, clean, program};
use base::command::Command;
use base::exit::Exit;
use base::hint::Hint;
use base::report::Report;
use journal::entry::Target;
use journal::state::UNDO;
use knowledge::Dependent;
use run::undo::{self, Deletion, Plan, Undone};

/// Whose undo it is.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    pub id: &'a str,
    pub target: Option<&'a Target>,
}

impl Told<'_> {
    /// Writes what would be done.
    pub fn plan(&self, out: &mut dyn Write, output: Output, plan: &Plan) -> io::Result<()> {
        if output == Output::Json {
            return self.plan_json(out, plan);
        }
        writeln!(out, "undo of {}{}", self.id, self.place())?;
        section(
            out,
            "would be deleted, in this order",
            plan.deletions.iter().map(call),
        )?;
        rest(out, plan, &plan.left)?;
        section(
            out,
            "other resources that depend on these",
            plan.strangers.iter().map(stranger),
        )?;
        section(
            out,
            "routes that would lose their target",
            plan.led.iter().map(route),
        )?;
        match plan.count() {
            0 => writeln!(out, "\nthere is nothing to delete"),
            count => writeln!(out, "\n{} would be deleted", things(count)),
        }
    }

    /// Returns the question whether to go on.
    #[must_use]
    pub fn question(&self, plan: &Plan) -> String {
        format!("Delete {}{}?", things(plan.count()), self.place())
    }

    /// Writes what was done, and what is left.
    pub fn undone(
        &self,
        out: &mut dyn Write,
        output: Output,
        plan: &Plan,
        undone: &Undone,
    ) -> io::Result<()> {
        if output == Output::Json {
            return self.undone_json(out, plan, undone);
        }
        rest(out, plan, &undone.left)?;
        match (undone.deleted.is_empty(), undone.left.is_empty()) {
            (true, true) => writeln!(out, "\nnothing of {} was left to delete", self.id),
            (_, true) => writeln!(out, "\n{} is undone", self.id),
            (_, false) => writeln!(
                out,
                "\nnext: {}",
                clean::line(&program::command(&Command::undo(self.id)))
            ),
        }
    }

    /// Returns the refusal to delete what others depend on.
    #[must_use]
    pub fn in_the_way(&self, plan: &Plan) -> Report {
        let count = plan.strangers.len();
        let (them, verb) = if count == 1 {
            ("1 resource that does not belong to this run", "depends")
        } else {
            ("resources that do not belong to this run", "depend")
        };
        let counted = if count == 1 {
            String::new()
        } else {
            format!("{count} ")
        };
        let message =
            format!("{counted}{them} {verb} on what would be deleted; nothing was changed");
        let report = Report::new(Exit::Failed, message);
        let report = report.with_causes(plan.strangers.iter().map(stranger));
        let runs: BTreeSet<_> = plan.strangers.iter().map(|one| &one.run).collect();
        let hint = |report: Report, run: &Option<String>| match run {
            Some(run) if run != self.id => report.hint(Command::undo(run)),
            _ => report.hint("move or delete the resources that no run made"),
        };
        let report = runs.into_iter().rev().fold(report, hint);
        report.hint(Hint::to("and then", Command::undo(self.id)))
    }

    fn place(&self) -> String {
        let Some(target) = self.target else {
            return String::new();
        };
        let Target {
            account, region, ..
        } = target;
        clean::line(&format!(" in account {account}, region {region}"))
    }

    fn plan_json(&self, out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
        for deletion in &plan.deletions {
            writeln!(out, "{}", deletion_json("would_delete", deletion))?;
        }
        rest_json(out, plan, &plan.left)?;
        for one in &plan.strangers {
            writeln!(out, "{}", stranger_json("in_the_way", one))?;
        }
        for one in &plan.led {
            writeln!(out, "{}", stranger_json("would_lead_nowhere", one))?;
        }
        let fields = vec![
            ("event", json!("undo_planned")),
            ("id", json!(self.id)),
            ("account", json!(self.target.map(|target| &target.account))),
            ("region", json!(self.target.map(|target| &target.region))),
            ("count", json!(plan.count())),
            ("parts", json!(plan.parts)),
            ("in_the_way", json!(plan.strangers.len())),
        ];
        writeln!(out, "{}", Object(fields).line())
    }

    fn undone_json(&self, out: &mut dyn Write, plan: &Plan, undone: &Undone) -> io::Result<()> {
        for deletion in &undone.deleted {
            writeln!(out, "{}", deletion_json("deleted", deletion))?;
        }
        rest_json(out, plan, &undone.left)?;
        let fields = vec![
            ("event", json!("undo_ended")),
            ("id", json!(self.id)),
            ("deleted", json!(undone.deleted.len())),
            ("gone", json!(plan.gone.len())),
            ("left", json!(undone.left.len())),
        ];
        writeln!(out, "{}", Object(fields).line())
    }
}

fn rest(out: &mut dyn Write, plan: &Plan, left: &[undo::Told]) -> io::Result<()> {
    section(out, "already gone", plan.gone.iter().map(thing))?;
    section(out, "cannot be undone", plan.lasting.iter().map(line))?;
    section(out, "left behind", left.iter().map(line))?;
    if plan.parts > 0 {
        writeln!(
            out,
            "\n{} of the run's effects end with these resources",
            plan.parts
        )?;
    }
    Ok(())
}

fn section(
    out: &mut dyn Write,
    title: &str,
    lines: impl ExactSizeIterator<Item = String>,
) -> io::Result<()> {
    if lines.len() > 0 {
        writeln!(out, "\n{title}")?;
    }
    for line in lines {
        writeln!(out, "  {}", clean::line(&line))?;
    }
    Ok(())
}

fn call(deletion: &Deletion) -> String {
    let Deletion {
        noun,
        id,
        service,
        operation,
        ..
    } = deletion;
    format!("{noun} {id}  {service}.{operation}")
}

fn thing(told: &undo::Told) -> String {
    format!("{} {}", told.noun, told.id.as_deref().unwrap_or_default())
}

fn line(told: &undo::Told) -> String {
    format!("{}  {}", told.line(), told.key)
}

fn stranger(one: &Dependent) -> String {
    let name = one.name.as_ref().map(|name| format!(" `{name}`"));
    let run = one.run.as_ref().map(|run| format!(", of the run {run}"));
    format!(
        "{} {}{} in {}{}",
        one.noun,
        one.id,
        name.unwrap_or_default(),
        one.within,
        run.unwrap_or_default()
    )
}

fn route(one: &Dependent) -> String {
    let name = one.name.as_ref().map(|name| format!(" `{name}`"));
    let run = one.run.as_ref().map(|run| format!(", of the run {run}"));
    format!(
        "routes of the {} {}{}{} to {}",
        one.noun,
        one.id,
        name.unwrap_or_default(),
        run.unwrap_or_default(),
        one.within
    )
}

fn things(count: usize) -> String {
    if count == 1 {
        "1 resource".into()
    } else {
        format!("{count} resources")
    }
}

fn rest_json(out: &mut dyn Write, plan: &Plan, left: &[undo::Told]) -> io::Result<()> {
    let sets = [
        ("gone", &plan.gone[..]),
        ("cannot_be_undone", &plan.lasting),
        ("left", left),
    ];
    for (event, told) in sets {
        for one in told {
            writeln!(out, "{}", told_json(event, one))?;
        }
    }
    Ok(())
}

fn deletion_json(event: &str, deletion: &Deletion) -> String {
    let fields = vec![
        ("event", json!(event)),
        ("key", json!(format!("{UNDO}/{}", deletion.label()))),
        ("noun", json!(deletion.noun)),
        ("id", json!(deletion.id)),
        ("service", json!(deletion.service)),
        ("operation", json!(deletion.operation)),
        ("of", json!(deletion.of)),
    ];
    Object(fields).line()
}

fn told_json(event: &str, told: &undo::Told) -> String {
    let fields = vec![
        ("event", json!(event)),
        ("noun", json!(told.noun)),
        ("id", json!(told.id)),
        ("of", json!(told.key)),
        ("reason", json!(told.reason)),
    ];
    Object(fields).line()
}

fn stranger_json(event: &str, one: &Dependent) -> Value {
    json!({
        "event": event, "noun": one.noun, "id": one.id, "name": one.name, "run": one.run,
        "within": one.within,
    })
}
