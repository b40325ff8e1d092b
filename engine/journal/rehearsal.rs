//! Whether a run is rehearsed: only the process of `rehearse` knows, so a run asks that process each time.
//!
//! `rehearse` listens at a socket in a directory that its user alone can enter, and starts its runs with the socket's
//! path in a variable. The variable by itself proves nothing: no answer means no rehearsal.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::entry::Target;

/// The socket of the rehearsal that started the run.
pub const VARIABLE: &str = "RUNBOOK_REHEARSAL";

/// The other side answers from memory.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A run, with its whole target, and what it wants.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Question {
    pub target: Option<Target>,
    pub wish: Wish,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// To be executed, or killed at an entry, as a rehearsal.
    Run,
    /// An approval that no person gives.
    Approval,
    /// To have this effect outside AWS.
    Effect(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// No run of this rehearsal, or nothing that a rehearsal gives.
    No,
    /// Granted; an effect is answered by a stub.
    Rehearsed,
    /// `--allow-outside`: the effect is to happen.
    ForReal,
}

/// Returns whether the run says that it is rehearsed.
#[must_use]
pub fn is_claimed() -> bool {
    socket().is_some()
}

/// Returns whether a rehearsal grants this to the run with this target.
#[must_use]
pub fn grants(target: Option<&Target>, wish: Wish) -> bool {
    matches!(ask(target, wish), Ok(Answer::Rehearsed))
}

/// Asks the rehearsal that is said to have started the run.
pub fn ask(target: Option<&Target>, wish: Wish) -> io::Result<Answer> {
    let socket = socket().ok_or(io::ErrorKind::NotFound)?;
    let target = target.cloned();
    exchange(&socket, &Question { target, wish })
}

fn socket() -> Option<PathBuf> {
    let value = std::env::var_os(VARIABLE).filter(|value| !value.is_empty());
    value.map(PathBuf::from)
}

fn exchange(socket: &Path, question: &Question) -> io::Result<Answer> {
    let (folder, name) = open(socket)?;
    if !is_private(&folder)? {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut stream = UnixStream::connect(within(&folder, &name))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let mut line = serde_json::to_vec(question)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}

/// Opens the folder of a socket; returns it and the socket's name.
fn open(socket: &Path) -> io::Result<(File, PathBuf)> {
    let (Some(folder), Some(name)) = (socket.parent(), socket.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    Ok((File::open(folder)?, name.into()))
}

/// Nobody else could have put a socket there.
fn is_private(folder: &File) -> io::Result<bool> {
    let metadata = folder.metadata()?;
    let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
    Ok(metadata.is_dir() && is_ours && metadata.mode() & 0o777 == 0o700)
}

/// Returns a path into an open folder that is short enough for a socket's address.
#[must_use]
pub fn within(folder: &File, name: &Path) -> PathBuf {
    Path::new("/proc/self/fd")
        .join(folder.as_raw_fd().to_string())
        .join(name)
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_socket_in_a_folder_that_others_may_enter_is_not_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        listener.set_nonblocking(true).unwrap();
        set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let question = Question {
            target: None,
            wish: Wish::Run,
        };
        let error = exchange(&path, &question).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        let error = listener.accept().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }
}
