//! What is known of a key, and which record may follow it.
//!
//! `advance` is the only way from one state to the next: a live run asks it before it writes, recovery asks it for every
//! entry it reads.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::journal::entry::{Ending, Fault, Intent, Outcome, Record};
use crate::journal::illegal::Illegal;

/// The key of the run itself.
pub const RUN: &str = "";

/// What is known of one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    Run(Run),
    Step(Step),
    Effect(Effect),
    Wait(Wait),
    Note { value: Value },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub attempt: u32,
    /// `None` while the attempt goes on, or if it was cut off.
    pub ending: Option<Ending>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub attempt: u32,
    pub state: Progress,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    pub attempt: u32,
    pub what: String,
    pub deadline: Option<Timestamp>,
    pub state: Progress,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    Started,
    Finished { value: Value },
    Failed { error: Fault },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The latest one.
    pub intent: Intent,
    pub state: EffectState,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    /// In doubt, unless the call is under way right now.
    Intended,
    Finished(Outcome),
    Failed {
        error: Fault,
    },
}

/// Returns what is known of the record's key after it: `run` is what is known of the run, `slot` of the key.
pub fn advance(run: Option<&Slot>, slot: Option<&Slot>, record: &Record) -> Result<Slot, Illegal> {
    if record.key() != RUN && !is_running(run) {
        return Err(Illegal::new(run, RUN, record));
    }
    next(slot, record)
}

/// Returns what is known of the record's key after it, as far as that key alone decides.
pub fn next(slot: Option<&Slot>, record: &Record) -> Result<Slot, Illegal> {
    let next = match record {
        Record::RunStarted(_)
        | Record::RunResumed(_)
        | Record::RunEnded(_)
        | Record::Logged { .. } => next_run(slot, record),
        Record::StepStarted { .. } | Record::StepFinished { .. } | Record::StepFailed { .. } => {
            next_step(slot, record)
        }
        Record::EffectIntended(_) | Record::EffectFinished(_) | Record::EffectFailed { .. } => {
            next_effect(slot, record)
        }
        Record::WaitStarted(_) | Record::WaitFinished { .. } | Record::WaitFailed { .. } => {
            next_wait(slot, record)
        }
        Record::Noted { value, .. } => slot.is_none().then(|| Slot::Note {
            value: value.clone(),
        }),
    };
    next.ok_or_else(|| Illegal::new(slot, record.key(), record))
}

fn is_running(run: Option<&Slot>) -> bool {
    matches!(run, Some(Slot::Run(Run { ending: None, .. })))
}

fn next_run(slot: Option<&Slot>, record: &Record) -> Option<Slot> {
    let run = match (slot, record) {
        (None, Record::RunStarted(_)) => Run {
            attempt: 1,
            ending: None,
        },
        (Some(Slot::Run(run)), Record::RunResumed(resumed)) => {
            let open = !matches!(run.ending, Some(Ending::Succeeded { .. }));
            (open && follows(resumed.attempt, run.attempt)).then_some(Run {
                attempt: resumed.attempt,
                ending: None,
            })?
        }
        (
            Some(Slot::Run(Run {
                attempt,
                ending: None,
            })),
            Record::RunEnded(ended),
        ) if ended.attempt == *attempt => Run {
            attempt: *attempt,
            ending: Some(ended.ending.clone()),
        },
        (Some(Slot::Run(run)), Record::Logged { .. }) if run.ending.is_none() => run.clone(),
        _ => return None,
    };
    Some(Slot::Run(run))
}

fn next_step(slot: Option<&Slot>, record: &Record) -> Option<Slot> {
    let before = match slot {
        None => None,
        Some(Slot::Step(step)) => Some((step.attempt, &step.state)),
        Some(_) => return None,
    };
    let (attempt, state) = match record {
        Record::StepStarted { attempt, .. } => (*attempt, Progress::Started),
        Record::StepFinished { attempt, value, .. } => (
            *attempt,
            Progress::Finished {
                value: value.clone(),
            },
        ),
        Record::StepFailed { attempt, error, .. } => (
            *attempt,
            Progress::Failed {
                error: error.clone(),
            },
        ),
        _ => return None,
    };
    progresses(before, attempt, &state).then_some(Slot::Step(Step { attempt, state }))
}

