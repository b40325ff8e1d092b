//! `runbook every`

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::run::Script;
use super::tick::{self, OnOverlap, Turn};
use super::{connection, signals, state};
use crate::shared::Shared;
use base::clock::Stopwatch;
use base::duration;
use base::exit::Exit;
use base::level::Level;
use base::report::{Report, Reports};
use journal::Memory;
use journal::entry::Target;
use run::cancel::Cancel;
use run::cloud::Cloud;
use run::control::Manner;
use run::life::{self, Connected};
use run::prepare::{Prepared, Request, prepare};
use run::surroundings::Surroundings;
use ui::Output;

/// Run a runbook again and again, until a signal ends it
///
/// Each execution is a tick: it becomes a run with its first effect, and leaves nothing behind if it has none. Ticks
/// never overlap; a tick that comes due during another tick is skipped and counted. Scripts and settings are read once:
/// after an edit, start the command again. The first Ctrl-C or SIGTERM ends the command after the current tick, which
/// gets 10 seconds; the second ends it at once.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How often, from 1s to 1d: `5s`, `1m`
    #[arg(value_parser = interval)]
    interval: Duration,
    #[command(flatten)]
    script: Script,
    /// What to do if another process runs a tick of the same runbook and site
    #[arg(long, value_name = "WHAT", default_value = "skip")]
    on_overlap: OnOverlap,
}

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_hours(24);

fn interval(text: &str) -> Result<Duration, String> {
    let interval = duration::parse(text)?;
    if (SHORTEST..=LONGEST).contains(&interval) {
        Ok(interval)
    } else {
        Err("the shortest is 1s, the longest 24h".to_owned())
    }
}

pub(super) fn every(args: Args, shared: &Shared) -> Result<Exit, Reports> {
    let request = Request::from(args.script);
    let prepared = Prepared {
        tick: true,
        ..prepare(&request)?
    };
    let state_dir = state::state_dir(shared)?;
    state_dir.prepare()?;
    let runtime = state::runtime()?;
    let Turn::Ours(memory) = tick::take(&request, &state_dir, args.on_overlap, shared.output())?
    else {
        return Ok(Exit::Succeeded);
    };
    let (stop, cancel) = (Cancel::default(), Cancel::default());
    signals::listen_for_end(&runtime, &stop, &cancel)?;
    let resident = Resident {
        around: state::resident_context(&runtime, shared, cancel)?,
        interval: args.interval,
        request,
        prepared,
        memory,
        runtime,
        stop,
        output: shared.output(),
    };
    resident.live();
    Ok(Exit::Succeeded)
}

struct Resident {
    interval: Duration,
    request: Request,
    prepared: Prepared,
    memory: Arc<Memory>,
    around: Surroundings,
    runtime: state::Running,
    stop: Cancel,
    output: Output,
}

#[derive(Default)]
struct Count {
    ticks: u64,
    skipped: u64,
    failed: u64,
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            ticks,
            skipped,
            failed,
        } = self;
        let plural = if *ticks == 1 { "" } else { "s" };
        write!(
            formatter,
            "{ticks} tick{plural}, {skipped} skipped, {failed} failed"
        )
    }
}

/// The way to AWS, kept from tick to tick.
type Connection = Option<(Arc<dyn Cloud>, Target)>;

impl Resident {
    fn live(&self) {
        let interval = ui::time::duration(self.interval);
        let (runbook, memory) = (self.request.runbook.display(), self.memory.name());
        self.say(&format!("every {interval}: {runbook}, memory {memory}"));
        let count = self.tick_along();
        self.say(&format!("ended: {count}"));
    }

    fn say(&self, line: &str) {
        ui::note(self.output, Level::Info, line);
    }

    /// Ticks come due on a grid that starts now.
    fn tick_along(&self) -> Count {
        let (watch, mut connection, mut count) = (Stopwatch::start(), None, Count::default());
        let mut slot = 0;
        while !self.stop.is_set() {
            count.ticks += 1;
            if let Err(report) = self.tick(&mut connection) {
                count.failed += 1;
                ui::fail(self.output, &report);
            }
            let next = next_slot(watch.elapsed(), self.interval);
            count.skipped += next - slot - 1;
            slot = next;
            let due = times(self.interval, slot);
            if self.stop.sleep(due.saturating_sub(watch.elapsed())) {
                break;
            }
        }
        count
    }

    fn tick(&self, connection: &mut Connection) -> Result<(), Report> {
        tick::tidy(&self.memory, &self.around.state_dir, self.output);
        let connected = self.connected(connection)?;
        let manner = Manner {
            memory: Some(Arc::clone(&self.memory)),
            read_only: self.prepared.read_only,
            ..Manner::default()
        };
        let (prepared, around) = (self.prepared.clone(), self.around.clone());
        life::start(&self.request, prepared, connected, manner, around)
    }

    /// Returns the connection, made now if none is there so far.
    fn connected(&self, connection: &mut Connection) -> Result<Option<Connected>, Report> {
        if connection.is_none() {
            let made = connection::first(&self.prepared, &self.runtime, &self.around.cancel)?;
            *connection = made.map(|made| (Arc::from(made.cloud), made.target));
        }
        Ok(connection.as_ref().map(|(cloud, target)| Connected {
            cloud: Box::new(Arc::clone(cloud)),
            target: target.clone(),
        }))
    }
}

/// Returns the first slot of the grid that is still to come.
fn next_slot(elapsed: Duration, interval: Duration) -> u64 {
    u64::try_from(elapsed.as_nanos() / interval.as_nanos()).unwrap_or(u64::MAX - 1) + 1
}

fn times(interval: Duration, slot: u64) -> Duration {
    let nanos = interval.as_nanos().saturating_mul(u128::from(slot));
    Duration::from_nanos_u128(nanos)
}
