//! `run::finally`: a cleanup that runs once, however its body ended, in this process or a later one.
//!
//! How the body ended is recorded before the cleanup begins, so that a resume cleans up and does not go back into the body.

use rhai::Dynamic;
use serde_json::{Value, json};

use super::body_end::{BodyEnd, NAME};
use super::cancel::Shield;
use super::conductor::Conductor;
use super::recorder::broken;
use super::scope::{self, Kind};
use super::step;
use base::fault::Fault;
use base::level::Level;
use journal::Durability;
use journal::entry::Record;
use journal::key::is_below;
use journal::state::Slot;
use script::fault;
use script::host::{Body, Cleanup, Scripted, StopReason, stop_reason};

pub(super) const CLEANUP: &str = "cleanup";

impl Conductor {
    pub(super) fn run_finally(&self, body: Body, cleanup: Cleanup) -> Scripted<Dynamic> {
        self.control.gate()?;
        let place = self.place();
        let (key, cleanup_key) = (scope::next_key(NAME), scope::next_key(CLEANUP));
        let (end, error) = if let Some(Slot::Note { value }) = self.recorder.slot(&key)? {
            (BodyEnd::read(value)?, None)
        } else if self.control.manner.cancelling && !self.has_begun(&key)? {
            return Err(StopReason::Cancelled.into());
        } else {
            let result = scope::within(&key, Kind::Body, || step::value_of(body));
            let (end, error) = self.body_end(result)?;
            let value = json!(end);
            self.recorder
                .append(Record::Noted { key, value }, Durability::Synced)?;
            (end, error)
        };
        let cleaned = scope::set_aside(|| {
            Shield::UP.around(|| {
                self.announce_cleanup()?;
                scope::within(&scope::path(), Kind::Step, || {
                    self.step_under(cleanup_key, place, &|| cleanup(end.outcome()))
                })
            })
        });
        match (cleaned, error) {
            (Ok(_), Some(error)) if stop_reason(&error) != Some(StopReason::Cancelled) => {
                Err(error)
            }
            (Ok(_), _) => end.result(),
            (Err(stop), _) if stop_reason(&stop).is_some() => Err(stop),
            (Err(failed), _) => {
                scope::forget_stop();
                Err(fault::throw(&end.not_cleaned_up(&self.fault(&failed))))
            }
        }
    }

    fn has_begun(&self, key: &str) -> Result<bool, StopReason> {
        let entries = self.recorder.journal.entries().map_err(broken)?;
        Ok(entries
            .iter()
            .any(|entry| is_below(entry.record.key(), key)))
    }

    /// Takes apart how a body ended; what only waits, or is in doubt, has not.
    fn body_end(
        &self,
        result: Scripted<Value>,
    ) -> Scripted<(BodyEnd, Option<Box<rhai::EvalAltResult>>)> {
        let error = match result {
            Ok(value) => return Ok((BodyEnd::Succeeded { value }, None)),
            Err(error) => error,
        };
        match stop_reason(&error) {
            None => {
                let (error, kept) = self.failure(error);
                Ok((BodyEnd::Failed { error: kept }, Some(error)))
            }
            Some(StopReason::Cancelled | StopReason::CleanedUp) => {
                Ok((BodyEnd::Cancelled, Some(error)))
            }
            Some(stop @ StopReason::Abandoned) => {
                let kept = Fault::coded("Abandoned", stop.to_string());
                Ok((BodyEnd::Failed { error: kept }, Some(error)))
            }
            Some(_) => Err(error),
        }
    }

    /// Says why a run that was told to end goes on for a while.
    fn announce_cleanup(&self) -> Result<(), StopReason> {
        if !self.control.cancel.was_set() {
            return Ok(());
        }
        let message =
            "cleaning up before the run ends; a second signal leaves the cleanup to a resume";
        self.recorder
            .log(scope::path(), Level::Warn, message.into(), Durability::Lazy)
    }
}
