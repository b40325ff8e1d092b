//! What a run writes down: its journal, what is derived from the journal, and a tick's memory.
//!
//! What is appended is durable before the run goes on; what is recorded is returned instead of done again.

use std::sync::Arc;

use serde_json::Value;

use super::caught_failures::CaughtFailures;
use super::emitter::Emitter;
use super::event::Event;
use super::issued::Issued;
use super::log_lines::{LogLines, cut};
use base::fault::Fault;
use base::level::Level;
use base::report::Report;
use base::source::Place;
use journal::entry::{Record, Target};
use journal::state::Slot;
use journal::{Durability, Illegal, Journal, JournalError, Memory};
use script::fault;
use script::host::{Divergence, Scripted, StopReason};

pub(super) struct Recorder {
    pub(super) journal: Journal,
    pub(super) emitter: Emitter,
    /// Of the run, counted from 1.
    pub(super) attempt: u32,
    /// Of a tick.
    pub(super) memory: Option<Arc<Memory>>,
    pub(super) issued: Issued,
    pub(super) caught: CaughtFailures,
    pub(super) log_lines: LogLines,
}

impl Recorder {
    pub(super) fn id(&self) -> &str {
        &self.journal.started().id
    }

    pub(super) fn target(&self) -> Option<&Target> {
        self.journal.started().target.as_ref()
    }

    pub(super) fn slot(&self, key: &str) -> Result<Option<Slot>, StopReason> {
        self.journal.slot(key).map_err(broken)
    }

    /// Appends a record; one that is not taken stops the run.
    pub(super) fn append(&self, record: Record, durability: Durability) -> Result<(), StopReason> {
        if matches!(record, Record::EffectIntended(_)) {
            self.before_effect()?;
        }
        self.issued.take(&record);
        self.journal.append(record, durability).map_err(refused)?;
        if !self.journal.is_draft() {
            self.announce();
        }
        Ok(())
    }

    pub(super) fn announce(&self) {
        self.emitter.announce(self.journal.started(), self.attempt);
    }

    pub(super) fn emit(&self, event: &Event) {
        self.emitter.emit(event);
    }

    /// Returns the value that is recorded under the key, made the first time.
    pub(super) fn note(&self, key: String, make: &dyn Fn() -> Value) -> Result<Value, StopReason> {
        if let Some(Slot::Note { value }) = self.slot(&key)? {
            return Ok(value);
        }
        let value = make();
        let noted = Record::Noted {
            key,
            value: value.clone(),
        };
        self.append(noted, Durability::Lazy)?;
        Ok(value)
    }

    /// Shows a line and records it, as long as the journal has room for such.
    pub(super) fn log(
        &self,
        scope: String,
        level: Level,
        message: String,
        durability: Durability,
    ) -> Result<(), StopReason> {
        let message = cut(message);
        if self.log_lines.have_room(self.journal.size()) {
            return self.record_line(scope, level, message, durability);
        }
        self.emit(&Event::Log {
            scope,
            level,
            message,
        });
        match self.log_lines.refuse() {
            None => Ok(()),
            Some(warning) => self.record_line(String::new(), Level::Warn, warning, durability),
        }
    }

    /// Says at the end how many lines are missing.
    pub(super) fn count_refused(&self) -> Result<(), StopReason> {
        match self.log_lines.refused() {
            0 => Ok(()),
            count => {
                let message = format!("log lines shown but not recorded: {count}");
                self.record_line(String::new(), Level::Warn, message, Durability::Lazy)
            }
        }
    }

    fn record_line(
        &self,
        scope: String,
        level: Level,
        message: String,
        durability: Durability,
    ) -> Result<(), StopReason> {
        self.emit(&Event::Log {
            scope: scope.clone(),
            level,
            message: message.clone(),
        });
        let record = Record::Logged {
            scope,
            level,
            message,
        };
        self.append(record, durability)
    }

    pub(super) fn memory(&self) -> Scripted<&Memory> {
        self.memory.as_deref().ok_or_else(|| {
            fault::throw(&Fault::coded("NotATick", "`state` works only in ticks, and this is an ordinary run: write `const TICK = true;` at the top of the runbook, or start the runbook with `runbook every`"))
        })
    }

    /// What the script has put is durable before anything is changed because of it, and so is which run it was.
    fn before_effect(&self) -> Result<(), StopReason> {
        let Some(memory) = &self.memory else {
            return Ok(());
        };
        memory.set_run(Some(self.journal.id()));
        memory.settle().map_err(broken)
    }

    /// Makes durable what the tick has put, whatever the tick came to; a tick that cannot has not succeeded.
    pub(super) fn save_memory<T>(&self, result: Scripted<T>) -> Scripted<T> {
        let saved = self.memory.as_ref().map(|memory| memory.settle());
        let value = result?;
        saved.transpose().map_err(broken)?;
        Ok(value)
    }

    /// Forgets the run that the tick became, now that it has an end.
    pub(super) fn forget_run(&self) {
        if let Some(memory) = &self.memory {
            memory.set_run(None);
            // If this is lost, the next tick finds the run with its end.
            let _ = memory.settle();
        }
    }
}

/// A record answers the call that made it, not an equal one elsewhere in the same sources.
pub(super) fn same_place(
    key: &str,
    recorded: Option<&Place>,
    asked: Option<&Place>,
) -> Result<(), StopReason> {
    match Place::moved(recorded, asked) {
        None => Ok(()),
        places => Err(StopReason::Diverged(Divergence {
            key: key.into(),
            places,
            kinds: None,
            calls: None,
        })),
    }
}

/// A name of another kind is the script's matter, not the journal's.
fn refused(error: JournalError) -> StopReason {
    match error {
        JournalError::Illegal(Illegal {
            clash: Some(clash), ..
        }) => StopReason::Diverged(Divergence {
            key: clash.key,
            places: None,
            kinds: Some((clash.recorded.noun(), clash.asked.noun())),
            calls: None,
        }),
        error => broken(error),
    }
}

pub(super) fn broken(error: JournalError) -> StopReason {
    StopReason::Journal(Box::new(Report::from(error)))
}
