//! `run::wait_until`, `run::retry`, `run::sleep`: with deadlines that a crash does not move.

use std::time::Duration;

use rhai::{Dynamic, EvalAltResult};
use serde_json::Value;

use super::activity::Activity;
use super::conductor::Conductor;
use super::deadline::Deadline;
use super::event::{Event, Waiting};
use super::{operation, scope, step};
use base::clock::Moment;
use base::fault::Fault;
use base::source::Place;
use journal::Durability;
use journal::entry::{Record, WaitStarted};
use journal::state::{Progress, Slot, Wait};
use models::verdict::Verdict;
use script::host::{Body, Pace, Scripted, StopReason, stop_reason};
use script::{fault, value};

/// What one attempt of a wait came to.
enum Attempt {
    Done(Value),
    NotYet(Option<Fault>),
    Failed(Box<EvalAltResult>),
}

enum Begun<'a> {
    /// It was over before; this is its record.
    Over(Value),
    UnderWay(Vigil<'a>),
}

/// A wait under way.
struct Vigil<'a> {
    /// Its attempts are the wait's starts, not its tries.
    activity: Activity,
    what: &'a str,
    /// The attempts before these that are recorded, and those of them that count no more.
    tries: u32,
    spent: u32,
    until: Option<Moment>,
    pace: &'a Pace,
}

impl Vigil<'_> {
    fn left(&self) -> Option<Duration> {
        self.until.as_ref().and_then(Moment::left)
    }

    fn event(&self, tries: u32, last: Option<&Fault>) -> Event {
        Event::Waiting(Waiting {
            key: self.activity.key.clone(),
            what: self.what.into(),
            attempt: tries,
            elapsed: self.activity.stopwatch.elapsed(),
            left: self.left(),
            last_error: last.map(Fault::described),
        })
    }

    fn is_over(&self, tries: u32) -> bool {
        self.left().is_some_and(|left| left.is_zero()) || self.is_spent(tries)
    }

    fn is_spent(&self, tries: u32) -> bool {
        self.pace.attempts.is_some_and(|most| tries >= most)
    }
}

/// The name under which sleeps are recorded.
pub(super) const SLEEP: &str = "sleep";

/// Returns the key of the next wait of this name.
pub(super) fn key(what: &str) -> Scripted<String> {
    Ok(scope::next_key(&step::label(what, None)?))
}

impl Conductor {
    pub(super) fn run_wait_until(&self, what: &str, pace: &Pace, body: Body) -> Scripted<Dynamic> {
        self.wait(what, pace, &|| match scope::uncaught(body()) {
            Ok(value) if value.is_unit() || matches!(value.as_bool(), Ok(false)) => {
                Attempt::NotYet(None)
            }
            Ok(value) => step::recordable(&value).map_or_else(Attempt::Failed, Attempt::Done),
            Err(error) => Attempt::Failed(error),
        })
    }

    pub(super) fn run_retry(&self, what: &str, pace: &Pace, body: Body) -> Scripted<Dynamic> {
        self.wait(what, pace, &|| match scope::uncaught(body()) {
            Ok(value) => step::recordable(&value).map_or_else(Attempt::Failed, Attempt::Done),
            Err(error)
                if stop_reason(&error).is_none() && worth_another(&fault::fault(&error), pace) =>
            {
                Attempt::NotYet(Some(self.fault(&error)))
            }
            Err(error) => Attempt::Failed(error),
        })
    }

    /// The model's waiters: its own pace, its own idea of success.
    pub(super) fn run_waiter(&self, service: &str, name: &str, input: &Value) -> Scripted<()> {
        let (model, waiter) = operation::waiter(service, name)?;
        operation::check_input(service, &waiter.operation, input)?;
        let every = Duration::from_secs(waiter.delay);
        let pace = Pace {
            every,
            timeout: None,
            attempts: Some(waiter.max_attempts),
            backoff: 1.0,
            on: None,
        };
        let what = format!("{service}.{name}");
        self.wait(&what, &pace, &|| match waiter
            .judge(&model, &self.look_at(service, &waiter.operation, input))
        {
            _ if self.control.cancel.is_set() => Attempt::Failed(StopReason::Cancelled.into()),
            Verdict::Success => Attempt::Done(Value::Null),
            Verdict::Retry => Attempt::NotYet(None),
            // It may have been cut short before AWS could know what was made moments ago.
            Verdict::Failure(_) if scope::abandoned() => {
                Attempt::Failed(StopReason::Abandoned.into())
            }
            Verdict::Failure(reason) => {
                let message = format!("{what} can no longer succeed: {reason}");
                let failed = Fault::coded("WaiterFailed", message);
                Attempt::Failed(fault::throw(&failed.of_call(service, &waiter.operation)))
            }
        })
        .map(drop)
    }

    pub(super) fn run_sleep(&self, duration: Duration) -> Scripted<()> {
        let pace = Pace {
            every: duration,
            timeout: Some(duration),
            attempts: None,
            backoff: 1.0,
            on: None,
        };
        let Begun::UnderWay(vigil) = self.begin(self.sleep_key()?, SLEEP, &pace)? else {
            return Ok(());
        };
        self.control.pause(vigil.left().unwrap_or_default())?;
        self.end(vigil.activity, Ok(Value::Null)).map(drop)
    }

    /// All sleeps have one name: one that the script goes past this time is left out.
    fn sleep_key(&self) -> Result<String, StopReason> {
        loop {
            let key = scope::next_key_of_attempt(SLEEP);
            let elsewhere = match self.recorder.slot(&key)? {
                Some(Slot::Wait(wait)) => Place::moved(wait.place.as_ref(), self.place().as_ref()),
                _ => None,
            };
            if elsewhere.is_none() {
                return Ok(key);
            }
        }
    }

