//! The emulator's Python environment, made on first use.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::cache::{self, unusable};
use super::error::RehearseError;
use super::pip;
use super::python::{self, Python};
use super::sources;

/// An environment with the emulator's packages, and the emulator's files.
#[derive(Clone, Debug)]
pub struct Provisioned {
    /// The environment's Python.
    pub python: PathBuf,
    /// The folder to run `python -m emulator` in.
    pub(super) sources: PathBuf,
    /// Where what else is provisioned goes.
    pub(super) cache: PathBuf,
}

/// Returns the environment, made if it is not there; that needs a package index, and takes about half a minute.
pub fn provision(progress: &dyn Fn(&str)) -> Result<Provisioned, RehearseError> {
    provision_in(&cache::root()?, &python::find()?, progress)
}

fn provision_in(
    root: &Path,
    python: &Python,
    progress: &dyn Fn(&str),
) -> Result<Provisioned, RehearseError> {
    let key = sources::digest_of([sources::REQUIREMENTS, &python.identity]);
    let environment = cache::once(root, &format!("python-{key}"), progress, |folder| {
        install(folder, python, progress)
    })?;
    let files = cache::once(
        root,
        &format!("emulator-{}", sources::digest()),
        progress,
        |folder| sources::write(folder).map_err(|source| unusable(folder, source)),
    )?;
    Ok(Provisioned {
        python: environment.join("venv/bin/python"),
        sources: files,
        cache: root.to_owned(),
    })
}

fn install(folder: &Path, python: &Python, progress: &dyn Fn(&str)) -> Result<(), RehearseError> {
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, sources::REQUIREMENTS)
        .map_err(|source| unusable(&requirements, source))?;
    let environment = folder.join("venv");
    progress("making a Python environment for the AWS emulator");
    let make = [
        OsStr::new("-m"),
        OsStr::new("venv"),
        environment.as_os_str(),
    ];
    pip::run(&python.program, &make, "make a Python environment")?;
    progress("installing the AWS emulator (about 60 MB, once)");
    let options = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--requirement",
    ];
    let mut arguments: Vec<OsString> = options.map(OsString::from).to_vec();
    arguments.push(requirements.into());
    pip::run(
        environment.join("bin/python").as_os_str(),
        &arguments,
        "install the AWS emulator",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    /// A Python that makes environments, in which it is itself the Python; its pip is `pip`.
    fn python(folder: &Path, pip: &str) -> Python {
        let make = "mkdir -p $3/bin && cp $0 $3/bin/python";
        let program = fake::script(
            folder,
            &format!("if [ $2 = venv ]; then {make}; else {pip}; fi"),
        );
        Python {
            program: program.into(),
            identity: "3.13 fake".into(),
        }
    }

    #[test]
    fn an_environment_is_made_once_and_has_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("cache");
        let python = python(folder.path(), "true");
        let provisioned = provision_in(&root, &python, &|_| ()).unwrap();
        assert!(provisioned.python.is_file());
        assert!(provisioned.sources.join("emulator/__main__.py").is_file());
        let told = std::cell::RefCell::new(Vec::new());
        provision_in(&root, &python, &|line| {
            told.borrow_mut().push(line.to_owned());
        })
        .unwrap();
        assert!(told.borrow().is_empty(), "made again: {told:?}");
    }

    #[test]
    fn another_python_has_another_environment() {
        let folder = tempfile::tempdir().unwrap();
        let python = python(folder.path(), "true");
        let first = provision_in(folder.path(), &python, &|_| ()).unwrap();
        let newer = Python {
            identity: "3.14 fake".into(),
            ..python
        };
        let second = provision_in(folder.path(), &newer, &|_| ()).unwrap();
        assert_ne!(first.python, second.python);
    }

    #[test]
    fn what_pip_said_last_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let python = python(
            folder.path(),
            "echo 'ERROR: no matching distribution' >&2; exit 1",
        );
        let error = provision_in(folder.path(), &python, &|_| ()).unwrap_err();
        let RehearseError::Pip { task, lines } = error else {
            panic!("{error}")
        };
        assert_eq!(task, "install the AWS emulator");
        assert_eq!(lines, ["ERROR: no matching distribution"]);
    }
}
