//! Effects: calls that change something, each made once.
//!
//! An effect is journaled before it is issued and after it is known; between the two it is in doubt.

use std::time::Duration;

use serde_json::Value;

use super::call::{answered, fault_of};
use super::conductor::Conductor;
use super::event::Event;
use super::issue::{Issue, MOST_LOST, Unfinished, undecided};
use super::{keeps, scope};
use base::clock::Moment;
use base::digest;
use base::fault::Fault;
use base::source::Place;
use journal::Durability;
use journal::entry::{Intent, Outcome, Record, Settled};
use journal::state::{EffectState, Slot};
use knowledge::{Effect, Identity};
use models::call::Failure;
use script::host::{Calls, Divergence, StopReason};

impl Conductor {
    pub(super) fn once(
        &self,
        effect: &Effect,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Value, Unfinished> {
        self.end_dry_run(service, operation, input)?;
        let key = scope::next_key(&format!("{service}.{operation}"));
        self.once_under(key, effect, service, operation, input)
    }

    /// The same for a key that is not the script's.
    pub(super) fn once_under(
        &self,
        key: String,
        effect: &Effect,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Value, Unfinished> {
        let fingerprint = fingerprint(service, operation, input);
        let slot = self.recorder.slot(&key)?;
        let mut intent = Intent {
            key,
            attempt: 1,
            epoch: 1,
            service: service.into(),
            operation: operation.into(),
            class: effect.class.to_string(),
            fingerprint,
            input: input.clone(),
            context: None,
            place: self.place(),
            written: None,
        };
        let known = match slot {
            Some(Slot::Effect(known)) => known,
            Some(Slot::Forgotten { attempt, epoch }) => {
                (intent.attempt, intent.epoch) = (attempt + 1, epoch + 1);
                return self.first(effect, intent);
            }
            _ => return self.first(effect, intent),
        };
        intent.attempt = known.intent.attempt + 1;
        intent.epoch = known.intent.epoch;
        let moved = Place::moved(known.intent.place.as_ref(), intent.place.as_ref());
        let same = known.intent.fingerprint == intent.fingerprint && moved.is_none();
        match known.state {
            EffectState::Failed { .. } => {
                if let Some(error) = self.recorder.caught.take(&intent.key).filter(|_| same) {
                    return Err(Unfinished::Refused(error));
                }
                intent.epoch += u32::from(!same);
                self.first(effect, intent)
            }
            EffectState::GivenUp { error } if same => Err(Unfinished::Refused(error)),
            EffectState::GivenUp { .. } => {
                intent.epoch += 1;
                self.first(effect, intent)
            }
            EffectState::Finished(outcome) if same => Ok(outcome.output),
            EffectState::Finished(outcome) => {
                Err(diverged(effect, &known.intent, &intent, Some(&outcome.output)).into())
            }
            EffectState::Intended if same => {
                let patience = self.outbound.patience_before(known.intent.written.as_ref());
                let issue = self.issued(effect, known.intent);
                self.reconcile(issue, "the run was cut off during this call", &patience)
            }
            EffectState::Intended => Err(diverged(effect, &known.intent, &intent, None).into()),
        }
    }

    /// Issues an effect that is not in doubt.
    fn first(&self, effect: &Effect, mut intent: Intent) -> Result<Value, Unfinished> {
        self.control.may_begin()?;
        intent.context = self.context(effect, &intent.input)?;
        let issue = self.issued(effect, intent);
        if self.recorder.journal.may_lack_entries() && effect.can_be_found() {
            return self.unless_done(issue);
        }
        self.issue(issue)
    }

    fn context(&self, effect: &Effect, input: &Value) -> Result<Option<Value>, StopReason> {
        let context = self.outbound.context(effect, input);
        if self.control.cancel.is_set() {
            return Err(StopReason::Cancelled);
        }
        Ok(context)
    }

    pub(super) fn issued<'a>(&self, effect: &'a Effect, intent: Intent) -> Issue<'a> {
        let identity = Identity {
            run: self.recorder.id().into(),
            key: intent.key.clone(),
            epoch: intent.epoch,
        };
        Issue {
            effect,
            intent,
            identity,
            lost: 0,
            doubtful: false,
        }
    }

    pub(super) fn intend(&self, issue: &Issue) -> Result<(), StopReason> {
        let record = Record::EffectIntended(Intent {
            written: Some(Moment::now()),
            ..issue.intent.clone()
        });
        self.recorder.append(record, Durability::Synced)
    }

