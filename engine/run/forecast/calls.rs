//! Calls of a dry replay: reads are live, effects are compared with what is recorded.

use serde_json::Value;

use super::dry::Dry;
use super::gaps::differs_by_gaps;
use super::reads::Read;
use super::seen::Verdict;
use super::{Because, Kind, Why};
use crate::call::{fault_of, unlooked};
use crate::effect::fingerprint;
use crate::{operation, scope, wait};
use base::fault::Fault;
use journal::state::{Effect, EffectState, Slot};
use knowledge::Class;
use models::verdict::Verdict as Waited;
use probe::Question;
use script::fault;
use script::host::{Scripted, Stop};

impl Dry {
    pub(super) fn dry_waiter(&self, service: &str, name: &str, input: &Value) -> Scripted<()> {
        let (model, waiter) = operation::waiter(service, name)?;
        self.checked(service, &waiter.operation, input)?;
        let Ok(key) = self.begin_void(wait::key(&format!("{service}.{name}"))?)? else {
            return Ok(());
        };
        let Some(read) = Read::of(service, &waiter.operation, input) else {
            return Ok(());
        };
        self.count_read()?;
        // It returns nothing: whether it succeeds now or later is the same to the script.
        match waiter.judge(&model, &self.reads.send(read, &key)) {
            _ if self.cancel.is_set() => Err(Stop::Cancelled.into()),
            Waited::Success | Waited::Retry | Waited::Failure(_) => Ok(()),
        }
    }

    /// An input is not wrong for want of a value that is not there yet.
    fn checked(&self, service: &str, operation: &str, input: &Value) -> Scripted<bool> {
        match operation::check_input(service, operation, input) {
            Ok(()) => Ok(true),
            Err(_) if self.is_unknown() => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn dry_call(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Scripted<Value> {
        self.gate()?;
        let effect = operation::effect_of(service, operation, input)
            .map_err(|error| operation::unknown(&error))?;
        if effect.class == Class::Read {
            operation::check_input(service, operation, input)?;
            return self.read(service, operation, input);
        }
        let whole = self.checked(service, operation, input)?;
        self.effect(service, operation, input, whole)
    }

    fn read(&self, service: &str, operation: &str, input: &Value) -> Scripted<Value> {
        let read = Read::of(service, operation, input).ok_or_else(|| {
            fault::throw(&Fault {
                message: format!("`{service}.{operation}` is no read"),
                ..Fault::default()
            })
        })?;
        self.count_read()?;
        let reply = self.reads.send(read, &scope::path());
        if self.cancel.is_set() {
            return Err(Stop::Cancelled.into());
        }
        reply
            .map(|reply| reply.output)
            .map_err(|failure| fault::throw(&fault_of(&failure)))
    }

    /// The network is looked at as it is, as AWS is.
    pub(super) fn dry_probe(&self, question: &Question) -> Scripted<Value> {
        self.gate()?;
        self.count_read()?;
        let answer = self.prober.look(question);
        if self.cancel.is_set() {
            return Err(Stop::Cancelled.into());
        }
        answer.map_err(|error| fault::throw(&unlooked(&error)))
    }

    fn count_read(&self) -> Result<(), Stop> {
        self.state().reads += 1;
        self.gate()
    }

    /// `whole`: the input has all that the operation asks for.
    fn effect(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
        whole: bool,
    ) -> Scripted<Value> {
        let key = scope::next_key(&format!("{service}.{operation}"));
        let known = match self.slots.get(&key) {
            Some(Slot::Effect(known)) => known,
            Some(other) => {
                drop(self.other_kind(&key, Kind::Effect, other));
                return Ok(Value::Null);
            }
            None => {
                self.note(&key, Kind::Effect, Verdict::New);
                return Ok(Value::Null);
            }
        };
        let same = known.intent.fingerprint == fingerprint(service, operation, input);
        if let EffectState::GivenUp { error } = &known.state
            && same
        {
            self.note(&key, Kind::Effect, Verdict::Reused);
            return Err(fault::throw(error));
        }
        if let EffectState::Failed { .. } = known.state
            && let Some(error) = self.past.take(&key).filter(|_| same)
        {
            self.note(&key, Kind::Effect, Verdict::Reused);
            return Err(fault::throw(&error));
        }
        let verdict = self.verdict(known, input, same, whole);
        let changed = matches!(verdict, Verdict::Changed { .. });
        self.note(&key, Kind::Effect, verdict);
        match &known.state {
            EffectState::Finished(outcome) => return Ok(outcome.output.clone()),
            _ if changed => drop(self.unknown(&key, Why::ChangedInput)),
            _ => {}
        }
        Ok(Value::Null)
    }

    fn verdict(&self, known: &Effect, input: &Value, same: bool, whole: bool) -> Verdict {
        let after = self.state().seen.unknown.clone();
        match (&known.state, after) {
            (EffectState::Failed { .. } | EffectState::GivenUp { .. }, _) => {
                Verdict::Again(Because::Failed)
            }
            (EffectState::Finished(_), _) if same => Verdict::Reused,
            (EffectState::Intended, _) if same => Verdict::Again(Because::InDoubt),
            (_, Some(after)) if !whole || differs_by_gaps(&known.intent.input, input) => {
                Verdict::Depends(after)
            }
            _ => Verdict::Changed {
                recorded: known.intent.input.clone(),
                asked: input.clone(),
            },
        }
    }
}
