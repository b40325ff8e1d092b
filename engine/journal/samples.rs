//! One line of each kind of record, as it is on disk: what is written today is read for ever.
//!
//! A line here is never changed: a record that would be written in another way needs a line of its own.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::entry::{
    Answer, Answered, Ending, Entry, Intent, Record, Rules, RunEnded, RunStarted, Signature,
    Target, Tick, Verdict, WaitStarted,
};
use super::fixture::{
    answered, asked, effect_failed, effect_finished, effect_resolved, fault, forgotten, intended,
    intent, noted, rewound, run_resumed, run_started, started, step_failed, step_finished,
    step_started, undo_started, wait_failed, wait_finished, wait_started,
};
use super::log::Head;
use base::clock::Moment;
use base::fault::Fault;
use base::level::Level;
use base::source::Place;

const LINES: &str = include_str!("samples.jsonl");

fn samples() -> Vec<Record> {
    let ended = |ending| Record::RunEnded(RunEnded { attempt: 1, ending });
    let (key, error) = ("e".to_owned(), fault());
    let output = json!({"vpc": {"vpc_id": "vpc-1"}});
    let plain = vec![
        run_started(),
        run_resumed(2),
        step_started("s", 1),
        step_finished("s", 1),
        step_failed("s", 1),
        intended("e", 1),
        effect_finished("e", 1),
        effect_failed("e", 1),
        effect_resolved("e", 1, Verdict::Adopted { output }),
        effect_resolved("e", 1, Verdict::Retry),
        effect_resolved("e", 1, Verdict::Failed { error: fault() }),
        wait_started("w", 1),
        asked("w", 1, "go on?"),
        answered_then(),
        wait_finished("w", 1),
        wait_failed("w", 1),
        rewound("s"),
        forgotten("s"),
        undo_started(3),
        noted("n"),
        Record::Logged {
            scope: "s".into(),
            level: Level::Warn,
            message: "m".into(),
        },
        ended(Ending::Succeeded { value: json!(7) }),
        ended(Ending::Failed { error: fault() }),
        ended(Ending::Interrupted),
        ended(Ending::Waiting {
            keys: vec![key.clone()],
        }),
        ended(Ending::Superseded),
        ended(Ending::Undone {
            left: vec!["vpc-1".into()],
        }),
        ended(Ending::UndoStopped { error: fault() }),
        ended(Ending::InDoubt {
            key: key.clone(),
            error: fault(),
        }),
        ended(Ending::Diverged { key, error }),
    ];
    plain.into_iter().chain(full()).collect()
}

/// With every member that may be absent.
fn full() -> Vec<Record> {
    let mut start = started("r");
    start.tick = Some(Tick {
        memory: "heartbeat".into(),
        state: json!({"count": 1}),
    });
    start.target = Some(Target {
        account: "123456789012".into(),
        caller: "arn:aws:iam::123456789012:user/ops".into(),
        region: "eu-west-1".into(),
        endpoint: Some("http://127.0.0.1:5000".into()),
        endpoints: BTreeMap::from([("ec2".into(), "http://127.0.0.1:5001".into())]),
        partition: Some("aws".into()),
    });
    let place = Place {
        module: "build.rhai".into(),
        line: 3,
        column: 5,
        sha256: "00".into(),
    };
    let intent = Intent {
        context: Some(json!({"association_id": "rtbassoc-1"})),
        place: Some(place.clone()),
        ..intent("f", 1)
    };
    let moment = Moment {
        boot: "b".into(),
        us: 1_500_000,
    };
    let by = Signature {
        who: "ops".into(),
        uid: None,
        caller: None,
        why: Some("wrong zone".into()),
    };
    let signed = Signature {
        uid: Some(1000),
        ..by.clone()
    };
    let Record::Answered(answered) = answered_then() else {
        unreachable!()
    };
    let answer = answered.answer.clone();
    let error = Fault {
        details: Some(json!({"exit_code": 2})),
        thrown: Some(Box::new(json!({"own": [1, null]}))),
        ..fault()
    };
    vec![
        Record::RunStarted(start),
        Record::EffectIntended(intent),
        Record::StepFailed {
            key: "t".into(),
            attempt: 1,
            error,
        },
        Record::StepStarted {
            key: "u".into(),
            attempt: 1,
            place: Some(place.clone()),
        },
        Record::WaitStarted(WaitStarted {
            key: "v".into(),
            attempt: 1,
            what: "v".into(),
            deadline: Some(then()),
            until: Some(moment.clone()),
            approval: None,
            place: Some(place),
            spent: 2,
        }),
        Record::RunEnded(RunEnded {
            attempt: 1,
            ending: Ending::Cancelled { by: Some(by) },
        }),
        Record::WaitTried {
            key: "v".into(),
            attempt: 1,
            tries: 3,
        },
        Record::EffectIntended(Intent {
            written: Some(moment),
            ..super::fixture::intent("g", 1)
        }),
        Record::RunStarted(RunStarted {
            by: Some(signed.clone()),
            ..started("r")
        }),
        ruled(),
        Record::Answered(Answered {
            answer: Answer {
                by: signed,
                ..answer
            },
            ..answered
        }),
    ]
}

