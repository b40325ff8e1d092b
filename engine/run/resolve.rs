//! `runbook resolve`: a person says what became of an effect in doubt.
//!
//! What AWS can tell is asked first: a verdict that it contradicts is refused.

use serde_json::{Map, Value};

use super::cloud::{Cloud, Doubt, Found};
use super::operation;
use super::patience::{Patience, PollError, window_after};
use base::clock::Stopwatch;
use base::command::Command;
use base::exit::Exit;
use base::fault::Fault;
use base::hint::Hint;
use base::nearest::nearest;
use base::report::Report;
use journal::entry::{Intent, Record, Resolved, Signature, Verdict};
use journal::state::{EffectState, Slot, Step, Wait};
use journal::{Durability, Journal};
use knowledge::{Effect, Identity};
use models::check;

/// What the person says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It was done: the id of what it made, or the reply as a JSON object.
    Adopt(String),
    /// It was not done, and is to be.
    Retry,
    /// It was not done, and is not to be.
    Failed,
}

/// An effect in doubt, and the way to ask AWS about it.
pub struct Inquiry<'a> {
    pub journal: &'a Journal,
    pub cloud: &'a dyn Cloud,
    pub(super) patience: Patience<'a>,
}

impl<'a> Inquiry<'a> {
    #[must_use]
    pub fn new(
        journal: &'a Journal,
        cloud: &'a dyn Cloud,
        around: &'a super::surroundings::Surroundings,
    ) -> Self {
        let patience = Patience {
            window: around.settle_window,
            cancel: &around.cancel,
            watch: Stopwatch::start(),
        };
        Self {
            journal,
            cloud,
            patience,
        }
    }

    /// Records the verdict, unless AWS shows that it is wrong; returns what is recorded.
    pub fn resolve(
        mut self,
        key: &str,
        choice: &Choice,
        by: Signature,
    ) -> Result<Resolved, Report> {
        let intent = in_doubt(self.journal, key)?;
        let effect = operation::effect(&intent.service, &intent.operation)?;
        self.patience.window = window_after(intent.written.as_ref(), self.patience.window);
        let found = self.ask(&effect, &intent, choice)?;
        let question = Question {
            effect: &effect,
            intent: &intent,
            resolve: Command::resolve(self.journal.id(), key),
            run: self.journal.id().to_string(),
        };
        let verdict = match choice {
            Choice::Adopt(value) => question.adopted(value, found)?,
            Choice::Retry => question.not_done(&found, Verdict::Retry)?,
            Choice::Failed => question.not_done(&found, given_up(&intent, &by))?,
        };
        let resolved = Resolved {
            key: key.to_owned(),
            attempt: intent.attempt,
            verdict,
            by,
        };
        self.journal
            .append(Record::EffectResolved(resolved.clone()), Durability::Synced)?;
        Ok(resolved)
    }

    fn ask(&self, effect: &Effect, intent: &Intent, choice: &Choice) -> Result<Found, Report> {
        let identity = Identity {
            run: self.journal.started().id.clone(),
            key: intent.key.clone(),
            epoch: intent.epoch,
        };
        let chosen = match choice {
            Choice::Adopt(value) if !value.trim_start().starts_with('{') => Some(value.as_str()),
            _ => None,
        };
        let doubt = Doubt {
            effect,
            input: &intent.input,
            identity: &identity,
            context: intent.context.as_ref(),
            chosen,
        };
        self.patience
            .poll(|| self.cloud.look_up(&doubt))
            .map_err(|error| match error {
                PollError::Cancelled => {
                    Report::new(Exit::Interrupted, "interrupted; nothing was recorded")
                }
                PollError::Unreached(failure) => Report::new(
                    Exit::Failed,
                    format!(
                        "cannot look up `{}` in AWS; nothing was recorded",
                        intent.key
                    ),
                )
                .cause(super::call::fault_of(&failure).described()),
            })
    }
}

struct Question<'a> {
    effect: &'a Effect,
    intent: &'a Intent,
    /// Without a verdict.
    resolve: Command,
    run: String,
}

