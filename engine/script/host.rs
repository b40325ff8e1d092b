//! `Host`: what carries out the primitives of a script.

use std::fmt;
use std::time::Duration;

use rhai::{Dynamic, Engine, EvalAltResult};
use serde_json::Value;

use base::level::Level;
use base::secret::Reference;
use base::source::Place;
use probe::Question;

/// A script's result; the error carries its place.
pub type Scripted<T> = Result<T, Box<EvalAltResult>>;

/// The name under which `run::now` is recorded.
pub const NOW: &str = "run.now";

/// A closure of the script.
pub type Body<'a> = &'a (dyn Fn() -> Scripted<Dynamic> + Sync);

/// A closure of the script that takes the outcome of another one.
pub type Cleanup<'a> = &'a (dyn Fn(Dynamic) -> Scripted<Dynamic> + Sync);

/// Carries out the primitives of a script, each on the thread of the branch that calls it.
pub trait Host: Send + Sync {
    fn step(&self, name: &str, item: Option<&str>, body: Body) -> Scripted<Dynamic>;

    /// Runs another runbook as a step, on the engine of the script that calls it.
    fn runbook(
        &self,
        engine: &Engine,
        path: &str,
        item: Option<&str>,
        params: &Value,
    ) -> Scripted<Dynamic>;

    /// Runs the branches side by side and returns a map of their results.
    fn parallel(&self, branches: &[Branch], limits: BranchLimits) -> Scripted<Dynamic>;

    /// Calls `body` until it returns something other than `()` or false.
    fn wait_until(&self, what: &str, pace: &Pace, body: Body) -> Scripted<Dynamic>;

    /// Calls `body` until it does not fail.
    fn retry(&self, what: &str, pace: &Pace, body: Body) -> Scripted<Dynamic>;

    fn sleep(&self, duration: Duration) -> Scripted<()>;

    /// Runs `body`, then `cleanup` once, however `body` ended.
    fn finally(&self, body: Body, cleanup: Cleanup) -> Scripted<Dynamic>;

    /// Asks a person; a refusal is an error.
    fn approve(&self, question: &str, details: Value, rules: Value) -> Scripted<Value>;

    /// Returns the recorded value under `name`, made by `make` the first time.
    fn note(&self, name: &str, make: &dyn Fn() -> Value) -> Scripted<Value>;

    /// Returns the time, recorded; each attempt of a wait has its own.
    fn now(&self) -> Scripted<Value>;

    /// Calls an AWS operation, both names as scripts write them.
    fn call(
        &self,
        service: &str,
        operation: &str,
        input: Value,
        on_doubt: OnDoubt,
    ) -> Scripted<Value>;

    /// Calls an operation whose reply alone has a secret, which goes to `keep`.
    fn call_keeping(
        &self,
        service: &str,
        operation: &str,
        input: Value,
        keep: Reference,
    ) -> Scripted<Value>;

    /// Reads a secret and returns its token.
    fn secret(&self, reference: &Reference) -> Scripted<String>;

    /// Runs one of the model's waiters on a read operation.
    fn wait_for(&self, service: &str, waiter: &str, input: Value) -> Scripted<()>;

    /// Checks the network or this host: live each time, never recorded.
    fn probe(&self, question: &Question) -> Scripted<Value>;

    fn log(&self, level: Level, message: &str) -> Scripted<()>;

    /// Writes the result of the command to stdout: for people, and as data.
    fn output(&self, text: &str, data: Value) -> Scripted<()>;

    /// Returns what another run has recorded; `part` is a part of its id.
    fn recorded(&self, part: &str) -> Scripted<Value>;

    /// Returns what a tick has stored under the key.
    fn recall(&self, key: &str) -> Scripted<Option<Value>>;

    /// Stores the value for later ticks; `None` removes the key.
    fn remember(&self, key: &str, value: Option<Value>) -> Scripted<()>;

    fn fact(&self, fact: Fact) -> Scripted<String>;
}

/// What a script wants done if a call is in doubt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDoubt {
    /// An operator resolves the doubt.
    #[default]
    Stop,
    /// The call may be made twice.
    Retry,
    /// The next tick makes the call again: the call alone makes no run of the tick.
    Beat,
}

/// One branch of `run::parallel`.
pub struct Branch<'a> {
    pub name: String,
    pub named: Named,
    pub body: Box<dyn Fn() -> Scripted<Dynamic> + Send + Sync + 'a>,
}

/// Where the name of a branch is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A name in the script, with the rules of a step's name.
    ByName,
    /// An item, with the rules of a step's item.
    ByItem,
}

