//! What many steps, effects and runs cost: CPU time of each, which must not grow with their number.
//!
//! `cargo bench --bench many`; by another limit with `RUNBOOK_BENCH_MOST=1000`.

mod instant;

use std::error::Error;
use std::fs::{DirBuilder, read_to_string, write};
use std::io::{Write, sink, stdout};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base::clock;
use journal::{Journal, RunId, StateDir};
use models::call::Call;
use run::cloud::Cloud;
use run::control::Manner;
use run::created;
use run::life;
use run::prepare::{Request, prepare};
use run::undo::Undo;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use ui::show::human;
use ui::style::Page;
use ui::summary::Summary;

use instant::Instant;

type Outcomes<T> = Result<T, Box<dyn Error>>;

const STEPS: &str = r#"fn main(params) { for i in 0..COUNT { run::step("s", i, || i); } }"#;
const EFFECTS: &str = r#"
import "aws/ec2" as ec2;
fn main(params) { for i in 0..COUNT { ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}); } }
"#;

fn main() -> Outcomes<()> {
    let most = std::env::var("RUNBOOK_BENCH_MOST").ok();
    let most = most.map_or(Ok(usize::MAX), |most| most.parse())?;
    for (what, script, counts) in [
        ("steps", STEPS, [1_000, 10_000, 100_000]),
        ("effects", EFFECTS, [1_000, 5_000, 20_000]),
    ] {
        for count in counts.into_iter().filter(|count| *count <= most) {
            life_of(what, &script.replace("COUNT", &count.to_string()), count)?;
        }
    }
    list_of(10_000.min(most))
}

/// Measures a run, its replay once its end is cut off, and who looks at it.
fn life_of(what: &str, script: &str, count: usize) -> Outcomes<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let runbook = folder.path().join("many.rhai");
    write(&runbook, script)?;
    let state_dir = StateDir::find(Some(&folder.path().join("run")))?;
    let started = measured(|| start(&runbook, &state_dir))?;
    let id = state_dir.ids()?.pop().ok_or("there is no run")?;
    let (again, dir) = cut(&state_dir, &id, &folder.path().join("resume"))?;
    let resumed = measured(|| resume(&again, &id))?;
    let shown = measured(|| show(&dir))?;
    let planned = measured(|| plan_undo(&again, &id))?;
    for (verb, cpu) in [
        ("run", started),
        ("resume", resumed),
        ("show", shown),
        ("undo --plan", planned),
    ] {
        report(&format!("{verb} of {count} {what}"), cpu, count)?;
    }
    Ok(())
}

fn report(what: &str, cpu: Duration, count: usize) -> Outcomes<()> {
    let each = cpu / u32::try_from(count)?;
    writeln!(
        stdout(),
        "{what:32} {:8.2} s CPU, {each:.1?} each",
        cpu.as_secs_f64()
    )?;
    Ok(())
}

fn measured(work: impl FnOnce() -> Outcomes<()>) -> Outcomes<Duration> {
    let before = cpu();
    work()?;
    Ok(cpu().saturating_sub(before))
}

/// Returns what all threads of this process have used.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

fn start(runbook: &Path, state_dir: &StateDir) -> Outcomes<()> {
    let request = Request {
        runbook: runbook.to_owned(),
        ..Request::default()
    };
    let prepared = prepare(&request).map_err(|problems| format!("{problems:?}"))?;
    let around = instant::around(state_dir.clone(), nobody());
    life::start(
        &request,
        prepared,
        Some(instant::connected(made_by)),
        Manner::default(),
        around,
    )
    .map_err(|report| format!("{report:?}").into())
}

/// Copies a run without its end, as a kill at that moment leaves it.
fn cut(state_dir: &StateDir, id: &RunId, to: &Path) -> Outcomes<(StateDir, PathBuf)> {
    let text = read_to_string(state_dir.run_dir(id).join("journal.jsonl"))?;
    let end = text.trim_end().rfind('\n').ok_or("it has one entry")?;
    let state_dir = StateDir::find(Some(to))?;
    state_dir.prepare()?;
    let dir = state_dir.run_dir(id);
    DirBuilder::new().mode(0o700).create(&dir)?;
    write(dir.join("journal.jsonl"), &text[..=end])?;
    Ok((state_dir, dir))
}

fn resume(state_dir: &StateDir, id: &RunId) -> Outcomes<()> {
    let journal = Journal::open(state_dir, id)?;
    let around = instant::around(state_dir.clone(), nobody());
    life::resume(
        journal,
        None,
        Some(instant::connected(made_by)),
        Manner::default(),
        around,
    )
    .map_err(|report| format!("{report:?}").into())
}

fn show(dir: &Path) -> Outcomes<()> {
    let entries = journal::read(dir)?;
    let summary = Summary::of(&entries, false, &created::resource).ok_or("it is no run")?;
    Ok(human(&mut sink(), Page::stdout(), &summary, clock::now())?)
}

fn plan_undo(state_dir: &StateDir, id: &RunId) -> Outcomes<()> {
    let journal = Journal::look(state_dir, id)?;
    let cloud: Box<dyn Cloud> = Box::new(Instant(made_by));
    let around = instant::around(state_dir.clone(), nobody());
    let undo = Undo::new(journal, Some(cloud), around, Duration::ZERO);
    let plan = undo.and_then(|undo| undo.plan());
    plan.map(drop)
        .map_err(|report| format!("{report:?}").into())
}

/// Measures a list of so many runs, each with sources as large as those of a whole library.
fn list_of(count: usize) -> Outcomes<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let runbook = folder.path().join("listed.rhai");
    let filler = "// a line of a comment that is about as long as this one\n".repeat(3_000);
    write(&runbook, format!("{filler}fn main(params) {{ 1 }}"))?;
    let state_dir = StateDir::find(Some(&folder.path().join("list")))?;
    start(&runbook, &state_dir)?;
    let id = state_dir.ids()?.pop().ok_or("there is no run")?;
    let text = read_to_string(state_dir.run_dir(&id).join("journal.jsonl"))?;
    for number in 1..count {
        let dir = state_dir
            .path()
            .join(format!("runs/20260101-000000-a-{number}"));
        DirBuilder::new().mode(0o700).create(&dir)?;
        write(dir.join("journal.jsonl"), &text)?;
        write(dir.join("lock"), "")?;
    }
    let wall = clock::Stopwatch::start();
    let cpu = measured(|| {
        let lines = state_dir.runs(|run| run.summary.is_ok())?;
        lines
            .into_iter()
            .all(|whole| whole)
            .then_some(())
            .ok_or("a run is broken".into())
    })?;
    let wall = wall.elapsed();
    report(
        &format!("list of {count} runs, {} ms", wall.as_millis()),
        cpu,
        count,
    )
}

fn nobody() -> Arc<Instant> {
    Arc::new(Instant::NOTHING)
}

/// Each thing has the name of the effect that made it.
fn made_by(call: &Call) -> Value {
    json!({"vpc": {"vpc_id": call.origin}})
}
