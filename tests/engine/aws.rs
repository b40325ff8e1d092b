//! The fake at the engine's door to AWS: does what the test says, else what its world does.

use std::collections::{HashMap, VecDeque};
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::entry::{Entry, Record};
use knowledge::{Class, Effect, Identity};
use models::call::{Call, Failure, Reply, ServiceError};
use probe::{Prober, Question, Unlooked};
use run::cancel::Cancel;
use run::cloud::{Cloud, Doubt, Found};
use serde_json::{Value, json};

use super::world::World;

/// What becomes of one call.
pub(super) enum Act {
    /// It is done, and the reply comes.
    Do,
    /// It is done, and no reply comes.
    DoAndLose,
    /// It is not done, and no reply comes.
    Lose,
    NotSent,
    Refuse(&'static str),
    Answer(Value),
    /// The operator types Ctrl-C while it is under way; it is done.
    Interrupt,
    /// It is done after the closure has run.
    After(Box<dyn FnOnce() + Send>),
    RefuseAfter(Box<dyn FnOnce() + Send>, &'static str),
    LoseAfter(Box<dyn FnOnce() + Send>),
}

/// What becomes of one look-up.
pub(super) enum Look {
    Finds(Found),
    Unreachable,
    /// The operator types Ctrl-C meanwhile.
    Interrupted(Found),
}

/// One look-up as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Looked {
    /// After a repeat was refused.
    pub(super) again: bool,
    pub(super) identity: Identity,
    /// What a person says that it made.
    pub(super) chosen: Option<String>,
}

#[derive(Default)]
struct State {
    world: World,
    acts: HashMap<String, VecDeque<Act>>,
    looks: VecDeque<Look>,
    calls: Vec<Call>,
    looked: Vec<Looked>,
    cancel: Cancel,
    runs_in: PathBuf,
    /// The log cannot be read now.
    spoiled: bool,
}

/// Shared with the run under test.
#[derive(Clone, Default)]
pub(super) struct Aws(Arc<Mutex<State>>);

impl Aws {
    /// Says what becomes of the next call of an operation; said again, of the one after it.
    pub(super) fn next(&self, operation: &str, act: Act) {
        self.state()
            .acts
            .entry(operation.into())
            .or_default()
            .push_back(act);
    }

    pub(super) fn next_look(&self, look: Look) {
        self.state().looks.push_back(look);
    }

    pub(super) fn calls(&self, operation: &str) -> Vec<Call> {
        self.state()
            .calls
            .iter()
            .filter(|call| call.operation == operation)
            .cloned()
            .collect()
    }

    /// Returns how often an operation was called.
    pub(super) fn count(&self, operation: &str) -> usize {
        self.calls(operation).len()
    }

    /// Returns how many calls there were of all operations.
    pub(super) fn total(&self) -> usize {
        self.state().calls.len()
    }

    pub(super) fn looked(&self) -> Vec<Looked> {
        self.state().looked.clone()
    }

    pub(super) fn world(&self) -> World {
        self.state().world.clone()
    }

    pub(super) fn set_world(&self, world: World) {
        self.state().world = world;
    }

    /// Tells where the run that begins now keeps its journal, and how it is interrupted.
    pub(super) fn attach(&self, runs_in: PathBuf, cancel: &Cancel) {
        let mut state = self.state();
        state.runs_in = runs_in;
        state.cancel = cancel.clone();
    }

    /// Returns the last record of a key that is on disk now, in the run that goes on.
    pub(super) fn on_disk(&self, key: &str) -> Option<Record> {
        self.last_entry(key).map(|entry| entry.record)
    }

    fn last_entry(&self, key: &str) -> Option<Entry> {
        let entries = journal::read(&self.run_dir()).unwrap();
        entries.into_iter().rfind(|entry| entry.record.key() == key)
    }

    /// Makes the log of the run that goes on unreadable, but for who appends to it.
    pub(super) fn spoil_log(&self) {
        self.write_first_byte(b'x');
        self.state().spoiled = true;
    }

    pub(super) fn mend_log(&self) {
        self.write_first_byte(b'{');
        self.state().spoiled = false;
    }

    fn write_first_byte(&self, byte: u8) {
        let path = self.run_dir().join("journal.jsonl");
        let file = OpenOptions::new().write(true).open(path).unwrap();
        file.write_all_at(&[byte], 0).unwrap();
    }