fn ruled() -> Record {
    let mut record = asked("x", 1, "go on?");
    if let Record::WaitStarted(WaitStarted {
        approval: Some(approval),
        ..
    }) = &mut record
    {
        approval.rules = Some(Rules {
            approvers: Some(vec!["alice".into(), "1000".into()]),
            at_least: 2,
            not_starter: true,
        });
    }
    record
}

fn then() -> Timestamp {
    "2026-01-02T03:04:05.678Z".parse().unwrap()
}

fn answered_then() -> Record {
    let mut record = answered("w", 1);
    if let Record::Answered(answered) = &mut record {
        answered.answer.at = then();
    }
    record
}

/// Returns which kind a record is. A new kind has no arm here, and then it needs a sample too.
fn kind(record: &Record) -> usize {
    match record {
        Record::RunStarted(_) => 0,
        Record::RunResumed(_) => 1,
        Record::StepStarted { .. } => 2,
        Record::StepFinished { .. } => 3,
        Record::StepFailed { .. } => 4,
        Record::EffectIntended(_) => 5,
        Record::EffectFinished(_) => 6,
        Record::EffectFailed { .. } => 7,
        Record::WaitStarted(_) => 8,
        Record::WaitTried { .. } => 30,
        Record::WaitFinished { .. } => 9,
        Record::WaitFailed { .. } => 10,
        Record::Answered(_) => 11,
        Record::RunRewound(_) => 12,
        Record::UndoStarted(_) => 13,
        Record::Forgotten { .. } => 14,
        Record::Noted { .. } => 15,
        Record::Logged { .. } => 16,
        Record::EffectResolved(resolved) => match resolved.verdict {
            Verdict::Adopted { .. } => 17,
            Verdict::Retry => 18,
            Verdict::Failed { .. } => 19,
        },
        Record::RunEnded(ended) => match ended.ending {
            Ending::Succeeded { .. } => 20,
            Ending::Failed { .. } => 21,
            Ending::Interrupted => 22,
            Ending::Waiting { .. } => 23,
            Ending::Superseded => 24,
            Ending::Undone { .. } => 25,
            Ending::UndoStopped { .. } => 26,
            Ending::InDoubt { .. } => 27,
            Ending::Diverged { .. } => 28,
            Ending::Cancelled { .. } => 29,
        },
    }
}

#[test]
fn each_kind_is_written_as_it_ever_was() {
    let mut head = Head::start();
    let mut written = String::new();
    for record in samples() {
        let (line, next) = head.encode(then(), &record).unwrap();
        written.push_str(&line);
        head = next;
    }
    for (line, expected) in written.lines().zip(LINES.lines()) {
        assert_eq!(line, expected);
    }
    assert_eq!(written.lines().count(), LINES.lines().count());
}

#[test]
fn each_line_is_read_as_what_it_was() {
    let read: Vec<Record> = LINES
        .lines()
        .map(|line| serde_json::from_str::<Entry>(line).unwrap().record)
        .collect();
    assert_eq!(read, samples());
}

#[test]
fn each_kind_has_a_sample() {
    let mut kinds: Vec<_> = samples().iter().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    // One more than the last number in `kind`.
    assert_eq!(kinds, (0..31).collect::<Vec<_>>());
}
