//! A process that has a run, or wants it.

use std::process::Child;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use journal::{
    self,
    entry::{Entry, Record},
};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use crate::harness::{Ended, Test};

pub(crate) const RUN: [&str; 2] = ["run", "hold.rhai"];
const RUNBOOK: &str = "fn main(params) { log::info(`held`); run::sleep(`1h`) }";
/// What hangs has failed; what does not is done long before.
const PATIENCE: Duration = Duration::from_mins(1);

/// Killed when it is dropped.
pub(crate) struct Holder {
    pid: Pid,
    ended: Receiver<Ended>,
}

/// Returns a test with a runbook that is never done.
pub(crate) fn test() -> Test {
    Test::new().file("hold.rhai", RUNBOOK)
}

/// Returns how many processes have executed the only run.
pub(crate) fn holds(test: &Test) -> u32 {
    let begins =
        |entry: &&Entry| matches!(entry.record, Record::RunStarted(_) | Record::RunResumed(_));
    // A line that is being written does not count yet.
    let entries = journal::read(&test.runs()[0]).unwrap();
    u32::try_from(entries.iter().filter(begins).count()).unwrap()
}

impl Holder {
    pub(crate) fn of(child: Child) -> Self {
        let pid = Pid::from_child(&child);
        let (sender, ended) = mpsc::channel();
        thread::spawn(move || sender.send(child.wait_with_output().unwrap().into()));
        Self { pid, ended }
    }

    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// Returns the one that goes on and how the other ended.
    #[track_caller]
    pub(crate) fn first_to_end(both: [Self; 2]) -> (Self, Ended) {
        let [first, second] = both;
        for _ in 0..PATIENCE.as_millis() / 10 {
            if let Ok(ended) = first.ended.recv_timeout(Duration::from_millis(5)) {
                return (second, ended);
            }
            if let Ok(ended) = second.ended.recv_timeout(Duration::from_millis(5)) {
                return (first, ended);
            }
        }
        panic!("both have the run");
    }

    /// Returns once it has recorded that it executes the run.
    #[track_caller]
    pub(crate) fn until_attempt(&self, test: &Test, attempt: u32) {
        while test.runs().is_empty() || holds(test) < attempt {
            if let Ok(ended) = self.ended.try_recv() {
                panic!("it ended: {}", ended.stderr);
            }
            thread::yield_now();
        }
    }

    /// Returns once it has stopped itself.
    pub(crate) fn until_stopped(&self) {
        let (_, status) = waitpid(Some(self.pid), WaitOptions::UNTRACED)
            .unwrap()
            .unwrap();
        assert!(status.stopped(), "{status:?}");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Returns how it ended; it has to do so without being asked.
    #[track_caller]
    pub(crate) fn ended(&self) -> Ended {
        self.ended.recv_timeout(PATIENCE).expect("it does not end")
    }

    pub(crate) fn kill(self) {
        self.signal(Signal::KILL);
        self.ended();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // It may have ended already, and that is no failure.
        let _ = kill_process(self.pid, Signal::KILL);
    }
}
