//! Why sources cannot be loaded.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use base::exit::Exit;
use base::report::Report;
use base::shell;
use base::shell::quoted;

/// A chain of imports is loaded as deep as it is long, and that takes time by the square.
pub(super) const DEEPEST: usize = 64;

/// Each called runbook needs room on the stack for calls of its own.
pub(super) const DEEPEST_CALLS: usize = 8;

/// How the file of a runbook ends; a module is named without.
pub(super) const RUNBOOK: &str = ".rhai";

/// As many as Rhai takes.
pub(super) const MOST: usize = 1_000;

#[derive(Debug, Error)]
pub enum LibraryError {
    #[error("cannot read `{path}`: {cause}")]
    Unreadable { path: String, cause: io::Error },
    #[error("`{path}` is not UTF-8 text")]
    NotText { path: String },
    #[error("`{path}` is {what}, not a file")]
    NoFile { path: String, what: &'static str },
    #[error("`{path}` is larger than 1 MiB")]
    TooLarge { path: String },
    #[error("the {} `{name}` is not found", if name.ends_with(RUNBOOK) { "runbook" } else { "module" })]
    Unknown {
        name: String,
        looked: Vec<String>,
        nearest: Option<String>,
    },
    #[error("the import path `{name}` leaves the folders of the modules")]
    Outside { name: String, why: String },
    #[error("modules import each other in a circle: {}", .chain.join(" -> "))]
    Circle { chain: Vec<String> },
    #[error("imports are nested {DEEPEST} levels deep at `{name}`, which is the limit")]
    TooDeep { name: String },
    #[error("runbooks call each other in a circle: {}", .chain.join(" -> "))]
    CallCircle { chain: Vec<String> },
    #[error(
        "calls of runbooks are nested {DEEPEST_CALLS} levels deep at `{name}`, which is the limit"
    )]
    CallsTooDeep { name: String },
    #[error("the runbook imports more than {MOST} modules")]
    TooMany,
}

/// Says what to try for a path where nothing is: a name like it beside it, else what there is.
fn instead_of(path: &Path) -> String {
    let parent = folder_of(path);
    let exists = |folder: &&Path| folder.is_dir();
    let folder = parent.ancestors().find(exists).unwrap_or(Path::new("."));
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match base::nearest::nearest(&name, names.iter().map(String::as_str)) {
        Some(near) if folder == parent => {
            format!("did you mean `{}`?", path.with_file_name(near).display())
        }
        _ => format!("list the folder: ls {}", shell::path(folder)),
    }
}

impl From<LibraryError> for Report {
    fn from(error: LibraryError) -> Self {
        let report = Self::new(Exit::Usage, error.to_string());
        match error {
            LibraryError::Unreadable { path, cause } if cause.kind() == io::ErrorKind::NotFound => {
                report.hint(instead_of(Path::new(&path)))
            }
            LibraryError::Unreadable { path, .. }
            | LibraryError::NotText { path }
            | LibraryError::NoFile { path, .. }
            | LibraryError::TooLarge { path } => {
                let path = quoted(&path);
                report.hint(format!("inspect the file: ls -ld {path}; file {path}"))
            }
            LibraryError::Unknown {
                looked, nearest, ..
            } => {
                let report = report.cause(format!("looked in {}", looked.join(", ")));
                match nearest {
                    Some(nearest) if nearest.ends_with(RUNBOOK) => {
                        report.hint(format!("there is a file `{nearest}`"))
                    }
                    Some(nearest) => report.hint(format!("there is a module `{nearest}`")),
                    None => report,
                }
            }
            LibraryError::Outside { why, .. } => report
                .cause(why)
                .hint("put the module beside the runbook or into `stdlib/`, and import it by name"),
            LibraryError::TooDeep { .. } | LibraryError::TooMany => {
                report.hint("merge related modules into one")
            }
            LibraryError::CallCircle { .. } => report
                .hint("such a run never ends: move the repeated part into a function or a module"),
            LibraryError::CallsTooDeep { .. } => {
                report.hint("call the runbooks one after the other from one runbook")
            }
            LibraryError::Circle { .. } => report.hint("move what both need into a third module"),
        }
    }
}

/// Returns the folder that a path lies in; a mere name lies in the current one.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}
