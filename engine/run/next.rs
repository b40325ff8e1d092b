//! What to type after a run has failed: only what can work.

use std::path::Path;

use crate::caught_failures;
use base::command::Command;
use base::fault::Fault;
use base::hint::Hint;
use journal::entry::{Entry, RunStarted};
use script::{fault, located};

/// Why a run failed, as far as that decides what to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The script is wrong here, as it will be next time.
    Script { place: String },
    /// The script caught the failure of this key, went on, and failed with it: a resume replays that.
    Caught { key: String },
    /// The body of this key failed, and its cleanup is done: a resume goes back into neither.
    CleanedUp { key: String },
    /// It may be gone by the next time.
    Other,
}

impl Cause {
    /// Returns why the run that has these entries ended with this error.
    #[must_use]
    pub fn of(error: &Fault, entries: &[Entry]) -> Self {
        if let Some(key) = caught_failures::cleaned_up(error, entries) {
            return Self::CleanedUp { key };
        }
        if let Some(key) = caught_failures::thrown_on(error, entries) {
            return Self::Caught { key };
        }
        match &error.place {
            Some(place) if fault::is_mistake(error) => Self::Script {
                place: place.clone(),
            },
            _ => Self::Other,
        }
    }

    /// Returns what takes the run further, or takes its place.
    #[must_use]
    pub fn hints(&self, started: &RunStarted) -> Vec<Hint> {
        let edited = Command::resume(&started.id).args(["--edited"]);
        match self {
            Self::Script { place } => match located::in_copy(place) {
                None => vec![Hint::to(format!("correct `{place}`, then"), edited)],
                Some(place) => vec![
                    copy(started),
                    Hint::to(format!("correct `{place}` there, then"), edited),
                ],
            },
            Self::Caught { key } => vec![
                back(key, started),
                Hint::to("to continue with a corrected script", edited),
                Hint::to("to start a new run", anew(started)),
            ],
            Self::CleanedUp { key } => vec![
                back(key, started),
                Hint::to("to start a new run", anew(started)),
            ],
            Self::Other => vec![Command::resume(&started.id).into()],
        }
    }
}

/// A module that is built in has no file to correct; a copy beside the runbook takes its place.
fn copy(started: &RunStarted) -> Hint {
    let folder = Path::new(&started.runbook).parent();
    let folder = folder.filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new(".")).to_string_lossy();
    let folder = from_here(&started.directory, &folder);
    Hint::to(
        "copy the built-in modules",
        Command::runbook(["init", &folder]),
    )
}

fn back(key: &str, started: &RunStarted) -> Hint {
    Hint::to(
        format!("to repeat `{key}` and everything after it"),
        Command::rewind(&started.id, key),
    )
}

/// Returns the ways to say what became of an effect in doubt; `made` is what it may have made.
#[must_use]
pub fn resolutions(run: &str, key: &str, made: Option<&str>) -> [Hint; 3] {
    let resolve = |verdict: &[&str]| {
        let verdict = verdict.iter().copied();
        Command::resolve(run, key).args(verdict.chain(["--why", "TEXT"]))
    };
    [
        Hint::to(
            "if the call was done",
            resolve(&["--adopt", made.unwrap_or("VALUE")]),
        ),
        Hint::to(
            "if the call was not done, to repeat it",
            resolve(&["--retry"]),
        ),
        Hint::to(
            "if the call was not done, to treat it as failed",
            resolve(&["--failed"]),
        ),
    ]
}

/// Returns the command that starts a run as this one was started.
#[must_use]
pub fn anew(started: &RunStarted) -> Command {
    let file = |name: &String| from_here(&started.directory, name);
    let sites = started.settings.site.iter();
    let sites = sites.flat_map(|site| ["--site".to_owned(), file(site)]);
    let sets = started.settings.set.iter();
    let sets = sets.flat_map(|set| ["--set".to_owned(), set.clone()]);
    let run = ["run".to_owned(), file(&started.runbook)];
    Command::runbook(run.into_iter().chain(sites).chain(sets))
}

/// A file's name is as it was typed where it was typed.
fn from_here(directory: &str, name: &str) -> String {
    let is_here = std::env::current_dir().is_ok_and(|here| here == Path::new(directory));
    let there = Path::new(directory).join(name);
    if is_here || !there.exists() {
        return name.to_owned();
    }
    there.display().to_string()
}
