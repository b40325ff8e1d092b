//! One run: who, where, what is done, what is under way or in doubt, and what to type next.

use std::io;
use std::io::Write;

use console::measure_text_width;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::json::Object;
use crate::list::Status;
use crate::style::Page;
use crate::summary::{Effect, EffectState, Summary};
use crate::{clean, fault, logs, program, prompt, target as place, time, tree};
use base::command::Command;
use base::hint::Hint;
use base::shell::quoted;
use base::source::Source;
use journal::entry::{Ending, Settings};
use run::next::{Cause, resolutions};

/// So many lines of the log are shown; the rest is for `logs`.
const LINES: usize = 10;

/// Writes the run for people.
pub fn human(out: &mut dyn Write, page: Page, run: &Summary<'_>, now: Timestamp) -> io::Result<()> {
    header(out, page, run, now)?;
    parameters(out, page, run)?;
    sources(out, page, run)?;
    section(out, page, "steps", &tree::lines(run, page, now))?;
    log(out, page, run)?;
    section(out, page, "in doubt", &doubts(run))?;
    section(out, page, "asked", &questions(run))?;
    section(out, page, "left behind by a rewind", &left(run))?;
    if let Some(Ending::Undone { left }) = run.ending {
        let lines: Vec<_> = left.iter().map(|line| clean::line(line)).collect();
        section(out, page, "left behind by the undo", &lines)?;
    }
    if let Some(error) = run.last_error() {
        writeln!(
            out,
            "\n{}\n  {}",
            page.paint.bold("last error"),
            page.paint.warn(&fault::long(error))
        )?;
    }
    if let Some(Ending::Succeeded { value }) =
        run.ending.filter(|_| run.status == Status::Succeeded)
    {
        let text = clean::json(&serde_json::to_string_pretty(value).unwrap_or_default());
        writeln!(out, "\n{}\n{text}", page.paint.bold("result"))?;
    }
    let hints = next(run);
    if !hints.is_empty() {
        writeln!(out, "\n{}", page.paint.bold("next:"))?;
    }
    let mut hints = hints.iter().map(|hint| clean::line(&program::hint(hint)));
    hints.try_for_each(|hint| writeln!(out, "  {hint}"))
}

/// Returns the run as one object.
#[must_use]
pub fn json(run: &Summary<'_>, now: Timestamp) -> String {
    let start = run.start;
    let target = start.target.as_ref();
    let sources: Vec<_> = start
        .sources
        .iter()
        .map(|one| json!({"name": one.name, "file": one.file, "sha256": one.sha256}))
        .collect();
    let value = match run.ending {
        Some(Ending::Succeeded { value }) => value.clone(),
        _ => Value::Null,
    };
    let command = next(run)
        .first()
        .and_then(Hint::command)
        .map(program::command);
    let fields = vec![
        ("id", json!(start.id)),
        ("runbook", json!(start.runbook)),
        ("directory", json!(start.directory)),
        ("status", json!(run.status)),
        ("account", json!(target.map(|target| &target.account))),
        ("caller", json!(target.map(|target| &target.caller))),
        ("region", json!(target.map(|target| &target.region))),
        (
            "endpoint",
            json!(target.and_then(|target| target.endpoint.as_ref())),
        ),
        ("engine", json!(start.engine)),
        ("started", json!(run.started)),
        ("ended", json!(run.ended)),
        (
            "elapsed_ms",
            json!(end(run, now).map(|end| time::millis(time::between(run.started, end)))),
        ),
        ("attempt", json!(run.attempt)),
        ("settings", json!(start.settings)),
        ("params", start.params.clone()),
        ("sources", json!(sources)),
        ("steps", json!(run.steps)),
        ("effects", json!(run.effects)),
        ("waits", json!(run.waits)),
        ("log", json!(run.log)),
        ("left", json!(run.left)),
        ("value", value),
        ("last_error", json!(run.last_error())),
        ("next", json!(command)),
    ];
    Object(fields).line()
}

