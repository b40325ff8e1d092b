//! The way of a run's events to the one who watches, and of an answer back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::cancel::Cancel;
use super::event::{Asked, Event, Watch};
use journal::entry::RunStarted;

pub(super) struct Emitter {
    watch: Arc<dyn Watch>,
    /// Whether the one who watches knows the run: a tick becomes one late.
    announced: AtomicBool,
    /// Held while a person is asked.
    asking: Mutex<()>,
}

impl Emitter {
    pub(super) fn new(watch: Arc<dyn Watch>) -> Self {
        Self {
            watch,
            announced: AtomicBool::default(),
            asking: Mutex::default(),
        }
    }

    /// Emits an event, unless it is of a tick that has no run: nobody can look up its steps.
    pub(super) fn emit(&self, event: &Event) {
        if self.announced.load(Ordering::SeqCst) || event.stands_alone() {
            self.watch.event(event);
        }
    }

    /// Emits once that there is a run.
    pub(super) fn announce(&self, started: &RunStarted, attempt: u32) {
        if self.announced.swap(true, Ordering::SeqCst) {
            return;
        }
        self.watch.event(&Event::RunStarted {
            id: started.id.clone(),
            runbook: started.runbook.clone(),
            attempt,
            target: started.target.clone(),
        });
    }

    /// What follows is about a run that the one who watches knows.
    pub(super) fn skip_announcement(&self) {
        self.announced.store(true, Ordering::SeqCst);
    }

    /// Waits for the turn to ask: branches side by side ask one after the other.
    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the person who watches; `None` if nobody does, or nobody answers.
    pub(super) fn ask(&self, asked: &Asked, cancel: &Cancel) -> Option<bool> {
        self.watch.ask(asked, cancel)
    }
}
