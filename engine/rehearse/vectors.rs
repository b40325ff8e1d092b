//! AWS's own protocol vectors, for the tests.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::cache::{self, unusable};
use super::error::RehearseError;
use super::pip;
use super::provision::Provisioned;
use super::sources;

const TASK: &str = "fetch AWS's protocol vectors";

/// Returns the folder that has the vectors: `input/`, `output/` and the ignore list.
pub fn protocol_vectors(
    provisioned: &Provisioned,
    progress: &dyn Fn(&str),
) -> Result<PathBuf, RehearseError> {
    let key = sources::digest_of([sources::VECTORS, sources::EXTRACT]);
    let folder = cache::once(
        &provisioned.cache,
        &format!("vectors-{key}"),
        progress,
        |folder| {
            progress("fetching AWS's protocol vectors (about 15 MB, once)");
            fetch(&provisioned.python, folder)
        },
    )?;
    Ok(folder.join("protocols"))
}

/// Downloads the pinned source distribution and takes the vectors out of it.
fn fetch(python: &Path, folder: &Path) -> Result<(), RehearseError> {
    let requirements = folder.join("vectors.txt");
    fs::write(&requirements, sources::VECTORS).map_err(|source| unusable(&requirements, source))?;
    let download = folder.join("download");
    // Without build isolation pip takes the environment's own setuptools, which is pinned.
    let options = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--require-hashes",
    ];
    let sources_only = ["--no-build-isolation", "--no-binary", ":all:"];
    let mut arguments: Vec<OsString> = options
        .into_iter()
        .chain(sources_only)
        .map(OsString::from)
        .collect();
    arguments.extend(["--dest".into(), download.clone().into_os_string()]);
    arguments.extend(["--requirement".into(), requirements.into_os_string()]);
    pip::run(python.as_os_str(), &arguments, TASK)?;
    extract(python, &download, &folder.join("protocols"))?;
    fs::remove_dir_all(&download).map_err(|source| unusable(&download, source))
}

fn extract(python: &Path, download: &Path, target: &Path) -> Result<(), RehearseError> {
    let entries = fs::read_dir(download).map_err(|source| unusable(download, source))?;
    for entry in entries.flatten() {
        let arguments: [OsString; 4] = [
            "-c".into(),
            sources::EXTRACT.into(),
            entry.path().into(),
            target.into(),
        ];
        pip::run(python.as_os_str(), &arguments, TASK)?;
    }
    Ok(())
}
