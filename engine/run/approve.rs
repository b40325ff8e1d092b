//! `run::approve`: a person says whether the run goes on.
//!
//! The question, the answer, and that the script has got it are three records: a crash between them neither loses an
//! answer nor takes one question's answer for another's.

use serde_json::{Value, json};

use super::activity::{Activity, Kind};
use super::conductor::Conductor;
use super::event::{Asked, Event};
use super::{approvers, identity, scope};
use base::clock;
use base::fault::Fault;
use base::level::Level;
use journal::Durability;
use journal::entry::{Answer, Answered, Approval, Record, Rules, Via, WaitStarted};
use journal::rehearsal::{self, Wish};
use journal::state::{Progress, Slot, Wait};
use script::fault;
use script::host::{Scripted, StopReason};

/// The code of a refusal.
pub const NOT_APPROVED: &str = "NotApproved";

pub(super) const NAME: &str = "run.approve";

impl Conductor {
    pub(super) fn run_approve(
        &self,
        question: &str,
        details: Value,
        rules: &Value,
    ) -> Scripted<Value> {
        self.control.gate()?;
        self.may_ask(question)?;
        let rules = approvers::read(rules).map_err(|error| fault::throw(&error))?;
        let key = scope::next_key(NAME);
        if let Some(refusal) = self.recorder.caught.take(&key) {
            return Err(fault::throw(&refusal));
        }
        self.end_dry_run(
            "run",
            "approve",
            &json!({"question": question, "details": details}),
        )?;
        let attempt = match self.recorder.slot(&key)? {
            Some(Slot::Wait(wait)) if is_about(&wait, question) => {
                self.at_its_place(&key, wait.place.as_ref())?;
                match wait {
                    Wait {
                        state: Progress::Finished { value },
                        ..
                    } => return Ok(value),
                    Wait {
                        answer: Some(answer),
                        approved,
                        attempt,
                        ..
                    } => {
                        self.counts(rules.as_ref(), &approved, &answer)?;
                        let approval = Activity::under_way(Kind::Approval, key, attempt);
                        return self.deliver(approval, question, &answer);
                    }
                    Wait { attempt, .. } => attempt + 1,
                }
            }
            Some(Slot::Wait(Wait { attempt, .. }) | Slot::Forgotten { attempt, .. }) => attempt + 1,
            _ => 1,
        };
        self.control.may_begin()?;
        let approval = Approval {
            question: question.into(),
            details,
            rules,
        };
        let (approval, answer) = self.asked_anew(key, approval, attempt)?;
        self.deliver(approval, question, &answer)
    }

    fn may_ask(&self, question: &str) -> Scripted<()> {
        let problem = if question.trim().is_empty() {
            ("InvalidArgument", "`run::approve` needs a question")
        } else if self.recorder.memory.is_some() {
            (
                "NotInTicks",
                "a tick cannot ask for approval, because no operator is present: send a message from the tick, and ask in a runbook that an operator starts",
            )
        } else {
            return Ok(());
        };
        Err(fault::throw(&Fault::coded(problem.0, problem.1)))
    }

    fn asked_anew(
        &self,
        key: String,
        approval: Approval,
        attempt: u32,
    ) -> Result<(Activity, Answer), StopReason> {
        let asked = Asked {
            key: key.clone(),
            question: approval.question.clone(),
            details: approval.details.clone(),
            word: None,
        };
        let rules = approval.rules.clone();
        let started = WaitStarted {
            key,
            attempt,
            what: approval.question.clone(),
            deadline: None,
            until: None,
            approval: Some(approval),
            place: self.place(),
            spent: 0,
        };
        let approval = Activity::wait(&self.recorder, started)?;
        self.recorder.emit(&Event::ApprovalAsked(asked.clone()));
        let answer = self.ask(&asked, rules.as_ref())?;
        let answered = Answered {
            key: asked.key.clone(),
            attempt,
            answer: answer.clone(),
        };
        self.recorder
            .append(Record::Answered(answered), Durability::Synced)?;
        match self.recorder.slot(&asked.key)? {
            Some(Slot::Wait(Wait { answer: None, .. })) => Err(StopReason::Waiting),
            _ => Ok((approval, answer)),
        }
    }