/// Returns the commands that take the run further; none once it has succeeded.
#[must_use]
pub fn next(run: &Summary<'_>) -> Vec<Hint> {
    let (start, id) = (run.start, &run.start.id);
    let resume = || Command::resume(id);
    let command = match (run.status, run.ending) {
        // `Broken` is a log that cannot be read: there is no summary of it.
        (
            Status::Succeeded
            | Status::Cancelled
            | Status::Superseded
            | Status::Undone
            | Status::Broken,
            _,
        ) => {
            return Vec::new();
        }
        (Status::Failed, _) => {
            let cause = run.cause.as_ref().unwrap_or(&Cause::Other);
            return cause.hints(start);
        }
        (Status::Live, _) => Command::follow(id),
        (Status::InDoubt, _) => match in_doubt(run).next() {
            Some(effect) => return resolutions(id, &effect.key, None).into(),
            None => resume(),
        },
        (Status::Undoing, _) => Command::undo(id),
        (Status::Waiting, _) => match run.open_questions().next() {
            Some(one) => Command::approve(id, Some(&one.key)),
            None => resume(),
        },
        (Status::Diverged, Some(Ending::Diverged { key, .. })) => {
            match in_doubt(run).find(|effect| effect.key == *key) {
                Some(_) => return resolutions(id, key, None).into(),
                None => Command::rewind(id, key),
            }
        }
        (Status::Interrupted | Status::Diverged, _) => resume(),
    };
    vec![command.into()]
}

fn in_doubt<'a>(run: &'a Summary<'_>) -> impl Iterator<Item = &'a Effect> {
    let effects = run.effects.iter();
    effects.filter(|effect| effect.state == EffectState::InDoubt)
}

fn header(out: &mut dyn Write, page: Page, run: &Summary<'_>, now: Timestamp) -> io::Result<()> {
    let start = run.start;
    let target = start.target.as_ref();
    let caller = target.map(|target| format!("{} as {}", target.account, target.caller));
    let rows = [
        ("run", Some(start.id.clone())),
        (
            "runbook",
            Some(format!(
                "{}{}",
                quoted(&start.runbook),
                typed(&start.settings)
            )),
        ),
        ("directory", Some(start.directory.clone())),
        ("status", Some(run.status.word().to_owned())),
        ("account", caller),
        ("region", target.map(|target| target.region.clone())),
        ("endpoint", target.and_then(place::endpoints)),
        ("started", Some(time::stamp(run.started))),
        (
            "took",
            end(run, now).map(|end| time::duration(time::between(run.started, end))),
        ),
        ("attempt", Some(run.attempt.to_string())),
        ("engine", Some(start.engine.clone())),
    ];
    for (name, value) in rows {
        let Some(value) = value.as_deref().map(clean::line) else {
            continue;
        };
        let value = if name == "status" {
            run.status.painted(page.paint, &value)
        } else {
            value
        };
        writeln!(
            out,
            "{}",
            clean::cut(&format!("{name:<10} {value}"), page.width)
        )?;
    }
    Ok(())
}

/// Returns nothing for a run that was cut off: nobody saw when.
fn end(run: &Summary<'_>, now: Timestamp) -> Option<Timestamp> {
    run.ended.or((run.status == Status::Live).then_some(now))
}

fn typed(settings: &Settings) -> String {
    let sites = settings
        .site
        .iter()
        .map(|site| format!(" --site {}", quoted(site)));
    let sets = settings
        .set
        .iter()
        .map(|set| format!(" --set {}", quoted(set)));
    sites.chain(sets).collect()
}

fn parameters(out: &mut dyn Write, page: Page, run: &Summary<'_>) -> io::Result<()> {
    let Value::Object(params) = &run.start.params else {
        return Ok(());
    };
    let width = params
        .keys()
        .map(|name| measure_text_width(name))
        .max()
        .unwrap_or(0);
    let lines: Vec<_> = params
        .iter()
        .map(|(name, value)| {
            format!(
                "{:<width$}  {}",
                clean::line(name),
                clean::json(&value.to_string())
            )
        })
        .collect();
    section(out, page, "parameters", &lines)
}

fn sources(out: &mut dyn Write, page: Page, run: &Summary<'_>) -> io::Result<()> {
    let sources = &run.start.sources;
    let width = sources
        .iter()
        .map(|source| measure_text_width(&source.name))
        .max()
        .unwrap_or(0);
    let line = |source: &Source| {
        let digest: String = source.sha256.chars().take(12).collect();
        let file = source.file.as_deref().unwrap_or("(built in)");
        clean::line(&format!("{digest}  {:<width$}  {file}", source.name))
    };
    section(
        out,
        page,
        "sources",
        &sources.iter().map(line).collect::<Vec<_>>(),
    )
}

