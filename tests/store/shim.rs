//! The library that stands between a process and its calls to the system, compiled when a test first needs it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/store/shim.c");

/// Error numbers of Linux.
pub(crate) const NO_SPACE: u32 = 28;
pub(crate) const BROKEN: u32 = 5;

/// Returns the environment that puts the shim in front of a process, told to do what `name` and `value` say.
pub(crate) fn shim(name: &'static str, value: String) -> [(&'static str, String); 2] {
    let library = library().display().to_string();
    [("LD_PRELOAD", library), (name, value)]
}

/// Returns the library; what compiles it is what links every Rust program.
fn library() -> PathBuf {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        compile(&file(&folder));
        folder
    });
    file(folder)
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("shim.so")
}

fn compile(library: &Path) {
    let output = Command::new("cc")
        .args(["-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-o"])
        .arg(library)
        .args([SOURCE, "-ldl"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
