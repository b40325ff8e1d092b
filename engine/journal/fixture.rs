//! Records and runs for the tests of this module.

use std::path::{Path, PathBuf};
use std::{fs, iter};

use serde_json::json;
use tempfile::TempDir;

use crate::entry::{
    Answer, Answered, Approval, Ending, Entry, Intent, Outcome, Record, Resolved, Rewound,
    RunEnded, RunResumed, RunStarted, Settings, Settled, Signature, Target, UndoStarted, Verdict,
    Via, WaitStarted,
};
use crate::log::{self, Head};
use crate::{Journal, Result, RunId, StateDir};
use base::clock;
use base::fault::Fault;
use base::level::Level;
use base::source::Source;

/// A state directory of its own.
pub(crate) struct Site {
    pub(crate) state_dir: StateDir,
    _temporary: TempDir,
}

impl Site {
    pub(crate) fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let state_dir = StateDir::find(Some(&temporary.path().join("state"))).unwrap();
        Self {
            state_dir,
            _temporary: temporary,
        }
    }

    pub(crate) fn run(&self, id: &str) -> Journal {
        Journal::create(&self.state_dir, started(id)).unwrap()
    }

    pub(crate) fn open(&self, id: &str) -> Result<Journal> {
        Journal::open(&self.state_dir, &RunId::parse(id).unwrap())
    }

    /// Makes a run of `records` that nobody holds, and returns its directory.
    pub(crate) fn log(&self, id: &str, records: Vec<Record>) -> PathBuf {
        let dir = self.state_dir.run_dir(&RunId::parse(id).unwrap());
        fs::create_dir_all(&dir).unwrap();
        write_log(&dir, records);
        dir
    }
}

/// Repeatable, so that a failure can be looked into.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Writes a log in `dir` that begins a run and goes on with `records`.
pub(crate) fn write_log(dir: &Path, records: Vec<Record>) -> Vec<Entry> {
    let mut head = Head::start();
    let mut text = String::new();
    for record in iter::once(Record::RunStarted(started("r"))).chain(records) {
        let (line, next) = head.encode(clock::now(), &record).unwrap();
        text.push_str(&line);
        head = next;
    }
    fs::write(dir.join(log::FILE), text).unwrap();
    log::read(dir).unwrap()
}

/// Two records an effect, after which `effect-0`, `effect-1`, … are finished.
pub(crate) fn effects(count: usize) -> Vec<Record> {
    let keys = (0..count).map(|number| format!("effect-{number}"));
    keys.flat_map(|key| [intended(&key, 1), effect_finished(&key, 1)])
        .collect()
}

pub(crate) fn started(id: &str) -> RunStarted {
    let source = Source {
        name: "build.rhai".into(),
        file: None,
        sha256: "00".into(),
        text: "fn main(params) { \"é\" }\n".into(),
    };
    let target = Target {
        account: "123456789012".into(),
        caller: "arn:aws:iam::123456789012:user/ops".into(),
        region: "eu-west-1".into(),
        endpoint: None,
        ..Target::default()
    };
    RunStarted {
        by: None,
        id: id.into(),
        runbook: "build.rhai".into(),
        directory: "/".into(),
        sources: vec![source],
        params: json!({"zones": ["a", "b"], "ratio": 0.1}),
        settings: Settings::default(),
        target: Some(target),
        tick: None,
        engine: "0.1.0".into(),
        pid: 1,
    }
}

pub(crate) fn run_started() -> Record {
    Record::RunStarted(started("r"))
}

pub(crate) fn run_resumed(attempt: u32) -> Record {
    let caller = "arn:aws:iam::123456789012:user/ops".into();
    Record::RunResumed(RunResumed {
        attempt,
        caller,
        engine: "0.1.0".into(),
        pid: 1,
        sources: None,
    })
}

pub(crate) fn run_ended(attempt: u32, ending: Ending) -> Record {
    Record::RunEnded(RunEnded { attempt, ending })
}

pub(crate) fn undo_started(attempt: u32) -> Record {
    Record::UndoStarted(UndoStarted {
        attempt,
        engine: "0.1.0".into(),
        pid: 1,
        by: Signature {
            who: "ops".into(),
            uid: None,
            caller: None,
            why: None,
        },
    })
}

