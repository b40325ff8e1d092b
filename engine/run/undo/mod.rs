//! `runbook undo`: takes down what a run made, in the order that dependencies need.
//!
//! `history` reads what the run did, `look` looks at each thing, `planner` (with `joins` and `describe`) makes the
//! `plan` of it, and `act` carries it out: each deletion is an effect of the same run, under a key of its own
//! (`record`), and AWS may refuse it for a while or for good (`refusal`).

mod act;
mod describe;
mod history;
mod joins;
mod look;
mod plan;
mod planner;
mod record;
mod refusal;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use self::history::History;
use self::look::Looker;
use self::planner::Planner;
use super::caught_failures::CaughtFailures;
use super::cloud::Cloud;
use super::conductor::Conductor;
use super::event::{Asked, Event};
use super::issued::Issued;
use super::life::Surroundings;
use super::lock::Locks;
use super::log_lines::LogLines;
use super::made;
use super::tick::Manner;
use base::clock::Stopwatch;
use base::report::Report;
use journal::Journal;
use journal::state::UNDO;
use script::sources::Library;

pub use self::plan::{Deletion, Plan, Told};

/// A run that is to be undone.
pub struct Undo {
    conductor: Arc<Conductor>,
    /// How long AWS is given to let go of a thing.
    timeout: Duration,
}

/// What an undo has come to.
#[derive(Debug, Default)]
pub struct Undone {
    /// What was deleted, in that order.
    pub deleted: Vec<Deletion>,
    /// What this run made and is still there, with the reason.
    pub left: Vec<Told>,
}

impl Undo {
    /// Takes the run over; nothing is read or changed yet.
    pub fn new(
        journal: Journal,
        cloud: Option<Box<dyn Cloud>>,
        around: Surroundings,
        timeout: Duration,
    ) -> Result<Self, Report> {
        let (attempt, _) = journal.attempt()?;
        let entries = journal.entries()?;
        let conductor = Conductor {
            recent: made::recent(&entries, around.fresh_for),
            issued: Issued::of(&entries),
            library: Library::pinned(&journal.sources()),
            journal,
            cloud,
            outside: around.outside,
            prober: around.prober,
            watch: around.watch,
            cancel: around.cancel,
            settle_window: around.settle_window,
            caught: CaughtFailures::default(),
            log_lines: LogLines::new(around.journal_limit),
            locks: Locks::default(),
            started: Stopwatch::start(),
            manner: Manner::default(),
            attempt: attempt + 1,
            announced: AtomicBool::new(true),
            state_dir: around.state_dir,
            asking: Mutex::default(),
        };
        Ok(Self {
            conductor: Arc::new(conductor),
            timeout,
        })
    }

    /// Looks at everything that the run made; reads only.
    pub fn plan(&self) -> Result<Plan, Report> {
        let history = self.history()?;
        let looker = Looker {
            conductor: &self.conductor,
            history: &history,
        };
        let plan = Planner::new(looker).plan()?;
        if self.conductor.cancel.is_set() {
            return Err(look::interrupted());
        }
        Ok(plan)
    }

    /// Shows what would be done and asks; a yes is the plan's word. `None` if nobody answers.
    #[must_use]
    pub fn ask(&self, shown: &str, question: &str, plan: &Plan) -> Option<bool> {
        self.conductor.tell(&Event::Output {
            text: shown.to_owned(),
            data: Value::Null,
        });
        let asked = Asked {
            key: UNDO.to_owned(),
            question: question.to_owned(),
            details: Value::Null,
            word: Some(self.word(plan)),
        };
        self.conductor.watch.ask(&asked, &self.conductor.cancel)
    }

    /// Returns the name of the network that goes, else the account's number.
    fn word(&self, plan: &Plan) -> String {
        let account = || self.conductor.target().map(|target| target.account.clone());
        let named = plan.network.clone().or_else(account);
        named.unwrap_or_else(|| self.conductor.id().to_owned())
    }

    fn history(&self) -> Result<History, Report> {
        let entries = self.conductor.journal.entries()?;
        Ok(History::of(self.conductor.id(), &entries))
    }
}
