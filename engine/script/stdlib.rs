//! The modules that are built into the binary.

use include_dir::{Dir, include_dir};

use crate::library_error::RUNBOOK;
use crate::sources::source;
use base::source::Source;

pub(super) static STDLIB: Dir = include_dir!("$CARGO_MANIFEST_DIR/../../stdlib");

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

/// Returns a module that is built in.
pub(super) fn module(name: &str) -> Option<Source> {
    let file = STDLIB.get_file(format!("{name}.rhai"))?;
    Some(source(name, None, file.contents_utf8()?.into()))
}
