//! Finding a Python that can make the emulator's environment.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::process::{Command, Output, Stdio};

use super::error::RehearseError;

/// Says its version before it tries what may be missing; runs on any Python, so that an old one can say so.
const PROBE: &str = r#"
import sys
sys.stdout.write("%d.%d %s\n" % (sys.version_info[0], sys.version_info[1], sys.executable))
sys.stdout.flush()
import venv, ensurepip
"#;

/// A Python that is new enough and has `venv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Python {
    pub(super) program: OsString,
    /// Version and path, for the environment's key: an environment does not outlive its Python.
    pub(super) identity: String,
}

/// Returns the Python of `RUNBOOK_PYTHON`, else `python3`.
pub(super) fn find() -> Result<Python, RehearseError> {
    let program = std::env::var_os("RUNBOOK_PYTHON").unwrap_or_else(|| "python3".into());
    check(&program)
}

fn check(program: &OsStr) -> Result<Python, RehearseError> {
    let name = program.to_string_lossy().into_owned();
    let output = match command(program).args(["-c", PROBE]).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(RehearseError::PythonMissing { program: name });
        }
        Err(error) => {
            return Err(RehearseError::PythonBroken {
                program: name,
                lines: vec![error.to_string()],
            });
        }
    };
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let identity = told.lines().next().unwrap_or_default().to_owned();
    let Some(version) = version(&identity) else {
        return Err(RehearseError::PythonBroken {
            program: name,
            lines: last_lines(&output),
        });
    };
    if version < (3, 9) {
        let version = format!("{}.{}", version.0, version.1);
        return Err(RehearseError::PythonTooOld {
            program: name,
            version,
        });
    }
    if !output.status.success() {
        return Err(RehearseError::VenvMissing {
            program: name,
            lines: last_lines(&output),
        });
    }
    Ok(Python {
        program: program.to_owned(),
        identity,
    })
}

fn version(identity: &str) -> Option<(u32, u32)> {
    let (major, minor) = identity.split_once(' ')?.0.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Returns a command for a Python that the caller's own Python settings do not reach.
pub(super) fn command(program: &OsStr) -> Command {
    let mut command = Command::new(program);
    command
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .stdin(Stdio::null());
    command
}

/// Returns the last lines that a failed program said, on whichever stream.
pub(super) fn last_lines(output: &Output) -> Vec<String> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let said = if stderr.trim().is_empty() {
        stdout
    } else {
        stderr
    };
    tail(&said)
}

pub(super) fn tail(said: &str) -> Vec<String> {
    let lines: Vec<&str> = said
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    let from = lines.len().saturating_sub(5);
    lines[from..]
        .iter()
        .map(|line| (*line).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    fn checked(script: &str) -> Result<Python, RehearseError> {
        let folder = tempfile::tempdir().unwrap();
        check(fake::script(folder.path(), script).as_os_str())
    }

    #[test]
    fn a_missing_python_is_named() {
        let error = check(OsStr::new("/nowhere/python3")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`/nowhere/python3` was not found, and the emulator needs Python 3.9 or newer"
        );
    }

    #[test]
    fn an_old_python_is_refused_even_if_it_has_no_venv() {
        let error = checked("echo '3.6 /usr/bin/python3'; exit 1").unwrap_err();
        assert!(matches!(error, RehearseError::PythonTooOld { version, .. } if version == "3.6"));
    }

    #[test]
    fn a_python_without_venv_is_refused() {
        let error =
            checked("echo '3.12 /usr/bin/python3'; echo 'No module named ensurepip' >&2; exit 1")
                .unwrap_err();
        let RehearseError::VenvMissing { lines, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(lines, ["No module named ensurepip"]);
    }

    #[test]
    fn what_is_no_python_is_refused() {
        let error = checked("echo hello").unwrap_err();
        assert!(matches!(error, RehearseError::PythonBroken { lines, .. } if lines == ["hello"]));
    }

    #[test]
    fn a_new_python_with_venv_is_taken() {
        let python = checked("echo '3.13 /opt/python3'").unwrap();
        assert_eq!(python.identity, "3.13 /opt/python3");
    }
}
