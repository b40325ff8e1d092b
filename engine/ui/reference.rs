//! What scripts can call: lists with a line each, or one thing whole.

use std::io::{self, Write};

use console::measure_text_width;
use serde_json::json;

use crate::Output;
use crate::style::{self, Paint};
use script::reference::{Item, Page};

/// A longer call pushes its line apart instead of all others.
const COLUMN: usize = 44;

/// Writes the pages; a page of one thing has all that is known of it.
pub fn write(out: &mut dyn Write, output: Output, pages: &[Page]) -> io::Result<()> {
    let paint = style::Page::stdout().paint;
    let mut items = pages.iter().flat_map(|page| &page.items);
    match (output, pages) {
        (Output::Json, _) => items.try_for_each(|item| writeln!(out, "{}", object(item))),
        (_, [page]) if is_whole(page) => page
            .items
            .iter()
            .try_for_each(|item| whole(out, paint, item)),
        (_, pages) => pages.iter().try_for_each(|page| list(out, paint, page)),
    }
}

/// Overloads of one function belong together.
fn is_whole(page: &Page) -> bool {
    let name = |item: &Item| item.call.split('(').next().map(str::to_owned);
    let mut names = page.items.iter().map(name);
    let first = names.next();
    names.all(|name| Some(&name) == first.as_ref())
}

fn list(out: &mut dyn Write, paint: Paint, page: &Page) -> io::Result<()> {
    writeln!(out, "{}", paint.bold(&page.title))?;
    for item in &page.items {
        let gap = COLUMN.saturating_sub(measure_text_width(&item.call)).max(2);
        let first = item.doc.lines().next().unwrap_or_default();
        writeln!(out, "  {}{}{first}", item.call, " ".repeat(gap))?;
    }
    writeln!(out)
}

fn whole(out: &mut dyn Write, paint: Paint, item: &Item) -> io::Result<()> {
    writeln!(out, "{}", paint.bold(&item.call))?;
    for line in item.doc.lines() {
        writeln!(out, "{}", format!("  {line}").trim_end())?;
    }
    for field in &item.fields {
        let indent = "  ".repeat(field.depth + 1);
        if field.depth == 0 {
            let title = format!("{} {}", paint.bold(&field.name), field.kind);
            writeln!(out, "\n{indent}{}", title.trim_end())?;
        } else {
            writeln!(out, "{indent}{}: {}", field.name, paint.dim(&field.kind))?;
        }
    }
    writeln!(out)
}

fn object(item: &Item) -> serde_json::Value {
    let fields: Vec<_> = item
        .fields
        .iter()
        .map(|field| json!({"depth": field.depth, "name": field.name, "kind": field.kind}))
        .collect();
    json!({"call": item.call, "doc": item.doc, "fields": fields})
}