/// How many branches run at once, and how many may fail before no other is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BranchLimits {
    pub at_most: usize,
    pub stop_after: usize,
}

impl BranchLimits {
    /// All at once; after one failure the others end.
    pub const NONE: Self = Self {
        at_most: usize::MAX,
        stop_after: 1,
    };
}

/// The options of a wait or retry.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    pub every: Duration,
    pub timeout: Option<Duration>,
    pub attempts: Option<u32>,
    /// The pause grows by this factor each time, up to ten times `every`.
    pub backoff: f64,
    /// AWS error codes that are worth another attempt; none means all.
    pub on: Option<Vec<String>>,
}

impl Pace {
    /// Returns the pause after so many attempts.
    #[must_use]
    pub fn pause(&self, attempts: u32) -> Duration {
        let exponent = i32::try_from(attempts.saturating_sub(1)).unwrap_or(i32::MAX);
        self.every
            .mul_f64(self.backoff.powi(exponent).clamp(1.0, 10.0))
    }
}

/// A fact of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Id,
    Account,
    Region,
}

/// Why a run stops in a way that no script can catch.
#[derive(Clone, Debug, PartialEq)]
pub enum StopReason {
    /// Ctrl-C or a signal.
    Cancelled,
    /// The same, and what was under way in a `finally` is cleaned up: the run is over.
    CleanedUp,
    /// The run waits for an approval, and nobody is at a terminal.
    Waiting,
    /// A dry run has named its first effect.
    DryRunEnd,
    /// Another branch failed; this one ends after its step.
    Abandoned,
    Diverged(Divergence),
    /// An effect is in doubt, and AWS does not show whether it was done.
    InDoubt(Box<Undecided>),
    /// An effect is in doubt and AWS could not be asked; a resume asks again.
    Unreached {
        key: String,
        reason: String,
    },
    /// The journal cannot be written or read, so nothing more can be recorded.
    Journal(Box<base::report::Report>),
}

/// An effect in doubt that an operator has to resolve.
#[derive(Clone, Debug, PartialEq)]
pub struct Undecided {
    pub key: String,
    pub service: String,
    pub operation: String,
    pub input: Value,
    /// Why it is in doubt.
    pub reason: String,
    /// The ids of the resources that AWS shows, if there are several.
    pub candidates: Vec<String>,
}

/// The same key, but another place or another input.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    pub key: String,
    /// The places of the recorded call and of this one, if they differ.
    pub places: Option<Box<(Place, Place)>>,
    /// The recorded and the present kind, such as a step and a wait, if they differ.
    pub kinds: Option<(&'static str, &'static str)>,
    /// `None` of a step or a wait.
    pub calls: Option<Box<Calls>>,
}

/// A recorded effect, and the call that the script now makes under its key.
#[derive(Clone, Debug, PartialEq)]
pub struct Calls {
    pub recorded_operation: String,
    pub recorded: Value,
    pub operation: String,
    pub asked: Value,
    /// The id of what the recorded call created.
    pub created: Option<String>,
    /// Whether the recorded effect has an outcome.
    pub settled: bool,
}

impl fmt::Display for StopReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => formatter.write_str("interrupted"),
            Self::CleanedUp => formatter.write_str("cancelled and cleaned up"),
            Self::Waiting => formatter.write_str("waiting for an approval"),
            Self::DryRunEnd => formatter.write_str("stopped before the first effect"),
            Self::Abandoned => formatter.write_str("stopped because another branch failed"),
            Self::Diverged(divergence) => {
                let what = if divergence.places.is_some() {
                    "at a different place"
                } else {
                    "with different input"
                };
                write!(formatter, "`{}` was recorded {what}", divergence.key)
            }
            Self::InDoubt(undecided) => {
                write!(
                    formatter,
                    "`{}` is in doubt: {}",
                    undecided.key, undecided.reason
                )
            }
            Self::Unreached { key, reason } => {
                write!(formatter, "whether `{key}` was done is not known: {reason}")
            }
            Self::Journal(report) => formatter.write_str(&report.message),
        }
    }
}

impl From<StopReason> for Box<EvalAltResult> {
    fn from(stop: StopReason) -> Self {
        Box::new(EvalAltResult::ErrorTerminated(
            Dynamic::from(stop),
            rhai::Position::NONE,
        ))
    }
}

/// Returns the stop that `error` carries, however deep.
#[must_use]
pub fn stop_reason(error: &EvalAltResult) -> Option<StopReason> {
    match error {
        EvalAltResult::ErrorTerminated(token, _) => token.clone().try_cast::<StopReason>(),
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => stop_reason(inner),
        _ => None,
    }
}
