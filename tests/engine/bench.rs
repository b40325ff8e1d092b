//! Starts and resumes runs as the command line does, without the command line.

use std::cell::Cell;
use std::fs::{DirBuilder, read_to_string, write};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::report::Report;
use journal::entry::Target;
use journal::{Journal, RunId, StateDir};
use run::cancel::Cancel;
use run::control::Manner;
use run::event::{Event, Watch};
use run::life::{self, Connected};
use run::prepare::{Prepared, Request, prepare};
use run::surroundings::Surroundings;
use script::sources::Library;
use tempfile::TempDir;

use super::aws::Aws;
use super::ended::Ended;
use super::log::Log;

/// A runbook, an AWS, and as many state directories as there are attempts.
pub(super) struct Bench {
    folder: TempDir,
    pub(super) aws: Aws,
    window: Duration,
    interrupt: Option<fn(&Event) -> bool>,
    hear: Option<Hear>,
    attempts: Cell<u32>,
}

impl Bench {
    /// Returns a bench with a runbook whose `main` is these statements.
    pub(super) fn new(main: &str) -> Self {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
            aws: Aws::default(),
            window: Duration::ZERO,
            interrupt: None,
            hear: None,
            attempts: Cell::new(0),
        };
        bench.edit(main);
        bench
    }

    /// Puts other statements into `main`.
    pub(super) fn edit(&self, main: &str) {
        let mut script = String::new();
        for service in ["ec2", "sns"]
            .iter()
            .filter(|service| main.contains(**service))
        {
            script = format!("{script}import \"aws/{service}\" as {service};\n");
        }
        self.write(&format!("{script}fn main(params) {{\n{main}\n}}\n"));
    }

    /// Puts the whole runbook.
    pub(super) fn write(&self, script: &str) {
        write(self.runbook(), script).unwrap();
    }

    /// Puts another script beside the runbook.
    pub(super) fn beside(&self, name: &str, script: &str) {
        write(self.folder.path().join(name), script).unwrap();
    }

    pub(super) fn read(&self) -> String {
        read_to_string(self.runbook()).unwrap()
    }

    /// Lets look-ups be repeated for so long; without it they are not.
    pub(super) fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Types Ctrl-C when the run tells of such an event.
    pub(super) fn interrupt_at(mut self, event: fn(&Event) -> bool) -> Self {
        self.interrupt = Some(event);
        self
    }

    /// Lets the test hear what the run tells, as it tells it.
    pub(super) fn hear(mut self, hear: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.hear = Some(Arc::new(hear));
        self
    }

    pub(super) fn start(&self) -> Ended {
        let request = Request {
            runbook: self.runbook(),
            ..Request::default()
        };
        let prepared = prepare(&request).unwrap_or_else(|reports| panic!("{reports:?}"));
        let connected = self.connected(&prepared);
        let state_dir = self.new_state_dir();
        let (watch, around) = self.around(&state_dir);
        let result = life::start(&request, prepared, connected, Manner::default(), around);
        let id = state_dir.ids().unwrap().pop().unwrap();
        ended(&state_dir, id, result, &watch)
    }

    /// Resumes a copy of what a run left behind.
    pub(super) fn resume(&self, log: &Log) -> Ended {
        self.resume_with(log, None)
    }

    /// Resumes with the runbook as it is now.
    pub(super) fn resume_edited(&self, log: &Log) -> Ended {
        self.resume_with(log, Some(Library::load(&self.runbook(), &[]).unwrap()))
    }

    /// Resumes a run that is open.
    pub(super) fn go_on(&self, journal: Journal) -> Ended {
        self.run(journal, None)
    }

    fn resume_with(&self, log: &Log, edited: Option<Library>) -> Ended {
        self.run(self.open(log), edited)
    }

    fn run(&self, journal: Journal, edited: Option<Library>) -> Ended {
        let (id, dir) = (journal.id().clone(), journal.dir().to_owned());
        let state_dir = StateDir::find(dir.ancestors().nth(2)).unwrap();
        let (watch, around) = self.around(&state_dir);
        let connected = Connected {
            cloud: Box::new(self.aws.clone()),
            target: target(),
        };
        let result = life::resume(journal, edited, Some(connected), Manner::default(), around);
        ended(&state_dir, id, result, &watch)
    }

    /// Opens a copy of what a run left behind.
    pub(super) fn open(&self, log: &Log) -> Journal {
        let state_dir = self.new_state_dir();
        state_dir.prepare().unwrap();
        let dir = state_dir.run_dir(&log.id);
        DirBuilder::new().mode(0o700).create(&dir).unwrap();
        write(dir.join("journal.jsonl"), &log.text).unwrap();
        Journal::open(&state_dir, &log.id).unwrap()
    }

    /// Returns what a command beside a run has around it.
    pub(super) fn surroundings(&self) -> Surroundings {
        self.around(&self.new_state_dir()).1
    }

    fn runbook(&self) -> PathBuf {
        self.folder.path().join("test.rhai")
    }

    fn connected(&self, prepared: &Prepared) -> Option<Connected> {
        let connected = || Connected {
            cloud: Box::new(self.aws.clone()),
            target: target(),
        };
        prepared.library.uses_aws().then(connected)
    }

    /// A state directory of its own each time, as a process opens a run's checkpoints only once.
    fn new_state_dir(&self) -> StateDir {
        self.attempts.set(self.attempts.get() + 1);
        let path = self
            .folder
            .path()
            .join(format!("state-{}", self.attempts.get()));
        StateDir::find(Some(&path)).unwrap()
    }

    fn around(&self, state_dir: &StateDir) -> (Arc<Watcher>, Surroundings) {
        let cancel = Cancel::default();
        self.aws.attach(state_dir.path().to_owned(), &cancel);
        let watch = Arc::new(Watcher {
            events: Mutex::default(),
            interrupt: self.interrupt,
            hear: self.hear.clone(),
            cancel: cancel.clone(),
        });
        let around = Surroundings {
            state_dir: state_dir.clone(),
            watch: watch.clone(),
            cancel,
            outside: Arc::new(self.aws.clone()),
            prober: Arc::new(self.aws.clone()),
            settle_window: self.window,
            fresh_for: Duration::from_mins(1),
            journal_limit: 1 << 30,
        };
        (watch, around)
    }
}

/// Who runs the tests, and where.
pub(super) fn target() -> Target {
    Target {
        account: "123456789012".into(),
        caller: "arn:aws:iam::123456789012:user/ops".into(),
        region: "eu-west-1".into(),
        endpoint: None,
        ..Target::default()
    }
}

fn ended(state_dir: &StateDir, id: RunId, result: Result<(), Report>, watch: &Watcher) -> Ended {
    let text = read_to_string(state_dir.run_dir(&id).join("journal.jsonl")).unwrap();
    let events = watch.events.lock().unwrap().clone();
    Ended {
        result,
        events,
        log: Log { id, text },
    }
}

type Hear = Arc<dyn Fn(&Event) + Send + Sync>;

struct Watcher {
    events: Mutex<Vec<Event>>,
    interrupt: Option<fn(&Event) -> bool>,
    hear: Option<Hear>,
    cancel: Cancel,
}

impl Watch for Watcher {
    fn event(&self, event: &Event) {
        self.events.lock().unwrap().push(event.clone());
        if self.interrupt.is_some_and(|interrupt| interrupt(event)) {
            self.cancel.set();
        }
        if let Some(hear) = &self.hear {
            hear(event);
        }
    }
}
