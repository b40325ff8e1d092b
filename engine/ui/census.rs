//! What a rehearsal left in the emulator.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::clean;
use crate::style::Page;

/// Writes a line a resource: kind, id, name.
pub fn human(out: &mut dyn Write, page: Page, census: &Value) -> io::Result<()> {
    let resources = census.as_array().map_or(&[][..], Vec::as_slice);
    writeln!(
        out,
        "{}",
        page.paint
            .bold(&format!("in the emulator: {} resources", resources.len()))
    )?;
    let rows: Vec<[String; 3]> = resources.iter().map(row).collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let (kinds, ids) = (width(0), width(1));
    for [kind, id, name] in &rows {
        let line = format!("  {kind:kinds$}  {id:ids$}  {name}");
        writeln!(out, "{}", clean::cut(line.trim_end(), page.width))?;
    }
    Ok(())
}

/// Writes the census as one event.
pub fn json(out: &mut dyn Write, census: &Value) -> io::Result<()> {
    writeln!(
        out,
        "{}",
        json!({"event": "rehearsal_census", "resources": census})
    )
}

fn row(resource: &Value) -> [String; 3] {
    let text = |name: &str| clean::line(resource[name].as_str().unwrap_or_default());
    let name = ["name", "destination", "hostname"]
        .into_iter()
        .map(text)
        .find(|text| !text.is_empty());
    [
        format!("{} {}", text("service"), text("type")),
        text("id"),
        name.unwrap_or_default(),
    ]
}