    fn wait(&self, what: &str, pace: &Pace, attempt: &dyn Fn() -> Attempt) -> Scripted<Dynamic> {
        let vigil = match self.begin(key(what)?, what, pace)? {
            Begun::Over(value) => return Ok(value::to_script(&value)),
            Begun::UnderWay(vigil) => vigil,
        };
        let mut recorded = vigil.tries;
        let mut tries = vigil.tries - vigil.spent;
        loop {
            // A fresh scope each time: every try has the same keys.
            let (outcome, has_records) = scope::attempt(&vigil.activity.key, recorded + 1, attempt);
            tries += 1;
            let last = match outcome {
                Attempt::Done(value) => return self.end(vigil.activity, Ok(value)),
                Attempt::Failed(error) => return self.end(vigil.activity, Err(error)),
                Attempt::NotYet(fault) => fault,
            };
            if vigil.is_over(tries) {
                let error = too_long(&vigil, tries, last);
                return self.end(vigil.activity, Err(error));
            }
            if has_records || pace.attempts.is_some() {
                recorded += 1;
                self.record_attempt(&vigil, recorded)?;
                self.recorder.caught.end_attempt(&vigil.activity.key);
            }
            self.recorder.emit(&vigil.event(tries, last.as_ref()));
            let pause = vigil.pace.pause(tries);
            self.control
                .pause(vigil.left().map_or(pause, |left| left.min(pause)))?;
            self.control.gate()?;
        }
    }

    /// An attempt counts once it is over and that is recorded: one that was cut off is made again. A power cut may lose the
    /// record, but of attempts only that changed nothing.
    fn record_attempt(&self, vigil: &Vigil, tries: u32) -> Result<(), StopReason> {
        let record = Record::WaitTried {
            key: vigil.activity.key.clone(),
            attempt: vigil.activity.attempt,
            tries,
        };
        self.recorder.append(record, Durability::Lazy)
    }

    /// A wait that a crash cut off keeps its deadline and its count; one that failed and is asked for again gets a new one.
    fn begin<'a>(&self, key: String, what: &'a str, pace: &'a Pace) -> Scripted<Begun<'a>> {
        self.control.gate()?;
        let slot = self.recorder.slot(&key)?;
        if let Some(Slot::Wait(wait)) = &slot {
            self.at_its_place(&key, wait.place.as_ref())?;
        }
        if let Some(error) = self.recorder.caught.take(&key) {
            return Err(fault::throw(&error));
        }
        let (last, kept, tries, spent) = match slot {
            Some(Slot::Wait(Wait {
                state: Progress::Finished { value },
                ..
            })) => return Ok(Begun::Over(value)),
            Some(Slot::Wait(wait)) if wait.state == Progress::Started => (
                wait.attempt,
                Deadline::kept(&wait, pace),
                wait.tries,
                wait.spent,
            ),
            Some(Slot::Wait(wait)) => {
                let spent = wait.tries_before();
                (wait.attempt, None, spent, spent)
            }
            Some(Slot::Forgotten { attempt, .. }) => (attempt, None, 0, 0),
            _ => (0, None, 0, 0),
        };
        self.control.may_begin()?;
        let deadline = kept.or_else(|| pace.timeout.map(Deadline::after));
        let started = WaitStarted {
            key,
            attempt: last + 1,
            what: what.into(),
            deadline: deadline.as_ref().and_then(|deadline| deadline.at),
            until: deadline.as_ref().map(|deadline| deadline.until.clone()),
            approval: None,
            place: self.place(),
            spent,
        };
        let vigil = Vigil {
            activity: Activity::wait(&self.recorder, started)?,
            what,
            tries,
            spent,
            until: deadline.map(|deadline| deadline.until),
            pace,
        };
        self.recorder.emit(&vigil.event(0, None));
        Ok(Begun::UnderWay(vigil))
    }
}

/// Only what AWS answered or did not answer: a script's own error does not mend by itself.
fn worth_another(fault: &Fault, pace: &Pace) -> bool {
    match (&fault.code, &pace.on) {
        (Some(code), Some(on)) => on.contains(code),
        (None, Some(_)) => false,
        (code, None) => match code.as_deref() {
            Some("InvalidInput") => false,
            Some("BranchesFailed") => true,
            _ => fault.service.is_some(),
        },
    }
}

fn too_long(vigil: &Vigil, tries: u32, last: Option<Fault>) -> Box<EvalAltResult> {
    let seen = last.as_ref().map(seen).unwrap_or_default();
    let attempts = format!("{tries} attempt{}", if tries == 1 { "" } else { "s" });
    let ended = match vigil.pace.timeout {
        Some(timeout) if !vigil.is_spent(tries) => {
            format!("timed out after {timeout:?} ({attempts})")
        }
        _ => format!("gave up after {attempts}"),
    };
    let message = format!("`{}` {ended}{seen}", vigil.what);
    let last = last.unwrap_or_default();
    fault::throw(&Fault {
        message,
        code: Some("TimedOut".into()),
        place: None,
        details: None,
        thrown: None,
        ..last
    })
}

/// What the last attempt met, and where: that place is another than the wait's own.
fn seen(fault: &Fault) -> String {
    let place = fault
        .place
        .as_ref()
        .map(|place| format!(" at {place}"))
        .unwrap_or_default();
    format!("; the last attempt failed{place}: {}", fault.described())
}
