//! The journal's entries: what one line of `journal.jsonl` says.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use base::clock::Moment;
use base::fault::Fault;
use base::level::Level;
use base::source::{Place, Source};

/// Version of the entry format; a reader refuses a newer one.
pub const VERSION: u32 = 1;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub v: u32,
    /// Counted from 1, without gaps.
    pub seq: u64,
    pub at: Timestamp,
    /// The `hash` of the entry before, 64 zeros for the first.
    pub prev: String,
    pub record: Record,
    /// SHA-256 in hex over the line's bytes before `,"hash"`.
    pub hash: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    RunStarted(RunStarted),
    RunResumed(RunResumed),
    RunEnded(RunEnded),
    StepStarted {
        key: String,
        attempt: u32,
        /// `None` of an entry by an earlier version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
    },
    StepFinished {
        key: String,
        attempt: u32,
        value: Value,
    },
    StepFailed {
        key: String,
        attempt: u32,
        error: Fault,
    },
    EffectIntended(Intent),
    EffectFinished(Outcome),
    EffectFailed {
        key: String,
        attempt: u32,
        error: Fault,
    },
    WaitStarted(WaitStarted),
    /// One more attempt of the wait is over. Recorded where attempts are counted, or where this one has records of its own.
    WaitTried {
        key: String,
        attempt: u32,
        /// Counted from 1, over the wait's failures too.
        tries: u32,
    },
    WaitFinished {
        key: String,
        attempt: u32,
        value: Value,
    },
    WaitFailed {
        key: String,
        attempt: u32,
        error: Fault,
    },
    /// A person has answered what the run asked approval for; the script gets it when it comes to it.
    Answered(Answered),
    /// A person has said what became of an effect in doubt.
    EffectResolved(Resolved),
    /// A person takes the run back to a key; a `Forgotten` for each key from there on follows, the latest first.
    RunRewound(Rewound),
    /// What the run made is being taken down; it cannot be resumed any more.
    UndoStarted(UndoStarted),
    /// What was recorded of the key does not count any more.
    Forgotten {
        key: String,
    },
    /// A value that must stay the same on replay: `run::now`, `run::uuid`, `run::random`.
    Noted {
        key: String,
        value: Value,
    },
    Logged {
        scope: String,
        level: Level,
        message: String,
    },
}

/// The run's pinned sources, parameters, account and region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    pub id: String,
    /// The path as it was typed.
    pub runbook: String,
    /// The working directory it was typed in.
    pub directory: String,
    pub sources: Vec<Source>,
    pub params: Value,
    /// What was typed to set parameters, so that hints can repeat it.
    pub settings: Settings,
    /// `None` for a runbook that does not use AWS.
    pub target: Option<Target>,
    /// Of a run that is one tick of a runbook executed again and again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tick: Option<Tick>,
    /// Who started it; `None` in an older journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Signature>,
    /// The version of `runbook` that wrote the entry.
    pub engine: String,
    pub pid: u32,
}

/// What a tick began with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    /// The memory's name.
    pub memory: String,
    /// What `state::get` could see; a resume sees the same, whatever later ticks have put.
    pub state: Value,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub site: Vec<String>,
    pub set: Vec<String>,
}

/// Who acts where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub account: String,
    pub caller: String,
    pub region: String,
    /// Only where it is not AWS's own.
    pub endpoint: Option<String>,
    /// Of the services that are reached elsewhere than at `endpoint`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub endpoints: BTreeMap<String, String>,
    /// `aws`, `aws-cn`, …; `None` in a journal of before endpoints were pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResumed {
    /// Counted from 2: the start was the first attempt.
    pub attempt: u32,
    pub caller: String,
    pub engine: String,
    pub pid: u32,
    /// The sources from here on, where edited ones were accepted.
    pub sources: Option<Vec<Source>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEnded {
    pub attempt: u32,
    pub ending: Ending,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Succeeded {
        value: Value,
    },
    Failed {
        error: Fault,
    },
    Interrupted,
    /// It is over, and what was under way in a `run::finally` is cleaned up.
    Cancelled {
        /// Who asked; `None` of Ctrl-C and signals.
        by: Option<Signature>,
    },
    /// It waits for approvals, by key.
    Waiting {
        keys: Vec<String>,
    },
    /// It was cut off, and a later tick decided afresh.
    Superseded,
    /// What it made is taken down; `left` says what is still there, and why.
    Undone {
        left: Vec<String>,
    },
    /// An undo stopped half-way; it can be taken up again.
    UndoStopped {
        error: Fault,
    },
    InDoubt {
        key: String,
        error: Fault,
    },
    Diverged {
        key: String,
        error: Fault,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UndoStarted {
    /// Counted on from the run's own attempts.
    pub attempt: u32,
    pub engine: String,
    pub pid: u32,
    pub by: Signature,
}

/// An effect that is about to be issued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    pub key: String,
    pub attempt: u32,
    /// A new epoch is a new identity towards AWS: another token, another tag.
    pub epoch: u32,
    pub service: String,
    pub operation: String,
    pub class: String,
    /// SHA-256 in hex of the canonical input.
    pub fingerprint: String,
    /// The input as the script gave it, without our marks.
    pub input: Value,
    /// What a later look-up needs and the input does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Value>,
    /// `None` of an entry by an earlier version, and of an undo's effects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// When it was written; the call goes out after that. `None` of an entry by an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<Moment>,
}

/// An effect that is known to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub key: String,
    pub attempt: u32,
    pub settled: Settled,
    pub output: Value,
    pub request_id: Option<String>,
}

/// How it came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// AWS answered the call.
    Called,
    /// It was in doubt and was found in AWS by our mark.
    Adopted,
    /// It was in doubt and a person said so.
    Resolved,
}

/// What a person says of an effect in doubt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resolved {
    pub key: String,
    pub attempt: u32,
    pub verdict: Verdict,
    pub by: Signature,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was done; this is what the call would have answered.
    Adopted { output: Value },
    /// It was not done: the next attempt makes the call again.
    Retry,
    /// It was not done and is not to be: the script sees a failure, on each resume.
    Failed { error: Fault },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rewound {
    /// The key that it goes back to.
    pub to: String,
    pub by: Signature,
}

/// Who decided something, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// The user's name on this machine.
    pub who: String,
    /// `None` in a journal of before the kernel was asked: then the name is what a variable said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// Who they are to AWS, where it was asked.
    pub caller: Option<String>,
    pub why: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitStarted {
    pub key: String,
    pub attempt: u32,
    pub what: String,
    /// For people, and for a later boot.
    pub deadline: Option<Timestamp>,
    /// The deadline by a clock that nobody sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// Of a wait for a person's approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// `None` of an entry by an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Attempts up to the wait's last failure, which count no more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spent: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What approval is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    pub question: String,
    /// What a person should know to decide; null where the script gives nothing.
    pub details: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Rules>,
}

/// Who may answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Names or uids; everybody where there is no list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvers: Option<Vec<String>>,
    /// So many different people must approve. One refusal is enough.
    #[serde(default = "one")]
    pub at_least: u32,
    /// Whoever started the run does not answer.
    #[serde(default)]
    pub not_starter: bool,
}

fn one() -> u32 {
    1
}

/// What a person has said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    pub key: String,
    pub attempt: u32,
    pub answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub approved: bool,
    pub at: Timestamp,
    pub by: Signature,
    /// The machine's name.
    pub host: String,
    pub via: Via,
}

/// How an answer was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// At the terminal of the run.
    Terminal,
    /// With `runbook approve`.
    Command,
    /// By the engine: a rehearsal moves nothing that anybody would miss.
    Rehearsal,
}
