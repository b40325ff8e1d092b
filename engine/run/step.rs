//! `run::step`: done once, its value recorded.

use std::time::Duration;

use rhai::Dynamic;
use serde_json::Value;

use super::activity::{self, Activity};
use super::conductor::Conductor;
use super::event::Event;
use super::recorder::same_place;
use super::scope;
use base::fault::Fault;
use base::secret;
use base::source::Place;
use journal::state::{Progress, Slot};
use script::host::{Body, Branch, Named, Scripted};
use script::{fault, value};

impl Conductor {
    pub(super) fn run_step(&self, name: &str, item: Option<&str>, body: Body) -> Scripted<Dynamic> {
        self.control.gate()?;
        self.step_under(scope::next_key(&label(name, item)?), self.place(), body)
    }

    pub(super) fn step_under(
        &self,
        key: String,
        place: Option<Place>,
        body: Body,
    ) -> Scripted<Dynamic> {
        let attempt = match self.recorder.slot(&key)? {
            Some(Slot::Step(step)) => {
                same_place(&key, step.place.as_ref(), place.as_ref())?;
                if let Progress::Finished { value } = step.state {
                    self.recorder.emit(&Event::StepFinished {
                        key,
                        elapsed: Duration::ZERO,
                        reused: true,
                    });
                    return Ok(value::to_script(&value));
                }
                if let Some(error) = self.recorder.caught.take(&key) {
                    return Err(fault::throw(&error));
                }
                step.attempt + 1
            }
            Some(Slot::Forgotten { attempt, .. }) => {
                self.control.may_begin()?;
                attempt + 1
            }
            _ => {
                self.control.may_begin()?;
                1
            }
        };
        let step = Activity::step(&self.recorder, activity::Kind::Step, key, attempt, place)?;
        let result = scope::within(&step.key, scope::Kind::Step, || value_of(body));
        self.end(step, result)
    }
}

/// Runs a closure of the script, and returns its value as the journal keeps it.
pub(super) fn value_of(body: &dyn Fn() -> Scripted<Dynamic>) -> Scripted<Value> {
    scope::uncaught(body()).and_then(|value| recordable(&value))
}

/// Returns the value as the journal keeps it; a resumed run gets the same.
pub(super) fn recordable(value: &Dynamic) -> Scripted<Value> {
    value::to_record(value)
        .map_err(|error| fault::throw(&fault::not_recordable(&error.to_string())))
}

/// The name of a branch in its key. An item that has a character that keys are built with is put into brackets: those of
/// earlier versions had none of them.
pub(super) fn branch_label(branch: &Branch) -> Scripted<String> {
    let name = &branch.name;
    match branch.named {
        Named::ByName => label(name, None),
        Named::ByItem => {
            refuse(name, &['[', ']'], "an item")?;
            let in_brackets = name.contains(['/', '#']);
            Ok(if in_brackets {
                format!("[{name}]")
            } else {
                name.clone()
            })
        }
    }
}

/// `name` or `name[item]`; the characters that keys are built with are refused in names.
pub(super) fn label(name: &str, item: Option<&str>) -> Scripted<String> {
    refuse(name, &['/', '[', ']', '#'], "a step's name")?;
    let Some(item) = item else {
        return Ok(name.to_owned());
    };
    refuse(item, &['[', ']'], "an item")?;
    Ok(format!("{name}[{item}]"))
}

fn refuse(text: &str, characters: &[char], what: &str) -> Scripted<()> {
    let problem = if text.trim().is_empty() {
        "it is empty".to_owned()
    } else if secret::is_in(text) {
        "a secret is never in a name".to_owned()
    } else if let Some(found) = text
        .chars()
        .find(|character| characters.contains(character) || character.is_control())
    {
        format!(
            "the character `{}` is reserved for keys",
            found.escape_default()
        )
    } else {
        return Ok(());
    };
    let message = format!("`{text}` cannot be {what}: {problem}");
    Err(fault::throw(&Fault::coded("InvalidName", message)))
}