    fn run_dir(&self) -> PathBuf {
        let runs = self.state().runs_in.join("runs");
        runs.read_dir().unwrap().next().unwrap().unwrap().path()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the last entry that the journal knows to be durable; it is written in place, by any branch.
    fn durable(&self) -> u64 {
        let path = self.run_dir().join("checkpoints/tip");
        let read = || std::fs::read_to_string(&path).unwrap();
        let mut text = read();
        while text != read() {
            text = read();
        }
        text.split(' ').next().unwrap().parse().unwrap()
    }

    /// No effect without a durable intent; the reason why every test of effects tests this too.
    fn require_intent(&self, key: &str, call: &Call) {
        let entry = self.last_entry(key);
        let seq = entry.as_ref().map_or(0, |entry| entry.seq);
        assert!(self.durable() >= seq, "entry {seq} is not durable");
        match entry.map(|entry| entry.record) {
            Some(Record::EffectIntended(intent)) => {
                assert_eq!(
                    (&intent.service, &intent.operation),
                    (&call.service, &call.operation)
                );
            }
            other => panic!(
                "`{}` was called while `{key}` was {other:?}",
                call.operation
            ),
        }
    }

    fn act(&self, key: &str, call: &Call, act: Act) -> Result<Reply, Failure> {
        let done = || {
            self.state()
                .world
                .apply(key, call)
                .map_err(|code| refused(call, code))
        };
        match act {
            Act::Do => done().map(reply),
            Act::DoAndLose => done().and_then(|_| Err(lost(call))),
            Act::Lose => Err(lost(call)),
            Act::NotSent => Err(not_sent(call)),
            Act::Refuse(code) => Err(refused(call, code)),
            Act::Answer(output) => Ok(reply(output)),
            Act::Interrupt => {
                self.state().cancel.set();
                done().map(reply)
            }
            Act::After(before) => {
                before();
                done().map(reply)
            }
            Act::LoseAfter(before) => {
                before();
                Err(lost(call))
            }
            Act::RefuseAfter(before, code) => {
                before();
                Err(refused(call, code))
            }
        }
    }

    fn look(&self, effect: &Effect, input: &Value, looked: Looked) -> Result<Found, Failure> {
        let identity = looked.identity.clone();
        let again = looked.again;
        let mut state = self.state();
        state.looked.push(looked);
        match state.looks.pop_front() {
            Some(Look::Finds(found)) => Ok(found),
            Some(Look::Interrupted(found)) => {
                state.cancel.set();
                Ok(found)
            }
            Some(Look::Unreachable) => Err(Failure::NotSent {
                service: effect.service.clone(),
                operation: "describe".into(),
                reason: "no route to host".into(),
            }),
            None => Ok(judge(&state.world, effect, input, &identity, again)),
        }
    }
}

impl Prober for Aws {
    fn look(&self, question: &Question) -> Result<Value, Unlooked> {
        panic!("{} is asked", question.name())
    }
}

impl Cloud for Aws {
    fn call(&self, call: &Call) -> Result<Reply, Failure> {
        let key = key_of(call);
        let reads = call.operation.starts_with("describe_") || call.input["dry_run"] == true;
        if !reads && !self.state().spoiled {
            self.require_intent(&key, call);
        }
        let act = {
            let mut state = self.state();
            state.calls.push(call.clone());
            state
                .acts
                .get_mut(&call.operation)
                .and_then(VecDeque::pop_front)
        };
        match act {
            None if reads => Ok(reply(json!({}))),
            act => self.act(&key, call, act.unwrap_or(Act::Do)),
        }
    }

    fn context(&self, _: &Effect, _: &Value) -> Result<Option<Value>, Failure> {
        Ok(None)
    }

    fn look_up(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        self.look(
            doubt.effect,
            doubt.input,
            Looked {
                again: false,
                identity: doubt.identity.clone(),
                chosen: doubt.chosen.map(str::to_owned),
            },
        )
    }

    fn look_again(&self, doubt: &Doubt<'_>) -> Result<Found, Failure> {
        self.look(
            doubt.effect,
            doubt.input,
            Looked {
                again: true,
                identity: doubt.identity.clone(),
                chosen: doubt.chosen.map(str::to_owned),
            },
        )
    }
}

/// The answers of the real look-ups, by class.
fn judge(world: &World, effect: &Effect, input: &Value, identity: &Identity, again: bool) -> Found {
    let found = match effect.class {
        Class::Tagged => world.tagged(&effect.operation, identity),
        Class::Keyed => world.same(&effect.operation, input),
        Class::Idempotent | Class::Tokened | Class::Read if !again => return Found::CallAgain,
        Class::Unsafe => {
            return Found::Unknowable("nothing shows whether the call was done".into());
        }
        _ => None,
    };
    found.map_or(Found::Absent, Found::Done)
}

fn key_of(call: &Call) -> String {
    let (_, effect) = call.origin.split_once(' ').unwrap();
    effect.strip_prefix("effect/").unwrap().into()
}

fn reply(output: Value) -> Reply {
    Reply {
        output,
        request_id: Some("request-1".into()),
    }
}

fn refused(call: &Call, code: &str) -> Failure {
    Failure::Answered(ServiceError {
        service: call.service.clone(),
        operation: call.operation.clone(),
        code: code.into(),
        message: "refused by the test".into(),
        request_id: Some("request-2".into()),
        status: 400,
        details: None,
    })
}

fn lost(call: &Call) -> Failure {
    let (service, operation) = (call.service.clone(), call.operation.clone());
    Failure::Lost {
        service,
        operation,
        reason: "the connection was reset".into(),
    }
}

fn not_sent(call: &Call) -> Failure {
    let (service, operation) = (call.service.clone(), call.operation.clone());
    Failure::NotSent {
        service,
        operation,
        reason: "connection refused".into(),
    }
}
