//! What a resume with edited scripts would do, found out without doing it.
//!
//! `dry`, with `bodies` and `calls`, is the host of a replay that changes nothing: what is recorded is returned, what is not is passed over
//! with `()`, and `reads` is its only way to AWS. `seen` keeps what the replay came to, `sorted` compares that with
//! what is `recorded`; `by_name` compares names alone, where AWS cannot be asked.

mod bodies;
mod by_name;
mod calls;
mod dry;
mod gaps;
mod reads;
mod recorded;
mod seen;
mod sorted;

use std::sync::Arc;
use std::time::Duration;

use rhai::Dynamic;
use serde::Serialize;
use serde_json::Value;

use self::dry::Dry;
use self::reads::Reads;
use self::recorded::Recorded;
use super::cancel::Cancel;
use super::cloud::Cloud;
use super::parallel::STACK;
use super::prepare::Script;
use super::scope::{Kind as ScopeKind, Siblings};
use super::{scope, step};
use base::exit::Exit;
use base::report::Report;
use journal::{Journal, StateDir};
use probe::Prober;
use script::fault;
use script::host::{Host, Scripted, Stop};
use script::library::Change;
use script::names::Names;
use script::sources::Library;

/// What changed, what is recorded, and what would become of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forecast {
    pub run: String,
    pub files: Vec<Change>,
    pub recorded: Tally,
    /// Why only names could be compared, where that is so.
    pub names_only: Option<String>,
    pub reused: Vec<Row>,
    /// Not recorded so far.
    pub new: Vec<Row>,
    pub changed_input: Vec<Changed>,
    /// Recorded, but the scripts do not come to it any more.
    pub orphaned: Vec<Orphan>,
    pub tried_again: Vec<Again>,
    pub untold: Vec<Untold>,
}

impl Forecast {
    /// Whether all that is recorded is used as it is.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        let told = self.untold.iter().all(|untold| untold.recorded.is_empty());
        told && self.changed_input.is_empty() && self.orphaned.is_empty()
    }
}

/// How much is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub steps: usize,
    pub effects: usize,
    pub waits: usize,
    pub values: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Step,
    Effect,
    Wait,
    /// Of `run::now`, `run::uuid` or `run::random`.
    Value,
}

impl Kind {
    /// Returns what people call one.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Effect => "effect",
            Self::Wait => "wait",
            Self::Value => "value",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    pub key: String,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Changed {
    pub key: String,
    pub recorded: Value,
    pub asked: Value,
    /// What the recorded one made.
    pub made: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Orphan {
    pub key: String,
    pub kind: Kind,
    /// What it made, itself or in it, and what stays in AWS.
    pub made: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Again {
    pub key: String,
    pub kind: Kind,
    pub because: Because,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    Failed,
    CutOff,
    InDoubt,
    /// What was answered is not what is asked now.
    OtherQuestion,
}

/// Where the replay could not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Untold {
    /// What has no value yet that the scripts go on with.
    pub after: Option<After>,
    /// What the scripts ran into where it is no such value.
    pub error: Option<String>,
    /// What is recorded and may or may not be come to.
    pub recorded: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct After {
    pub key: String,
    pub why: Why,
}

/// Why something has no value yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    New,
    TriedAgain,
    ChangedInput,
}

/// What a forecast is made of.
pub struct Question<'a> {
    pub journal: &'a Journal,
    /// Where other runs are, which scripts may read.
    pub state_dir: StateDir,
    pub edited: &'a Library,
    pub files: Vec<Change>,
    /// As the edited scripts would get them.
    pub params: Value,
    /// None for scripts that do not use AWS; the reason where it cannot be reached.
    pub cloud: Result<Option<Box<dyn Cloud>>, String>,
    pub prober: Arc<dyn Prober>,
    pub cancel: Cancel,
    pub limits: Limits,
}

/// When a forecast gives up: it is waited for, and what is beyond is told as not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A read that is under way is waited for.
    pub time: Duration,
    pub reads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_mins(1),
            reads: 500,
        }
    }
}

/// Finds out what a resume with the edited scripts would do. Nothing is written and nothing is changed.
pub fn forecast(question: Question) -> Result<Forecast, Report> {
    let entries = question.journal.entries()?;
    let recorded = Recorded::of(question.journal, &entries)?;
    let names = Names::of(question.edited);
    let mut forecast = Forecast {
        run: question.journal.id().to_string(),
        files: question.files,
        recorded: recorded.tally(),
        names_only: None,
        reused: Vec::new(),
        new: Vec::new(),
        changed_input: Vec::new(),
        orphaned: Vec::new(),
        tried_again: Vec::new(),
        untold: Vec::new(),
    };
    match question.cloud {
        Ok(cloud) => {
            let reads = Reads::new(cloud, question.journal.id().as_str());
            let mut dry = Dry::new(
                &entries,
                &recorded,
                reads,
                question.state_dir,
                question.prober,
                question.cancel,
                question.limits,
            );
            dry.library = question.edited.clone();
            let dry = Arc::new(dry);
            replay(&dry, question.edited, &question.params)?;
            sorted::sort(&recorded, &dry.seen(), &names, &mut forecast);
        }
        Err(why) => {
            forecast.names_only = Some(why);
            by_name::sort(&recorded, &names, &mut forecast);
        }
    }
    Ok(forecast)
}

/// Runs `main` dry, on a thread with room for deep scripts.
fn replay(dry: &Arc<Dry>, library: &Library, params: &Value) -> Result<(), Report> {
    let work = || {
        let host: Arc<dyn Host> = Arc::clone(dry) as Arc<dyn Host>;
        let watched = Arc::clone(dry);
        let script = Script::new(library, &host, |engine| {
            engine.on_progress(move |_| watched.spent().then(|| Dynamic::from(Stop::Cancelled)));
        })?;
        let main = || -> Scripted<Value> { step::value_of(&|| script.call("main", params)) };
        let result = scope::within("", ScopeKind::Branch(Siblings::default()), main);
        if let Err(error) = result {
            dry.ended("", fault::trouble(&error, library).fault);
        }
        Ok(())
    };
    let broken = |message: String| Report::new(Exit::Failed, message);
    let result = std::thread::scope(|threads| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        match thread.spawn_scoped(threads, work) {
            Ok(thread) => thread.join().unwrap_or_else(|_| {
                Err(broken(
                    "the forecast broke off: this is a defect of runbook, please report it".into(),
                ))
            }),
            Err(error) => Err(broken(format!(
                "no thread can be started for the script: {error}"
            ))),
        }
    });
    if dry.is_cancelled() {
        return Err(Report::new(
            Exit::Interrupted,
            "interrupted; nothing was done",
        ));
    }
    result
}