/// Writes the latest lines whole: they say why.
fn log(out: &mut dyn Write, page: Page, run: &Summary<'_>) -> io::Result<()> {
    let earlier = run.log.len().saturating_sub(LINES);
    if !run.log.is_empty() {
        writeln!(out, "\n{}", page.paint.bold("log"))?;
    }
    if earlier > 0 {
        let all = program::command(&Command::logs(&run.start.id));
        writeln!(out, "  {earlier} earlier: {all}")?;
    }
    run.log[earlier..].iter().try_for_each(|line| {
        let said = logs::logged(line.scope, line.level, line.message);
        let text = format!("{}  {said}", time::stamp(line.at));
        writeln!(out, "  {}", clean::line(&text))
    })
}

fn doubts(run: &Summary<'_>) -> Vec<String> {
    in_doubt(run)
        .map(|effect| clean::line(&effect.key))
        .collect()
}

/// Returns each question that the script has no answer to, with its details and what was answered.
fn questions(run: &Summary<'_>) -> Vec<String> {
    let waits = run.waits.iter().filter(|wait| wait.ended.is_none());
    let lines = waits.filter_map(|wait| {
        let approval = wait.approval.as_ref()?;
        let first = clean::line(&format!("{}: {}", wait.key, approval.question));
        let details = prompt::details(&approval.details);
        let details = details.into_iter().map(|line| format!("  {line}"));
        let answer = wait.answer.as_ref().map(crate::phrases::answered);
        let answer = answer.map(|answer| format!("  {}", clean::line(&answer)));
        Some(std::iter::once(first).chain(details).chain(answer))
    });
    lines.flatten().collect()
}

fn left(run: &Summary<'_>) -> Vec<String> {
    let lines = run
        .left
        .iter()
        .map(|one| format!("{}  {}", one.resource, one.key));
    lines.map(|line| clean::line(&line)).collect()
}