pub(crate) fn logged() -> Record {
    Record::Logged {
        scope: "s".into(),
        level: Level::Info,
        message: "m".into(),
    }
}

pub(crate) fn noted(key: &str) -> Record {
    Record::Noted {
        key: key.into(),
        value: json!(7),
    }
}

pub(crate) fn fault() -> Fault {
    Fault {
        message: "no".into(),
        ..Fault::default()
    }
}

pub(crate) fn step_started(key: &str, attempt: u32) -> Record {
    Record::StepStarted {
        key: key.into(),
        attempt,
        place: None,
    }
}

pub(crate) fn step_finished(key: &str, attempt: u32) -> Record {
    Record::StepFinished {
        key: key.into(),
        attempt,
        value: json!({"id": "vpc-1"}),
    }
}

pub(crate) fn step_failed(key: &str, attempt: u32) -> Record {
    Record::StepFailed {
        key: key.into(),
        attempt,
        error: fault(),
    }
}

pub(crate) fn intent(key: &str, attempt: u32) -> Intent {
    Intent {
        key: key.into(),
        attempt,
        epoch: 1,
        service: "ec2".into(),
        operation: "create_vpc".into(),
        class: "tagged".into(),
        fingerprint: "f1".into(),
        input: json!({"cidr_block": "10.0.0.0/16"}),
        context: None,
        place: None,
        written: None,
    }
}

pub(crate) fn intended(key: &str, attempt: u32) -> Record {
    Record::EffectIntended(intent(key, attempt))
}

pub(crate) fn effect_finished(key: &str, attempt: u32) -> Record {
    let output = json!({"vpc": {"vpc_id": "vpc-1"}});
    Record::EffectFinished(Outcome {
        key: key.into(),
        attempt,
        settled: Settled::Called,
        output,
        request_id: None,
    })
}

pub(crate) fn effect_failed(key: &str, attempt: u32) -> Record {
    Record::EffectFailed {
        key: key.into(),
        attempt,
        error: fault(),
    }
}

fn signature() -> Signature {
    Signature {
        who: "ops".into(),
        uid: None,
        caller: None,
        why: Some("I looked".into()),
    }
}

pub(crate) fn effect_resolved(key: &str, attempt: u32, verdict: Verdict) -> Record {
    Record::EffectResolved(Resolved {
        key: key.into(),
        attempt,
        verdict,
        by: signature(),
    })
}

pub(crate) fn rewound(to: &str) -> Record {
    Record::RunRewound(Rewound {
        to: to.into(),
        by: signature(),
    })
}

pub(crate) fn forgotten(key: &str) -> Record {
    Record::Forgotten { key: key.into() }
}

pub(crate) fn wait_started(key: &str, attempt: u32) -> Record {
    Record::WaitStarted(WaitStarted {
        key: key.into(),
        attempt,
        what: "the NAT instance".into(),
        deadline: None,
        until: None,
        approval: None,
        place: None,
        spent: 0,
    })
}

pub(crate) fn wait_tried(key: &str, attempt: u32, tries: u32) -> Record {
    Record::WaitTried {
        key: key.into(),
        attempt,
        tries,
    }
}

pub(crate) fn asked(key: &str, attempt: u32, question: &str) -> Record {
    Record::WaitStarted(WaitStarted {
        key: key.into(),
        attempt,
        what: question.into(),
        deadline: None,
        until: None,
        approval: Some(Approval {
            rules: None,
            question: question.into(),
            details: json!({"to": "i-1"}),
        }),
        place: None,
        spent: 0,
    })
}

pub(crate) fn answered(key: &str, attempt: u32) -> Record {
    let answer = Answer {
        approved: true,
        at: clock::now(),
        by: signature(),
        host: "bastion".into(),
        via: Via::Command,
    };
    Record::Answered(Answered {
        key: key.into(),
        attempt,
        answer,
    })
}

pub(crate) fn wait_finished(key: &str, attempt: u32) -> Record {
    Record::WaitFinished {
        key: key.into(),
        attempt,
        value: json!(true),
    }
}

pub(crate) fn wait_failed(key: &str, attempt: u32) -> Record {
    Record::WaitFailed {
        key: key.into(),
        attempt,
        error: fault(),
    }
}
