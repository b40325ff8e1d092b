//! One live run: what it writes down, the ways out of this process, and what ends it.

use rhai::EvalAltResult;

use super::caught_failures::CaughtFailures;
use super::cloud::Cloud;
use super::control::Control;
use super::created;
use super::emitter::Emitter;
use super::issued::Issued;
use super::log_lines::LogLines;
use super::outbound::Outbound;
use super::recorder::{Recorder, same_place};
use super::rehearsed;
use super::surroundings::Surroundings;
use base::clock::Stopwatch;
use base::fault::Fault;
use base::report::Report;
use base::secret::{self, Keep};
use base::source::Place;
use journal::{Journal, StateDir};
use script::host::StopReason;
use script::script_error::script_error;
use script::sources::Library;
use script::{fault, place};

/// Runs what the script asks for, once.
pub struct Conductor {
    pub(super) recorder: Recorder,
    pub(super) outbound: Outbound,
    pub(super) control: Control,
    pub(super) library: Library,
    pub(super) state_dir: StateDir,
}

impl Conductor {
    /// Takes up what the journal has; `attempt` is this one, counted from 1.
    pub(super) fn new(
        journal: Journal,
        attempt: u32,
        library: Library,
        cloud: Option<Box<dyn Cloud>>,
        control: Control,
        around: Surroundings,
    ) -> Result<Self, Report> {
        let keep = if control.manner.locks() {
            Keep::Make
        } else {
            Keep::Look
        };
        secret::use_key(around.state_dir.secret_key(), keep);
        let entries = journal.entries()?;
        let started = journal.started();
        let outside = rehearsed::outside(around.outside, &library, started.target.as_ref())?;
        let outbound = Outbound {
            run: started.id.clone(),
            cloud,
            outside,
            prober: around.prober,
            recent: created::recent(&entries, around.fresh_for),
            settle_window: around.settle_window,
            started: Stopwatch::start(),
            cancel: around.cancel,
        };
        let recorder = Recorder {
            emitter: Emitter::new(around.watch),
            attempt,
            memory: control.manner.memory.clone(),
            issued: Issued::of(&entries),
            caught: CaughtFailures::of(&entries),
            log_lines: LogLines::new(around.journal_limit),
            journal,
        };
        Ok(Self {
            recorder,
            outbound,
            control,
            library,
            state_dir: around.state_dir,
        })
    }

    pub(super) fn fault(&self, error: &EvalAltResult) -> Fault {
        script_error(error, &self.library).fault
    }

    /// Returns a failure as it goes on and as the journal keeps it: a catch sees the same of both.
    pub(super) fn failure(&self, error: Box<EvalAltResult>) -> (Box<EvalAltResult>, Fault) {
        let (error, thrown) = fault::lasting(error);
        let kept = fault::recorded(self.fault(&error), thrown);
        (error, kept)
    }

    /// Returns where the script is calling from.
    pub(super) fn place(&self) -> Option<Place> {
        place::called(self.library.sources())
    }

    pub(super) fn at_its_place(
        &self,
        key: &str,
        recorded: Option<&Place>,
    ) -> Result<(), StopReason> {
        same_place(key, recorded, self.place().as_ref())
    }
}
