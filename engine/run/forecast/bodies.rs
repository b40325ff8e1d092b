//! Steps, waits and branches of a dry replay: what is done is returned, what is not done is looked into.

use rhai::{Dynamic, Map};
use serde_json::Value;

use super::dry::Dry;
use super::seen::Verdict;
use super::{Because, Kind, Why};
use crate::approve;
use crate::finally::{self, BodyEnd};
use crate::scope::{self, Kind as ScopeKind, Siblings};
use crate::{step, wait};
use journal::key::BRANCHES;
use journal::state::{Progress, Slot, Step, Wait};
use script::host::{Body, Branch, Cleanup, Scripted, stop_of};
use script::{fault, value};

impl Dry {
    /// Looks into what would be done again. Where that fails for want of a value that is not there yet, the script
    /// goes on behind it.
    pub(super) fn look_into(
        &self,
        key: &str,
        kind: ScopeKind,
        body: &dyn Fn() -> Scripted<Dynamic>,
    ) -> Scripted<Dynamic> {
        let result = scope::within(key, kind, || step::value_of(body));
        match result {
            Ok(value) => Ok(value::to_script(&value)),
            Err(error) if stop_of(&error).is_some() => Err(error),
            Err(error) => {
                self.ended(key, fault::fault(&error));
                if self.is_unknown() {
                    Ok(Dynamic::UNIT)
                } else {
                    Err(error)
                }
            }
        }
    }

    pub(super) fn dry_step(&self, name: &str, item: Option<&str>, body: Body) -> Scripted<Dynamic> {
        self.gate()?;
        let key = scope::next_key(&step::label(name, item)?);
        self.dry_step_under(&key, body)
    }

    fn dry_step_under(&self, key: &str, body: Body) -> Scripted<Dynamic> {
        let state = match self.slots.get(key) {
            Some(Slot::Step(Step { state, .. })) => state,
            Some(other) => return Ok(self.other_kind(key, Kind::Step, other)),
            None => {
                self.note(key, Kind::Step, Verdict::New);
                return Ok(Dynamic::UNIT);
            }
        };
        if let Some(over) = self.over(key, Kind::Step, state) {
            return over;
        }
        self.look_into(key, ScopeKind::Step, &|| body())
    }

    pub(super) fn dry_finally(&self, body: Body, cleanup: Cleanup) -> Scripted<Dynamic> {
        self.gate()?;
        let (key, cleanup_key) = (
            scope::next_key(finally::NAME),
            scope::next_key(finally::CLEANUP),
        );
        let end = match self.slots.get(&key) {
            Some(Slot::Note { value }) => {
                self.note(&key, Kind::Value, Verdict::Reused);
                BodyEnd::read(value.clone())?
            }
            Some(other) => return Ok(self.other_kind(&key, Kind::Value, other)),
            None => {
                let value = self.look_into(&key, ScopeKind::Body, &|| body())?;
                BodyEnd::Succeeded {
                    value: step::recordable(&value)?,
                }
            }
        };
        self.dry_step_under(&cleanup_key, &|| cleanup(end.outcome()))
            .and_then(|_| end.result())
    }

    /// Returns what a step or a wait came to if it is not done again; else notes that it is.
    fn over(&self, key: &str, kind: Kind, state: &Progress) -> Option<Scripted<Dynamic>> {
        if let Progress::Finished { value } = state {
            self.note(key, kind, Verdict::Reused);
            return Some(Ok(value::to_script(value)));
        }
        if let Some(error) = self.past.take(key) {
            self.note(key, kind, Verdict::Reused);
            return Some(Err(fault::throw(&error)));
        }
        let because = match state {
            Progress::Failed { .. } => Because::Failed,
            _ => Because::CutOff,
        };
        self.note(key, kind, Verdict::Again(because));
        None
    }

    /// A question without an answer is asked by the resume, and so is another one than was answered.
    pub(super) fn dry_approve(&self, question: &str) -> Scripted<Value> {
        self.gate()?;
        let key = scope::next_key(approve::NAME);
        let value = match self.slots.get(&key) {
            Some(Slot::Wait(wait)) if approve::is_about(wait, question) => {
                let over = self.over(&key, Kind::Wait, &wait.state).transpose()?;
                over.unwrap_or_else(|| self.unknown(&key, Why::TriedAgain))
            }
            Some(Slot::Wait(_)) => {
                self.note(&key, Kind::Wait, Verdict::Again(Because::OtherQuestion));
                self.unknown(&key, Why::TriedAgain)
            }
            Some(other) => self.other_kind(&key, Kind::Wait, other),
            None => {
                self.note(&key, Kind::Wait, Verdict::New);
                Dynamic::UNIT
            }
        };
        step::recordable(&value)
    }