    /// Asks at the terminal; without one the run ends and waits.
    fn ask(&self, asked: &Asked, rules: Option<&Rules>) -> Result<Answer, StopReason> {
        if rehearsal::is_claimed() && rehearsal::grants(self.recorder.target(), Wish::Approval) {
            return Ok(answer(true, Via::Rehearsal));
        }
        if let Some(why) = self.may_not_answer(asked, rules)? {
            self.recorder.emit(&Event::Log {
                scope: String::new(),
                level: Level::Warn,
                message: why,
            });
            return Err(StopReason::Waiting);
        }
        let emitter = &self.recorder.emitter;
        let _turn = emitter.turn();
        self.control.gate()?;
        match emitter.ask(asked, &self.control.cancel) {
            _ if self.control.cancel.is_set() => Err(StopReason::Cancelled),
            Some(approved) => Ok(answer(approved, Via::Terminal)),
            None => Err(StopReason::Waiting),
        }
    }

    fn may_not_answer(
        &self,
        asked: &Asked,
        rules: Option<&Rules>,
    ) -> Result<Option<String>, StopReason> {
        let earlier = match self.recorder.slot(&asked.key)? {
            Some(Slot::Wait(wait)) => wait.approved,
            _ => Vec::new(),
        };
        let by = identity::signature(None, None);
        let started = self.recorder.journal.started();
        Ok(approvers::refusal(rules, started, &by, &earlier))
    }

    /// What was written by another way than ours is no answer.
    fn counts(&self, rules: Option<&Rules>, earlier: &[Answer], last: &Answer) -> Scripted<()> {
        let started = self.recorder.journal.started();
        match approvers::mistake(rules, started, earlier, last) {
            None => Ok(()),
            Some(why) => {
                let message = format!("the recorded answer does not count: {why}");
                Err(fault::throw(&Fault::coded(NOT_APPROVED, message)))
            }
        }
    }

    /// Gives the script what a person has said.
    fn deliver(&self, approval: Activity, question: &str, answer: &Answer) -> Scripted<Value> {
        self.recorder.emit(&Event::ApprovalAnswered {
            key: approval.key.clone(),
            question: question.into(),
            answer: answer.clone(),
        });
        let value = script_value(answer);
        let result = if answer.approved {
            Ok(value)
        } else {
            Err(refusal(question, answer, value))
        };
        approval.end(&self.recorder, result.clone())?;
        result.map_err(|error| fault::throw(&error))
    }
}

/// Returns an answer of the person who uses this machine now.
#[must_use]
pub fn answer(approved: bool, via: Via) -> Answer {
    let mut by = identity::signature(None, None);
    if via == Via::Rehearsal {
        by.why = Some("a rehearsal approves by itself".into());
    }
    Answer {
        approved,
        at: clock::now(),
        by,
        host: identity::host(),
        via,
    }
}

pub(super) fn is_about(wait: &Wait, question: &str) -> bool {
    let approval = wait.approval.as_ref();
    approval.is_some_and(|approval| approval.question == question)
}

/// Returns what the script gets.
fn script_value(answer: &Answer) -> Value {
    json!({
        "approved": answer.approved, "at": answer.at, "by": answer.by.who, "host": answer.host, "via": answer.via,
        "why": answer.by.why,
    })
}

fn refusal(question: &str, answer: &Answer, details: Value) -> Fault {
    let why = answer.by.why.as_ref().map(|why| format!(": {why}"));
    let message = format!(
        "{} on {} did not approve `{question}`{}",
        answer.by.who,
        answer.host,
        why.unwrap_or_default()
    );
    Fault {
        details: Some(details),
        ..Fault::coded(NOT_APPROVED, message)
    }
}