fn next_wait(slot: Option<&Slot>, record: &Record) -> Option<Slot> {
    let before = match slot {
        None => None,
        Some(Slot::Wait(wait)) => Some(wait),
        Some(_) => return None,
    };
    let (attempt, state) = match record {
        Record::WaitStarted(started) => (started.attempt, Progress::Started),
        Record::WaitFinished { attempt, value, .. } => (
            *attempt,
            Progress::Finished {
                value: value.clone(),
            },
        ),
        Record::WaitFailed { attempt, error, .. } => (
            *attempt,
            Progress::Failed {
                error: error.clone(),
            },
        ),
        _ => return None,
    };
    if !progresses(
        before.map(|wait| (wait.attempt, &wait.state)),
        attempt,
        &state,
    ) {
        return None;
    }
    let (what, deadline) = match (record, before) {
        (Record::WaitStarted(started), _) => (started.what.clone(), started.deadline),
        (_, before) => before.map(|wait| (wait.what.clone(), wait.deadline))?,
    };
    Some(Slot::Wait(Wait {
        attempt,
        what,
        deadline,
        state,
    }))
}

/// Returns whether a step or wait may come from `before` to `state`; started again while started is a crash in between.
fn progresses(before: Option<(u32, &Progress)>, attempt: u32, state: &Progress) -> bool {
    match (before, state) {
        (None, Progress::Started) => attempt == 1,
        (Some((last, Progress::Started | Progress::Failed { .. })), Progress::Started) => {
            follows(attempt, last)
        }
        (Some((last, Progress::Started)), Progress::Finished { .. } | Progress::Failed { .. }) => {
            attempt == last
        }
        _ => false,
    }
}

fn next_effect(slot: Option<&Slot>, record: &Record) -> Option<Slot> {
    let before = match slot {
        None => None,
        Some(Slot::Effect(effect)) => Some(effect),
        Some(_) => return None,
    };
    if let Record::EffectIntended(intent) = record {
        let allowed = before.map_or(intent.attempt == 1, |effect| reissues(effect, intent));
        return allowed.then(|| {
            Slot::Effect(Effect {
                intent: intent.clone(),
                state: EffectState::Intended,
            })
        });
    }
    let Effect {
        intent,
        state: EffectState::Intended,
    } = before?
    else {
        return None;
    };
    let (attempt, state) = match record {
        Record::EffectFinished(outcome) => {
            (outcome.attempt, EffectState::Finished(outcome.clone()))
        }
        Record::EffectFailed { attempt, error, .. } => (
            *attempt,
            EffectState::Failed {
                error: error.clone(),
            },
        ),
        _ => return None,
    };
    (attempt == intent.attempt).then(|| {
        Slot::Effect(Effect {
            intent: intent.clone(),
            state,
        })
    })
}

/// Returns whether `intent` may follow `effect`. While in doubt only the very same call may go out again, under the same
/// mark, so that AWS or a look-up can tell that it is the same; after a failure another input needs another mark.
fn reissues(effect: &Effect, intent: &Intent) -> bool {
    let last = &effect.intent;
    let same_call = intent.fingerprint == last.fingerprint
        && intent.operation == last.operation
        && intent.service == last.service;
    let allowed = match effect.state {
        EffectState::Intended => same_call && intent.epoch == last.epoch,
        EffectState::Failed { .. } => {
            intent.epoch > last.epoch || (same_call && intent.epoch == last.epoch)
        }
        EffectState::Finished(_) => false,
    };
    allowed && follows(intent.attempt, last.attempt)
}

fn follows(attempt: u32, last: u32) -> bool {
    last.checked_add(1) == Some(attempt)
}