impl Question<'_> {
    fn adopted(&self, value: &str, found: Found) -> Result<Verdict, Report> {
        let output = match found {
            Found::Done(output) => self.shown(value, output)?,
            Found::CallAgain | Found::Unknowable(_) => self.on_trust(value)?,
            Found::Absent => return Err(self.not_ours(value)),
            Found::Several(ids) => {
                let shown = ids.join(", ");
                let id = ids.first().map_or("ID", String::as_str);
                return Err(
                    refuse(&format!("`{value}` is not among what AWS shows: {shown}"))
                        .hint(self.adopt(id)),
                );
            }
        };
        Ok(Verdict::Adopted { output })
    }

    /// AWS knows best what the call answered.
    fn shown(&self, value: &str, output: Value) -> Result<Value, Report> {
        let ids = knowledge::resource_ids(self.effect, &output);
        if ids.is_empty() || value.trim_start().starts_with('{') || ids.iter().any(|id| id == value)
        {
            return Ok(output);
        }
        let (noun, shown) = (self.effect.noun(), ids.join(", "));
        Err(refuse(&format!(
            "`{value}` is not the {noun} that this effect made"
        ))
        .cause(format!("AWS shows {shown} with this effect's mark"))
        .hint(self.adopt(&ids[0])))
    }

    fn not_ours(&self, value: &str) -> Report {
        let noun = self.effect.noun();
        let report = refuse(&format!(
            "AWS shows no {noun} `{value}` that this effect made"
        ))
        .cause(format!(
            "`{value}` does not exist, differs from this effect's input, or lacks the engine's mark"
        ));
        let is_tagged = self
            .effect
            .row
            .is_some_and(|row| !row.mark.tagged_types().is_empty());
        if !is_tagged {
            let retry = self.resolve.clone().args(["--retry", "--why", "TEXT"]);
            return report.hint(Hint::to("if the call was not done", retry));
        }
        let identity = Identity {
            run: self.run.clone(),
            key: self.intent.key.clone(),
            epoch: self.intent.epoch,
        };
        let tag = Command::shell("aws ec2 create-tags").args([
            "--resources",
            value,
            "--tags",
            &format!("Key={},Value={}", knowledge::RUN_TAG, identity.run_tag()),
            &format!(
                "Key={},Value={}",
                knowledge::EFFECT_TAG,
                identity.effect_tag()
            ),
        ]);
        report.hint(Hint::to(
            format!("if this effect did make `{value}`, add the mark"),
            tag,
        ))
    }

    /// Nothing in AWS tells; the person's word is all there is.
    fn on_trust(&self, value: &str) -> Result<Value, Report> {
        let paths = self.effect.row.map_or(&[][..], |row| row.ids);
        if let Ok(Value::Object(members)) = serde_json::from_str::<Value>(value) {
            return self.checked(Value::Object(members));
        }
        match paths {
            [path] if !path.contains("[]") => Ok(nested(path, value)),
            _ => Err(refuse(&format!(
                "`{value}` is not a reply of `{}.{}`",
                self.intent.service, self.intent.operation
            ))
            .hint(self.as_json())),
        }
    }

    fn adopt(&self, value: &str) -> Command {
        self.resolve
            .clone()
            .args(["--adopt", value, "--why", "TEXT"])
    }

    fn as_json(&self) -> Hint {
        let example = models::outside::REPLIES
            .iter()
            .find(|(service, _)| *service == self.intent.service);
        let (whose, example) = example.map_or(("as AWS sends it", "{…}"), |(_, reply)| {
            ("as the script receives it", *reply)
        });
        Hint::to(
            format!("give the reply as JSON, {whose}"),
            self.adopt(example),
        )
    }

    fn checked(&self, output: Value) -> Result<Value, Report> {
        let problems = self.problems(&output)?;
        if problems.is_empty() {
            return Ok(self.without_secrets(output));
        }
        let what = format!(
            "the value is not a reply of `{}.{}`",
            self.intent.service, self.intent.operation
        );
        Err(refuse(&what).with_causes(problems))
    }

    /// A person may give the whole reply, with a secret in it.
    fn without_secrets(&self, mut output: Value) -> Value {
        let model = models::service(&self.intent.service);
        if let Ok(model) = &model
            && let Ok(operation) = model.operation(&self.intent.operation)
        {
            models::sensitive::hide(model, operation, &mut output);
        }
        output
    }

    fn problems(&self, output: &Value) -> Result<Vec<String>, Report> {
        let Intent {
            service, operation, ..
        } = self.intent;
        if models::outside::knows(service) {
            return Ok(models::outside::check_reply(service, output));
        }
        let model = models::service(service)?;
        let operation = model.operation(operation)?;
        let problems = check::check_reply(&model, operation, output);
        Ok(problems.iter().map(ToString::to_string).collect())
    }

    fn not_done(&self, found: &Found, verdict: Verdict) -> Result<Verdict, Report> {
        let shown = match found {
            Found::Done(output) => knowledge::resource_id(self.effect, output),
            Found::Several(ids) => Some(ids.join(", ")),
            Found::Absent | Found::CallAgain | Found::Unknowable(_) => return Ok(verdict),
        };
        let id = match found {
            Found::Several(ids) => ids.first(),
            _ => shown.as_ref(),
        };
        let adopt = self.adopt(id.map_or("{}", String::as_str));
        let made = shown.map_or_else(
            || "AWS shows it".to_owned(),
            |ids| format!("AWS shows {ids} with this effect's mark"),
        );
        Err(refuse(&format!("`{}` was done", self.intent.key))
            .cause(made)
            .hint(adopt))
    }
}

