//! What recording one effect costs, over the least that it can: two lines, each appended and synced.
//!
//! All three are measured by turns, on the disk that `target` is on.

mod instant;

use std::error::Error;
use std::fs::{File, OpenOptions, read_to_string, write};
use std::io::{Write, stdout};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::clock::Stopwatch;
use journal::entry::{Intent, Outcome, Record, RunStarted, Settings, Settled};
use journal::{Durability, Journal, RunId, StateDir};
use run::control::Manner;
use run::event::{Event, Watch};
use run::life;
use run::prepare::{Request, prepare};
use serde_json::{Value, json};

type Outcomes<T> = Result<T, Box<dyn Error>>;

const EFFECTS: usize = 500;
/// Makes as many as are measured; the first are for warming up.
const SCRIPT: &str = r#"
import "aws/ec2" as ec2;

fn main(params) {
    for number in 0..500 { ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}); }
}
"#;

fn main() -> Outcomes<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let state_dir = StateDir::find(Some(&folder.path().join("state")))?;
    let journal = Journal::create(&state_dir, started())?;
    let lines = lines(&journal)?;
    let raw = OpenOptions::new()
        .append(true)
        .create_new(true)
        .open(folder.path().join("raw.jsonl"))?;
    let (mut least, mut recorded) = (Vec::new(), Vec::new());
    for number in 0..EFFECTS {
        least.push(timed(|| append(&raw, &lines))?);
        recorded.push(timed(|| record(&journal, number))?);
    }
    let engine = engine(folder.path(), &raw, &lines)?;
    let (least_beside, whole) = (median(engine.raw), median(engine.effects));
    let (least, recorded) = (median(least), median(recorded));
    report("the journal's two entries", recorded, least)?;
    report("the engine's whole effect", whole, least_beside)?;
    Ok(())
}

fn report(what: &str, ours: Duration, least: Duration) -> Outcomes<()> {
    writeln!(
        stdout(),
        "{what}: {ours:?}, two lines appended and synced: {least:?}, ratio {:.2} (medians of {EFFECTS})",
        ours.as_secs_f64() / least.as_secs_f64()
    )?;
    Ok(())
}

fn timed(work: impl FnOnce() -> Outcomes<()>) -> Outcomes<Duration> {
    let stopwatch = Stopwatch::start();
    work()?;
    Ok(stopwatch.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn append(mut file: &File, lines: &[String]) -> Outcomes<()> {
    for line in lines {
        file.write_all(line.as_bytes())?;
        file.sync_data()?;
    }
    Ok(())
}

/// Returns the two lines of an effect, as long as they are in the log.
fn lines(journal: &Journal) -> Outcomes<Vec<String>> {
    record(journal, EFFECTS)?;
    let text = read_to_string(journal.dir().join("journal.jsonl"))?;
    Ok(text
        .split_inclusive('\n')
        .skip(1)
        .map(str::to_owned)
        .collect())
}

fn record(journal: &Journal, number: usize) -> Outcomes<()> {
    let key = format!("ec2.create_vpc#{number}");
    let intent = Intent {
        key: key.clone(),
        attempt: 1,
        epoch: 1,
        service: "ec2".into(),
        operation: "create_vpc".into(),
        class: "tagged".into(),
        fingerprint: "00".repeat(32),
        input: json!({"cidr_block": "10.0.0.0/16"}),
        context: None,
        place: None,
        written: None,
    };
    journal.append(Record::EffectIntended(intent), Durability::Synced)?;
    let outcome = Outcome {
        key,
        attempt: 1,
        settled: Settled::Called,
        output: output(),
        request_id: None,
    };
    journal.append(Record::EffectFinished(outcome), Durability::Synced)?;
    Ok(())
}

fn output() -> Value {
    json!({"vpc": {"vpc_id": "vpc-0123456789abcdef0"}})
}

/// What a run of the script took: each effect, and beside it the least.
#[derive(Clone, Default)]
struct Measured {
    effects: Vec<Duration>,
    raw: Vec<Duration>,
}

fn engine(folder: &Path, raw: &File, lines: &[String]) -> Outcomes<Measured> {
    let runbook = folder.join("bench.rhai");
    write(&runbook, SCRIPT)?;
    let request = Request {
        runbook,
        ..Request::default()
    };
    let prepared = prepare(&request).map_err(|problems| format!("{problems:?}"))?;
    let meter = Arc::new(Meter {
        file: raw.try_clone()?,
        lines: lines.to_vec(),
        state: Mutex::new((Stopwatch::start(), Measured::default())),
    });
    let state_dir = StateDir::find(Some(&folder.join("engine")))?;
    let around = instant::around(state_dir, meter.clone());
    let connected = instant::connected(|_| output());
    life::start(
        &request,
        prepared,
        Some(connected),
        Manner::default(),
        around,
    )
    .map_err(|report| format!("{report:?}"))?;
    let state = meter.state.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(state.1.clone())
}

/// Measures from the end of one effect to the end of the next, and the least between them.
struct Meter {
    file: File,
    lines: Vec<String>,
    state: Mutex<(Stopwatch, Measured)>,
}

impl Watch for Meter {
    fn event(&self, event: &Event) {
        if !matches!(event, Event::EffectFinished { .. }) {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = state.0.elapsed();
        state.1.effects.push(elapsed);
        let raw = timed(|| append(&self.file, &self.lines)).unwrap_or_default();
        state.1.raw.push(raw);
        state.0 = Stopwatch::start();
    }
}

fn started() -> RunStarted {
    RunStarted {
        by: None,
        id: RunId::new(Path::new("bench.rhai")).to_string(),
        runbook: "bench.rhai".into(),
        directory: "/".into(),
        sources: Vec::new(),
        params: json!({}),
        settings: Settings::default(),
        target: Some(instant::target()),
        tick: None,
        engine: env!("CARGO_PKG_VERSION").into(),
        pid: std::process::id(),
    }
}
