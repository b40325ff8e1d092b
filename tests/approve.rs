//! `run::approve` and `runbook approve`: a person says whether a run goes on.

mod branches;
mod crashes;
mod mistakes;
mod rehearsed;
mod rules;
mod terminal;
mod waiting;

use crate::harness::Test;

/// Asks once, between two steps.
const MOVE: &str = r#"
fn main(params) {
    run::step("look", || log::info("looked"));
    let said = run::approve("Move the traffic of az1?", #{from: "i-1", to: "i-2"});
    run::step("move", || log::info("moved"));
    `${said.by} via ${said.via}`
}
"#;

fn world(script: &str) -> Test {
    // Nobody is who a variable says.
    Test::new().env("USER", "mallory").file("move.rhai", script)
}

/// Returns what `run::approve` says of us.
fn by(via: &str) -> String {
    format!("\"{} via {via}\"\n", user())
}

/// Returns our name.
fn user() -> String {
    run::identity::signature(None, None).who
}

/// Returns how many entries of the only run say so; the starts have the script itself, which says everything.
fn count(test: &Test, text: &str) -> usize {
    let journal = test.journal();
    let lines = journal.iter().map(|entry| entry["record"].to_string());
    let told = lines
        .filter(|line| !line.starts_with("{\"run_started") && !line.starts_with("{\"run_resumed"));
    told.filter(|line| line.contains(text)).count()
}