fn refuse(what: &str) -> Report {
    Report::new(Exit::Usage, format!("{what}; nothing was recorded"))
}

fn given_up(intent: &Intent, by: &Signature) -> Verdict {
    let why = by
        .why
        .as_ref()
        .map(|why| format!(": {why}"))
        .unwrap_or_default();
    Verdict::Failed {
        error: Fault {
            message: format!(
                "{} resolved the call as not done and not to be repeated{why}",
                by.who
            ),
            code: Some("ResolvedAsFailed".into()),
            service: Some(intent.service.clone()),
            operation: Some(intent.operation.clone()),
            ..Fault::default()
        },
    }
}

fn nested(path: &str, value: &str) -> Value {
    path.rsplit('.').fold(Value::from(value), |inner, member| {
        Value::Object(Map::from_iter([(member.to_owned(), inner)]))
    })
}

/// Whether an effect in doubt is none of AWS's, which then need not be reached.
pub fn is_outside(journal: &Journal, key: &str) -> Result<bool, Report> {
    Ok(match journal.slot(key)? {
        Some(Slot::Effect(effect)) => models::outside::knows(&effect.intent.service),
        _ => false,
    })
}

/// Returns the intent of an effect in doubt.
fn in_doubt(journal: &Journal, key: &str) -> Result<Intent, Report> {
    let state = match journal.slot(key)? {
        Some(Slot::Effect(effect)) if effect.state == EffectState::Intended => {
            return Ok(effect.intent);
        }
        Some(slot) => standing(&slot),
        None => return Err(unknown(journal, key)?),
    };
    let report = Report::new(
        Exit::Usage,
        format!("`{key}` is not in doubt: {state}; nothing was recorded"),
    );
    Err(doubts_hint(report, journal)?)
}

fn standing(slot: &Slot) -> &'static str {
    match slot {
        Slot::Effect(effect) => match effect.state {
            EffectState::Intended => "it is",
            EffectState::Finished(_) => "the call was done",
            EffectState::Failed { .. } => "the call failed, and a resume repeats it",
            EffectState::GivenUp { .. } => "the call was resolved as failed",
        },
        Slot::Step(Step { .. }) => "it is a step, and only an effect can be in doubt",
        Slot::Wait(Wait { .. }) => "it is a wait",
        Slot::Note { .. } => "it is a recorded value",
        Slot::Forgotten { .. } => "a rewind removed its record",
        Slot::Run(_) => "it is the run itself",
    }
}

fn unknown(journal: &Journal, key: &str) -> Result<Report, Report> {
    let mut report = Report::new(
        Exit::Usage,
        format!("nothing is recorded under `{key}`; nothing was changed"),
    );
    let keys = journal.keys()?;
    if let Some(near) = nearest(key, keys.iter().map(String::as_str)) {
        report = report.hint(format!("did you mean `{near}`?"));
    }
    doubts_hint(report, journal)
}

/// Names what is in doubt, or where to look.
fn doubts_hint(report: Report, journal: &Journal) -> Result<Report, Report> {
    let mut doubts = Vec::new();
    for key in journal.keys()? {
        if let Some(Slot::Effect(effect)) = journal.slot(&key)?
            && effect.state == EffectState::Intended
        {
            doubts.push(format!("`{key}`"));
        }
    }
    Ok(if doubts.is_empty() {
        report.hint(Hint::to(
            "nothing of this run is in doubt",
            Command::show(journal.id()),
        ))
    } else {
        report.hint(format!("in doubt: {}", doubts.join(", ")))
    })
}