    /// Begins a wait: returns its key if it has to be looked at, else what it came to.
    fn begin(&self, key: String) -> Scripted<Result<String, Dynamic>> {
        self.gate()?;
        match self.slots.get(&key) {
            Some(Slot::Wait(Wait { state, .. })) => match self.over(&key, Kind::Wait, state) {
                Some(over) => over.map(Err),
                None => Ok(Ok(key)),
            },
            Some(other) => Ok(Err(self.other_kind(&key, Kind::Wait, other))),
            None => {
                self.note(&key, Kind::Wait, Verdict::New);
                Ok(Err(Dynamic::UNIT))
            }
        }
    }

    /// What returns nothing leaves nothing unknown.
    pub(super) fn begin_void(&self, key: String) -> Scripted<Result<String, Dynamic>> {
        let before = self.state().seen.unknown.clone();
        let begun = self.begin(key);
        self.state().seen.unknown = before;
        begun
    }

    pub(super) fn dry_sleep(&self) -> Scripted<()> {
        self.begin_void(scope::next_key_of_attempt(wait::SLEEP))
            .map(drop)
    }

    /// Returns the scope of the wait's next attempt.
    fn attempt(&self, key: &str) -> ScopeKind {
        let over = match self.slots.get(key) {
            Some(Slot::Wait(wait)) => wait.tries_before(),
            _ => 0,
        };
        ScopeKind::Attempt(over + 1)
    }

    pub(super) fn dry_wait_until(&self, what: &str, body: Body) -> Scripted<Dynamic> {
        let key = match self.begin(wait::key(what)?)? {
            Ok(key) => key,
            Err(over) => return Ok(over),
        };
        let value = self.look_into(&key, self.attempt(&key), &|| body())?;
        if value.is_unit() || matches!(value.as_bool(), Ok(false)) {
            return Ok(self.unknown(&key, Why::TriedAgain));
        }
        Ok(value)
    }

    /// One more failure of what is retried says nothing of how it ends.
    pub(super) fn dry_retry(&self, what: &str, body: Body) -> Scripted<Dynamic> {
        let key = match self.begin(wait::key(what)?)? {
            Ok(key) => key,
            Err(over) => return Ok(over),
        };
        let result = scope::within(&key, self.attempt(&key), || step::value_of(body));
        match result {
            Ok(value) => Ok(value::to_script(&value)),
            Err(error) if stop_of(&error).is_some() => Err(error),
            Err(error) => {
                let unknown = self.unknown(&key, Why::TriedAgain);
                self.ended(&key, fault::fault(&error));
                Ok(unknown)
            }
        }
    }

    pub(super) fn dry_parallel(&self, branches: &[Branch]) -> Scripted<Dynamic> {
        self.gate()?;
        if let Some(error) = self.past.take(&scope::next_key(BRANCHES)) {
            return Err(fault::throw(&error));
        }
        let keys: Vec<String> = branches
            .iter()
            .map(|branch| Ok(scope::next_key(&step::branch_label(branch)?)))
            .collect::<Scripted<_>>()?;
        let before = self.state().seen.unknown.clone();
        let (mut values, mut unknown, mut failed) = (Map::new(), before.clone(), None);
        for (branch, key) in branches.iter().zip(&keys) {
            // What another branch waits for is no excuse for this one.
            self.state().seen.unknown.clone_from(&before);
            let kind = ScopeKind::Branch(Siblings::here());
            match self.look_into(key, kind, &|| (branch.body)()) {
                Ok(value) => drop(values.insert(branch.name.as_str().into(), value)),
                Err(error) if stop_of(&error).is_some() => return Err(error),
                Err(error) => failed = failed.or(Some(error)),
            }
            unknown = self.state().seen.unknown.clone().or(unknown);
        }
        // A failure is no fault of what another branch waits for.
        self.state().seen.unknown = if failed.is_some() { before } else { unknown };
        failed.map_or_else(|| Ok(values.into()), Err)
    }
}
