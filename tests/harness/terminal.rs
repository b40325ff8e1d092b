//! A command at a terminal: a person reads what it says, and types.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::{Ended, Test};

/// Killed when it is dropped.
pub(crate) struct Terminal {
    child: Child,
    master: File,
    said: String,
}

impl Test {
    /// Starts a command whose standard input and error are a terminal, and returns once it has said `text`.
    #[track_caller]
    pub(crate) fn at_terminal(&self, args: &[&str], text: &str) -> Terminal {
        self.at_terminal_after("", args, text)
    }

    /// The same where `typed` was typed before the command began.
    #[track_caller]
    pub(crate) fn at_terminal_after(&self, typed: &str, args: &[&str], text: &str) -> Terminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let open = || {
            let mut options = OpenOptions::new();
            options.read(true).write(true);
            options.open(name.to_str().unwrap()).unwrap()
        };
        let (input, output) = (open(), open());
        let mut master = File::from(master);
        master.write_all(typed.as_bytes()).unwrap();
        let child = self
            .command(args)
            .stdin(input)
            .stderr(output)
            .spawn()
            .unwrap();
        let mut terminal = Terminal {
            child,
            master,
            said: String::new(),
        };
        terminal.until(text);
        terminal
    }
}

impl Terminal {
    /// Reads until it has said `text` after what was read before.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) {
        let from = self.said.len();
        while !self.said[from..].contains(text) {
            assert!(self.read(), "it ended without `{text}`:\n{}", self.said);
        }
    }

    /// The end of a terminal is an error to its reader.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let Ok(count @ 1..) = self.master.read(&mut bytes) else {
            return false;
        };
        self.said
            .push_str(&String::from_utf8_lossy(&bytes[..count]));
        true
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Ended {
        while self.read() {}
        let mut stdout = String::new();
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_string(&mut stdout).unwrap();
        }
        Ended {
            code: self.child.wait().unwrap().code(),
            stdout,
            stderr: std::mem::take(&mut self.said),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended already, and that is no failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
