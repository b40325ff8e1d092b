//! A command that is still running.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr};

use rustix::process::{Pid, Signal, kill_process};

use super::{Ended, Test};

/// Killed when it is dropped.
pub(crate) struct Live {
    child: Child,
    stderr: BufReader<ChildStderr>,
    told: String,
}

impl Test {
    /// Starts a command and returns once a line of its stderr has `text`.
    #[track_caller]
    pub(crate) fn live(&self, args: &[&str], text: &str) -> Live {
        let mut child = self.spawn(args);
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let mut live = Live {
            child,
            stderr,
            told: String::new(),
        };
        live.until(text);
        live
    }
}

impl Live {
    /// Reads stderr up to a line that has `text`.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) {
        loop {
            let start = self.told.len();
            let read = self.stderr.read_line(&mut self.told).unwrap();
            assert!(read > 0, "it ended without `{text}`:\n{}", self.told);
            if self.told[start..].contains(text) {
                return;
            }
        }
    }

    /// Returns what it has said on stderr so far.
    pub(crate) fn told(&self) -> &str {
        &self.told
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Returns the id of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Ended {
        self.stderr.read_to_string(&mut self.told).unwrap();
        let mut stdout = String::new();
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_string(&mut stdout).unwrap();
        }
        let code = self.child.wait().unwrap().code();
        Ended {
            code,
            stdout,
            stderr: std::mem::take(&mut self.told),
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // It may have ended already, and that is no failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
