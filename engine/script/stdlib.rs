//! The modules that are built into the binary.

use include_dir::{Dir, include_dir};

use crate::library_error::RUNBOOK;
use crate::source_names::{alias, source};
use base::source::Source;

static STDLIB: Dir = include_dir!("$CARGO_MANIFEST_DIR/../../stdlib");

/// Returns the names of the modules that are built in, sorted.
pub(super) fn built_in() -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![&STDLIB];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        let paths = folder.files().filter_map(|file| file.path().to_str());
        names.extend(paths.filter_map(|path| Some(path.strip_suffix(RUNBOOK)?.to_owned())));
    }
    names.sort();
    names
}

/// Returns the paths of the built-in modules that are imported under this name.
pub(super) fn named(name: &str) -> Vec<String> {
    let paths = built_in().into_iter();
    paths.filter(|path| alias(path) == name).collect()
}

/// Returns a module that is built in.
pub(super) fn module(name: &str) -> Option<Source> {
    Some(source(
        name,
        None,
        text(&format!("{name}{RUNBOOK}"))?.into(),
    ))
}

/// Returns the text of a file that is built in.
pub(super) fn text(file: &str) -> Option<&'static str> {
    STDLIB.get_file(file)?.contents_utf8()
}