impl Record {
    /// Returns the key whose state the record changes.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::RunStarted(_) | Self::RunResumed(_) | Self::RunEnded(_) | Self::Logged { .. } => {
                RUN
            }
            Self::EffectIntended(Intent { key, .. })
            | Self::EffectFinished(Outcome { key, .. })
            | Self::EffectFailed { key, .. }
            | Self::StepStarted { key, .. }
            | Self::StepFinished { key, .. }
            | Self::StepFailed { key, .. }
            | Self::WaitFinished { key, .. }
            | Self::WaitFailed { key, .. }
            | Self::Noted { key, .. } => key,
            Self::WaitStarted(started) => &started.key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::fixture::{
        effect_failed, effect_finished, fault, intended, intent, logged, noted, run_ended,
        run_resumed, run_started, step_failed, step_finished, step_started, wait_failed,
        wait_finished, wait_started,
    };

    const KEY: &str = "k";

    type Change = fn(&mut Intent);

    /// Every state that a key can be in, with the records that lead there.
    fn states() -> Vec<(&'static str, Vec<Record>)> {
        let failed = || Ending::Failed { error: fault() };
        vec![
            ("none", vec![]),
            ("run", vec![run_started()]),
            ("run resumed", vec![run_started(), run_resumed(2)]),
            (
                "run succeeded",
                vec![
                    run_started(),
                    run_ended(1, Ending::Succeeded { value: Value::Null }),
                ],
            ),
            ("run failed", vec![run_started(), run_ended(1, failed())]),
            ("step", vec![step_started(KEY, 1)]),
            (
                "step again",
                vec![step_started(KEY, 1), step_started(KEY, 2)],
            ),
            (
                "step finished",
                vec![step_started(KEY, 1), step_finished(KEY, 1)],
            ),
            (
                "step failed",
                vec![step_started(KEY, 1), step_failed(KEY, 1)],
            ),
            ("effect", vec![intended(KEY, 1)]),
            ("effect again", vec![intended(KEY, 1), intended(KEY, 2)]),
            (
                "effect finished",
                vec![intended(KEY, 1), effect_finished(KEY, 1)],
            ),
            (
                "effect failed",
                vec![intended(KEY, 1), effect_failed(KEY, 1)],
            ),
            ("wait", vec![wait_started(KEY, 1)]),
            (
                "wait again",
                vec![wait_started(KEY, 1), wait_started(KEY, 2)],
            ),
            (
                "wait finished",
                vec![wait_started(KEY, 1), wait_finished(KEY, 1)],
            ),
            (
                "wait failed",
                vec![wait_started(KEY, 1), wait_failed(KEY, 1)],
            ),
            ("note", vec![noted(KEY)]),
        ]
    }

    fn reach(records: &[Record]) -> Option<Slot> {
        records.iter().fold(None, |slot, record| {
            Some(next(slot.as_ref(), record).unwrap())
        })
    }

    fn records(key: &str) -> Vec<(String, Record)> {
        let mut records = vec![
            ("run_started".to_owned(), run_started()),
            ("logged".to_owned(), logged()),
        ];
        records.push(("noted".to_owned(), noted(key)));
        for attempt in 0..=3 {
            let mut add = |name: &str, record| records.push((format!("{name} {attempt}"), record));
            add("run_resumed", run_resumed(attempt));
            add("run_ended", run_ended(attempt, Ending::Interrupted));
            add("step_started", step_started(key, attempt));
            add("step_finished", step_finished(key, attempt));
            add("step_failed", step_failed(key, attempt));
            add("effect_intended", intended(key, attempt));
            add("effect_finished", effect_finished(key, attempt));
            add("effect_failed", effect_failed(key, attempt));
            add("wait_started", wait_started(key, attempt));
            add("wait_finished", wait_finished(key, attempt));
            add("wait_failed", wait_failed(key, attempt));
        }
        records
    }

    /// Everything that may happen; whatever is not here must be refused.
    const LEGAL: &[(&str, &[&str])] = &[
        (
            "none",
            &[
                "run_started",
                "noted",
                "step_started 1",
                "effect_intended 1",
                "wait_started 1",
            ],
        ),
        ("run", &["logged", "run_resumed 2", "run_ended 1"]),
        ("run resumed", &["logged", "run_resumed 3", "run_ended 2"]),
        ("run succeeded", &[]),
        ("run failed", &["run_resumed 2"]),
        (
            "step",
            &["step_started 2", "step_finished 1", "step_failed 1"],
        ),
        (
            "step again",
            &["step_started 3", "step_finished 2", "step_failed 2"],
        ),
        ("step finished", &[]),
        ("step failed", &["step_started 2"]),
        (
            "effect",
            &["effect_intended 2", "effect_finished 1", "effect_failed 1"],
        ),
        (
            "effect again",
            &["effect_intended 3", "effect_finished 2", "effect_failed 2"],
        ),
        ("effect finished", &[]),
        ("effect failed", &["effect_intended 2"]),
        (
            "wait",
            &["wait_started 2", "wait_finished 1", "wait_failed 1"],
        ),
        (
            "wait again",
            &["wait_started 3", "wait_finished 2", "wait_failed 2"],
        ),
        ("wait finished", &[]),
        ("wait failed", &["wait_started 2"]),
        ("note", &[]),
    ];

    #[test]
    fn every_pair_is_as_the_table_says() {
        let mut pairs = 0;
        for ((state, way), (row, legal)) in states().into_iter().zip(LEGAL) {
            assert_eq!(state, *row);
            let slot = reach(&way);
            for (name, record) in records(KEY) {
                let allowed = next(slot.as_ref(), &record).is_ok();
                assert_eq!(
                    allowed,
                    legal.contains(&name.as_str()),
                    "`{name}` after `{state}`"
                );
                pairs += 1;
            }
        }
        assert_eq!(pairs, 18 * 47);
    }

    #[test]
    fn only_a_running_run_takes_records() {
        for (state, way) in states().into_iter().take(5) {
            let run = reach(&way);
            let allowed = advance(run.as_ref(), None, &step_started(KEY, 1)).is_ok();
            assert_eq!(allowed, matches!(state, "run" | "run resumed"), "{state}");
        }
    }

    #[test]
    fn the_last_attempt_has_no_successor() {
        let slot = Slot::Step(Step {
            attempt: u32::MAX,
            state: Progress::Started,
        });
        assert!(next(Some(&slot), &step_started(KEY, 0)).is_err());
    }

    #[test]
    fn an_effect_in_doubt_goes_out_again_only_as_the_same_call() {
        let allowed = |way: &[Record], change: Change| {
            let mut intent = intent(KEY, 2);
            change(&mut intent);
            next(reach(way).as_ref(), &Record::EffectIntended(intent)).is_ok()
        };
        let doubt = [intended(KEY, 1)];
        let failed = [intended(KEY, 1), effect_failed(KEY, 1)];
        let changes: [(Change, bool, bool); 7] = [
            (|_| {}, true, true),
            (|intent| intent.fingerprint = "f2".into(), false, false),
            (
                |intent| intent.operation = "create_subnet".into(),
                false,
                false,
            ),
            (|intent| intent.service = "sns".into(), false, false),
            (|intent| intent.epoch = 0, false, false),
            (|intent| intent.epoch = 2, false, true),
            (
                |intent| (intent.epoch, intent.fingerprint) = (2, "f2".into()),
                false,
                true,
            ),
        ];
        for (number, (change, after_doubt, after_failure)) in changes.into_iter().enumerate() {
            assert_eq!(
                allowed(&doubt, change),
                after_doubt,
                "change {number} in doubt"
            );
            assert_eq!(
                allowed(&failed, change),
                after_failure,
                "change {number} after a failure"
            );
        }
    }

    #[test]
    fn a_wait_keeps_its_deadline() {
        let deadline = Some("2026-11-21T09:12:03Z".parse().unwrap());
        let mut started = wait_started(KEY, 1);
        if let Record::WaitStarted(started) = &mut started {
            started.deadline = deadline;
        }
        let slot = reach(&[started, wait_failed(KEY, 1)]);
        assert!(matches!(slot, Some(Slot::Wait(wait)) if wait.deadline == deadline));
    }

    #[test]
    fn slots_survive_json() {
        for (state, way) in states() {
            let slot = reach(&way);
            let text = serde_json::to_string(&slot).unwrap();
            assert_eq!(
                serde_json::from_str::<Option<Slot>>(&text).unwrap(),
                slot,
                "{state}"
            );
        }
    }
}
