//! What to type after a run has failed: only what can work.

use std::path::Path;

use crate::caught_failures;
use base::fault::Fault;
use base::shell::quoted;
use journal::entry::{Entry, RunStarted};
use script::fault;

/// A command, and what it is for where that needs saying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub purpose: Option<String>,
    pub command: String,
}

impl Way {
    #[must_use]
    pub fn plain(command: String) -> Self {
        Self {
            purpose: None,
            command,
        }
    }

    #[must_use]
    pub fn to(purpose: impl Into<String>, command: String) -> Self {
        Self {
            purpose: Some(purpose.into()),
            command,
        }
    }
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.purpose {
            Some(purpose) => write!(f, "{purpose}: {}", self.command),
            None => f.write_str(&self.command),
        }
    }
}

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
    pub fn ways(&self, command: &str, started: &RunStarted) -> Vec<Way> {
        let id = &started.id;
        let resume = format!("{command} resume {id}");
        let edited = format!("{resume} --edited");
        match self {
            Self::Script { place } => match fault::in_copy(place) {
                None => vec![Way::to(format!("correct `{place}`, then"), edited)],
                Some(place) => vec![
                    copy(command, started),
                    Way::to(format!("correct `{place}` there, then"), edited),
                ],
            },
            Self::Caught { key } => vec![
                back(key, command, id),
                Way::to("to continue with a corrected script", edited),
                Way::to("to start a new run", anew(command, started)),
            ],
            Self::CleanedUp { key } => vec![
                back(key, command, id),
                Way::to("to start a new run", anew(command, started)),
            ],
            Self::Other => vec![Way::plain(resume)],
        }
    }
}

/// A module that is built in has no file to correct; a copy beside the runbook takes its place.
fn copy(command: &str, started: &RunStarted) -> Way {
    let folder = Path::new(&started.runbook).parent();
    let folder = folder.filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new(".")).to_string_lossy();
    Way::to(
        "copy the built-in modules",
        format!(
            "{command} init {}",
            quoted(&from_here(&started.directory, &folder))
        ),
    )
}

fn back(key: &str, command: &str, id: &str) -> Way {
    Way::to(
        format!("to repeat `{key}` and everything after it"),
        format!("{command} rewind {id} --to {}", quoted(key)),
    )
}

/// Returns the ways to say what became of an effect in doubt; `made` is what it may have made.
#[must_use]
pub fn resolutions(command: &str, id: &str, key: &str, made: Option<&str>) -> [Way; 3] {
    let resolve = format!("{command} resolve {id} {}", quoted(key));
    let made = made.map_or("VALUE".to_owned(), quoted);
    [
        Way::to(
            "if the call was done",
            format!("{resolve} --adopt {made} --why TEXT"),
        ),
        Way::to(
            "if the call was not done, to repeat it",
            format!("{resolve} --retry --why TEXT"),
        ),
        Way::to(
            "if the call was not done, to treat it as failed",
            format!("{resolve} --failed --why TEXT"),
        ),
    ]
}

/// Returns the command that starts a run as this one was started.
#[must_use]
pub fn anew(command: &str, started: &RunStarted) -> String {
    let file = |name: &String| quoted(&from_here(&started.directory, name));
    let sites = started.settings.site.iter();
    let sites = sites.map(|site| format!(" --site {}", file(site)));
    let sets = started.settings.set.iter();
    let sets = sets.map(|set| format!(" --set {}", quoted(set)));
    let typed: String = sites.chain(sets).collect();
    format!("{command} run {}{typed}", file(&started.runbook))
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
