//! How a run's end is told: what was made and how long it took on stderr, `main`'s value on stdout. And what a script puts
//! out on its way.

use std::io;
use std::io::Write;

use console::{measure_text_width, pad_str};
use serde_json::Value;

use crate::out::{ignore, stderr, stdout};
use crate::style::{Page, Paint};
use crate::{clean, time};
use run::event::{Created, Ended};

/// Prints the end of a run that people watch.
pub(crate) fn print(ended: &Ended) {
    let page = Page::stderr();
    ignore(stderr(|out| write(out, page, ended)));
    if let Some(value) = ended.value.as_ref().filter(|value| !value.is_null()) {
        self::value(value);
    }
}

/// Prints what `main` returned.
pub(crate) fn value(value: &Value) {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    ignore(stdout(|out| writeln!(out, "{}", clean::json(&text))));
}

/// Prints what a command was asked for, as the script has laid it out.
pub(crate) fn output(text: &str) {
    ignore(stdout(|out| writeln!(out, "{}", clean::block(text))));
}

fn write(out: &mut dyn Write, page: Page, ended: &Ended) -> io::Result<()> {
    if !ended.created.is_empty() {
        writeln!(out, "\n{}", page.paint.bold("made"))?;
    }
    let id_width = ended
        .created
        .iter()
        .map(|made| measure_text_width(&made.id))
        .max()
        .unwrap_or(0);
    let operation_width = ended
        .created
        .iter()
        .map(|made| made.operation.len())
        .max()
        .unwrap_or(0);
    for made in &ended.created {
        let id = pad(&made.id, id_width);
        let operation = pad(&made.operation, operation_width);
        let row = format!("  {id}  {operation}  {}", page.paint.dim(&place(made)));
        writeln!(out, "{}", clean_cut(&row, page))?;
    }
    writeln!(out, "{}", verdict(page.paint, ended))
}

/// Returns the step that made it: the effect's own name at the end of its key says nothing new.
fn place(made: &Created) -> String {
    let step = made
        .key
        .rsplit_once('/')
        .filter(|(_, effect)| effect.starts_with(&made.operation));
    clean::line(step.map_or(made.key.as_str(), |(step, _)| step))
}

fn pad(text: &str, width: usize) -> String {
    pad_str(&clean::line(text), width, console::Alignment::Left, None).into_owned()
}

fn clean_cut(row: &str, page: Page) -> String {
    clean::cut(row.trim_end(), page.width)
}

fn verdict(paint: Paint, ended: &Ended) -> String {
    let elapsed = time::duration(ended.elapsed);
    match ended.value {
        Some(_) => format!(
            "{} {} succeeded in {elapsed}",
            paint.good("✓"),
            clean::line(&ended.id)
        ),
        None if ended.waits => format!(
            "{} {} waits after {elapsed}",
            paint.warn("…"),
            clean::line(&ended.id)
        ),
        None => format!(
            "{} {} stopped after {elapsed}",
            paint.bad("✗"),
            clean::line(&ended.id)
        ),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::write;
    use crate::sample;

    #[test]
    fn the_end_lists_what_was_made() {
        let mut out = Vec::new();
        write(&mut out, sample::page(60), &sample::ended()).unwrap();
        assert_snapshot!(String::from_utf8(out).unwrap(), @"
        made
          vpc-0a                    ec2.create_vpc     create the n…
          subnet-0123456789abcdef0  ec2.create_subnet  create the n…
        ✓ 20261121-091203-build-abcdefghijkl succeeded in 1m 32s
        ");
    }
}
