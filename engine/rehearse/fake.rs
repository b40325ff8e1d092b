//! Programs for the tests to run.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes an executable shell script.
pub(super) fn script(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("python3");
    // Written by another process: a file open for writing here is inherited by whatever another test
    // starts at that moment, and cannot be executed until that has ended.
    let status = Command::new("sh")
        .args([
            "-c",
            "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$0\" && chmod +x \"$0\"",
        ])
        .arg(&path)
        .arg(text)
        .status();
    assert!(status.unwrap().success());
    path
}
