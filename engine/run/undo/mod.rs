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

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use self::history::History;
use self::look::Looker;
use self::planner::Planner;
use super::caught_failures::CaughtFailures;
use super::cloud::Cloud;
use super::conductor::Conductor;
use super::control::{Control, Manner};
use super::event::{Asked, Event};
use super::surroundings::Surroundings;
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
        let library = Library::pinned(&journal.sources());
        let control = Control::new(around.cancel.clone(), Manner::default());
        let mut conductor = Conductor::new(journal, attempt + 1, library, cloud, control, around)?;
        // A deletion that failed is tried again, whatever a script would have caught.
        conductor.recorder.caught = CaughtFailures::default();
        conductor.recorder.emitter.skip_announcement();
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
        if self.conductor.control.cancel.is_set() {
            return Err(look::interrupted());
        }
        Ok(plan)
    }

    /// Shows what would be done and asks; a yes is the plan's word. `None` if nobody answers.
    #[must_use]
    pub fn ask(&self, shown: &str, question: &str, plan: &Plan) -> Option<bool> {
        self.conductor.recorder.emit(&Event::Output {
            text: shown.to_owned(),
            data: Value::Null,
        });
        let asked = Asked {
            key: UNDO.to_owned(),
            question: question.to_owned(),
            details: Value::Null,
            word: Some(self.word(plan)),
        };
        self.conductor
            .recorder
            .emitter
            .ask(&asked, &self.conductor.control.cancel)
    }

    /// Returns the name of the network that goes, else the account's number.
    fn word(&self, plan: &Plan) -> String {
        let account = || {
            self.conductor
                .recorder
                .target()
                .map(|target| target.account.clone())
        };
        let named = plan.network.clone().or_else(account);
        named.unwrap_or_else(|| self.conductor.recorder.id().to_owned())
    }

    fn history(&self) -> Result<History, Report> {
        let entries = self.conductor.recorder.journal.entries()?;
        Ok(History::of(self.conductor.recorder.id(), &entries))
    }
}