    /// Writes the intent, makes the call, writes the outcome.
    pub(super) fn issue(&self, mut issue: Issue) -> Result<Value, Unfinished> {
        keeps::may_send(issue.effect).map_err(Unfinished::Refused)?;
        self.intend(&issue)?;
        let (effect, Intent { key, attempt, .. }) = (issue.effect, &issue.intent);
        self.recorder.emit(&Event::EffectStarted {
            key: key.clone(),
            operation: issue.operation(),
            attempt: *attempt,
        });
        let creator = self.outbound.creator(effect, &issue.intent.input);
        let input = knowledge::prepare(
            effect,
            &issue.intent.input,
            &issue.identity,
            creator.as_ref(),
        );
        let call = self.outbound.compose(
            &issue.intent.service,
            &issue.intent.operation,
            input,
            key,
            effect.repeat(),
        );
        match self.outbound.send(&call, &issue.intent.input) {
            Ok(reply) => match keeps::kept(effect, reply.output) {
                Ok(output) => self.finish(&issue, output, reply.request_id, Settled::Called),
                Err(problem) => Err(undecided(&issue, problem, Vec::new()).into()),
            },
            Err(failure) if self.is_given_up(&issue, &failure) => {
                self.refuse(&issue, lost(&failure))
            }
            Err(Failure::Lost { reason, .. }) => {
                issue.lost += 1;
                self.reconcile(issue, &reason, &self.outbound.patience())
            }
            Err(Failure::NotSent { reason, .. }) if issue.doubtful => Err(StopReason::Unreached {
                key: issue.intent.key,
                reason,
            }
            .into()),
            Err(Failure::Answered(error)) if issue.doubtful && error.is_throttling() => {
                Err(StopReason::Unreached {
                    key: issue.intent.key,
                    reason: error.to_string(),
                }
                .into())
            }
            Err(Failure::Answered(error)) if knowledge::token_spent(&error.code) => {
                self.renewed(issue, &answered(&error))
            }
            Err(Failure::Answered(error))
                if knowledge::done_already(effect, &error.code)
                    && self.recorder.issued.is_repeated(key, issue.intent.epoch) =>
            {
                self.repeated(&issue, answered(&error))
            }
            Err(failure) => self.refuse(&issue, fault_of(&failure)),
        }
    }

    /// Whether nobody needs to know what became of a call: the script said that twice is as good as once, and it can
    /// make it again.
    fn is_given_up(&self, issue: &Issue, failure: &Failure) -> bool {
        let is_open = match failure {
            // A request to AWS is worth another try; others have the time that the script gave them.
            Failure::Lost { .. } => {
                models::outside::knows(&issue.intent.service) || issue.lost + 1 >= MOST_LOST
            }
            Failure::NotSent { .. } => issue.doubtful,
            Failure::Answered(error) => issue.doubtful && error.is_throttling(),
        };
        // What Ctrl-C cut short is for the resume.
        issue.effect.declared && is_open && !self.control.cancel.is_set()
    }

    pub(super) fn finish(
        &self,
        issue: &Issue,
        output: Value,
        request_id: Option<String>,
        settled: Settled,
    ) -> Result<Value, Unfinished> {
        let resource = knowledge::resource_id(issue.effect, &output);
        for id in knowledge::resource_ids(issue.effect, &output) {
            self.outbound
                .recent
                .add(id, Duration::ZERO, issue.identity.clone());
        }
        let Intent { key, attempt, .. } = &issue.intent;
        let outcome = Outcome {
            key: key.clone(),
            attempt: *attempt,
            settled,
            output: output.clone(),
            request_id,
        };
        self.recorder
            .append(Record::EffectFinished(outcome), Durability::Synced)?;
        self.recorder.emit(&Event::EffectFinished {
            key: key.clone(),
            operation: issue.operation(),
            resource,
            settled,
        });
        Ok(output)
    }

    pub(super) fn refuse(&self, issue: &Issue, error: Fault) -> Result<Value, Unfinished> {
        self.record_refusal(issue, &error)?;
        Err(Unfinished::Refused(error))
    }

    pub(super) fn record_refusal(&self, issue: &Issue, error: &Fault) -> Result<(), StopReason> {
        let Intent { key, attempt, .. } = &issue.intent;
        let record = Record::EffectFailed {
            key: key.clone(),
            attempt: *attempt,
            error: error.clone(),
        };
        self.recorder.append(record, Durability::Synced)?;
        self.recorder.emit(&Event::EffectFailed {
            key: key.clone(),
            operation: issue.operation(),
            error: error.clone(),
        });
        Ok(())
    }
}

/// Returns what a script catches of a call that it may make again.
pub(super) fn lost(failure: &Failure) -> Fault {
    Fault {
        code: Some("Lost".into()),
        ..fault_of(failure)
    }
}

fn diverged(
    effect: &Effect,
    recorded: &Intent,
    asked: &Intent,
    output: Option<&Value>,
) -> StopReason {
    StopReason::Diverged(Divergence {
        key: recorded.key.clone(),
        places: Place::moved(recorded.place.as_ref(), asked.place.as_ref()),
        kinds: None,
        calls: Some(Box::new(Calls {
            recorded_operation: format!("{}.{}", recorded.service, recorded.operation),
            recorded: recorded.input.clone(),
            operation: format!("{}.{}", asked.service, asked.operation),
            asked: asked.input.clone(),
            created: output.and_then(|output| knowledge::resource_id(effect, output)),
            settled: output.is_some(),
        })),
    })
}

/// The input's maps are sorted, so equal inputs have equal text.
pub(super) fn fingerprint(service: &str, operation: &str, input: &Value) -> String {
    let text = format!("{service}.{operation}\n{input}");
    digest::sha256(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_fingerprint_depends_on_the_values_and_not_on_their_order() {
        let one: Value = serde_json::from_str(r#"{"b": 1, "a": {"y": 1, "x": 2}}"#).unwrap();
        let other = json!({"a": {"x": 2, "y": 1}, "b": 1});
        assert_eq!(
            fingerprint("ec2", "create_vpc", &one),
            fingerprint("ec2", "create_vpc", &other)
        );
        assert_ne!(
            fingerprint("ec2", "create_vpc", &one),
            fingerprint("ec2", "create_vpc", &json!({"a": 1}))
        );
    }
}