fn section(out: &mut dyn Write, page: Page, title: &str, lines: &[String]) -> io::Result<()> {
    if !lines.is_empty() {
        writeln!(out, "\n{}", page.paint.bold(title))?;
    }
    lines
        .iter()
        .try_for_each(|line| writeln!(out, "  {}", clean::cut(line, page.width.saturating_sub(2))))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::Value;

    use super::{human, json};
    use crate::{sample, summary::Summary};
    use base::level::Level;
    use journal::entry::{Entry, Record};

    fn shown(entries: &[Entry], is_live: bool) -> String {
        let run = Summary::of(entries, is_live, &sample::resource).unwrap();
        let mut out = Vec::new();
        human(&mut out, sample::page(80), &run, sample::at(60)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_interrupted_run_says_what_is_in_doubt_and_what_to_type() {
        assert_snapshot!(shown(&sample::entries(), false), @r#"
        run        20261121-091203-build-abcdefghijkl
        runbook    build.rhai --site sites/a.toml
        directory  /srv
        status     interrupted
        account    123456789012 as arn:aws:iam::123456789012:user/operator
        region     eu-west-1
        endpoint   http://127.0.0.1:5000
        started    2026-11-21T09:12:04Z
        attempt    1
        engine     0.1.0

        parameters
          name       "ha\u001b[31m"
          user_data  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
          vpc_cidr   "10.0.0.0/16"

        sources
          0123456789ab  build.rhai  /srv/build.rhai
          0123456789ab  network     (built in)

        steps
          ✓      3s  create the network
          ·            ec2.create_vpc  vpc-0a
          -          start the NATs  interrupted
          -            az1/launch  interrupted
          ?              ec2.run_instances  in doubt
          -            az2 was waiting: instance running, 1m 00s left

        in doubt
          start the NATs/az1/launch/ec2.run_instances

        next:
          runbook resume 20261121-091203-build-abcdefghijkl
        "#);
    }

    #[test]
    fn a_live_run_says_what_it_waits_for() {
        assert_snapshot!(shown(&sample::entries(), true), @r#"
        run        20261121-091203-build-abcdefghijkl
        runbook    build.rhai --site sites/a.toml
        directory  /srv
        status     live
        account    123456789012 as arn:aws:iam::123456789012:user/operator
        region     eu-west-1
        endpoint   http://127.0.0.1:5000
        started    2026-11-21T09:12:04Z
        took       59s
        attempt    1
        engine     0.1.0

        parameters
          name       "ha\u001b[31m"
          user_data  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
          vpc_cidr   "10.0.0.0/16"

        sources
          0123456789ab  build.rhai  /srv/build.rhai
          0123456789ab  network     (built in)

        steps
          ✓      3s  create the network
          ·            ec2.create_vpc  vpc-0a
          *     54s  start the NATs
          *     53s    az1/launch
          *              ec2.run_instances  under way
          *     51s    az2 waiting: instance running, 1m 00s left

        next:
          runbook logs -f 20261121-091203-build-abcdefghijkl
        "#);
    }

    #[test]
    fn of_a_long_log_the_latest_lines_are_shown() {
        let mut entries = sample::entries();
        for number in 1..=12 {
            let mut entry = entries[1].clone();
            entry.record = Record::Logged {
                scope: String::new(),
                level: Level::Info,
                message: format!("line {number} {}", "m".repeat(80)),
            };
            entries.push(entry);
        }
        let shown = shown(&entries, false);
        let (_, log) = shown.split_once("\nlog\n").unwrap();
        assert!(
            log.starts_with("  2 earlier: runbook logs 20261121-091203-build-abcdefghijkl\n"),
            "{log}"
        );
        assert!(!log.contains("line 2 ") && log.contains("line 3 "), "{log}");
        assert!(log.contains(&"m".repeat(80)), "{log}");
    }

    #[test]
    fn a_failed_run_shows_its_last_error() {
        assert_snapshot!(shown(&sample::failed_entries(), false), @r#"
        run        20261121-091203-build-abcdefghijkl
        runbook    build.rhai --site sites/a.toml
        directory  /srv
        status     failed
        account    123456789012 as arn:aws:iam::123456789012:user/operator
        region     eu-west-1
        endpoint   http://127.0.0.1:5000
        started    2026-11-21T09:12:04Z
        took       18s
        attempt    2
        engine     0.1.0

        parameters
          name       "ha\u001b[31m"
          user_data  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
          vpc_cidr   "10.0.0.0/16"

        sources
          0123456789ab  build.rhai  /srv/build.rhai
          0123456789ab  network     (built in)

        steps
          ✓      3s  create the network
          ·            ec2.create_vpc  vpc-0a
          ✗      7s  start the NATs  attempt 2
          ✓      3s    az1/launch  attempt 2
          ·              ec2.run_instances  i-0a  adopted
          ✗      8s    az2 gave up: instance running
                         IncorrectInstanceState: the instance i-0b is not in a state th…

        log
          2026-11-21T09:12:17Z  start the NATs: warning: two lines

        last error
          IncorrectInstanceState: the instance i-0b is not in a state that allows this (ec2 create_route, request r-1, network.rhai:12)

        next:
          runbook resume 20261121-091203-build-abcdefghijkl
        "#);
    }

    #[test]
    fn the_same_as_json() {
        let entries = sample::failed_entries();
        let run = Summary::of(&entries, false, &sample::resource).unwrap();
        let line = json(&run, sample::at(60));
        assert!(
            line.starts_with(
                r#"{"id":"20261121-091203-build-abcdefghijkl","runbook":"build.rhai","#
            )
        );
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_snapshot!(value["effects"][1], @r#"{"attempt":1,"ended":"2026-11-21T09:12:16Z","error":null,"key":"start the NATs/az1/launch/ec2.run_instances","operation":"run_instances","resource":"i-0a","seq":8,"service":"ec2","started":"2026-11-21T09:12:11Z","state":"adopted"}"#);
        assert_snapshot!(value["steps"][2], @r#"{"attempt":2,"ended":"2026-11-21T09:12:18Z","error":null,"key":"start the NATs/az1/launch","seq":7,"started":"2026-11-21T09:12:15Z","state":"done"}"#);
        assert_eq!(value["last_error"]["code"], "IncorrectInstanceState");
        assert_eq!(
            value["next"],
            "runbook resume 20261121-091203-build-abcdefghijkl"
        );
    }
}
