//! Runs as the tests of this tree see them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::style::{Page, Paint};
use base::fault::Fault;
use base::level::Level;
use base::source::Source;
use journal::entry::{
    Ending, Entry, Intent, Outcome, Record, RunEnded, RunResumed, RunStarted, Settings, Settled,
    Target, WaitStarted,
};
use run::event::{Created, Ended, Event, Waiting};

pub(crate) const RUN: &str = "20261121-091203-build-abcdefghijkl";

/// Returns so many seconds after the sample runs began.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_252_323 + seconds).unwrap()
}

pub(crate) fn page(width: usize) -> Page {
    Page {
        width,
        paint: Paint::none(),
    }
}

pub(crate) fn target() -> Target {
    Target {
        account: "123456789012".into(),
        caller: "arn:aws:iam::123456789012:user/operator".into(),
        region: "eu-west-1".into(),
        endpoint: Some("http://127.0.0.1:5000".into()),
        ..Target::default()
    }
}

pub(crate) fn fault() -> Fault {
    Fault {
        message: "the instance i-0b is not in a state that allows this".into(),
        code: Some("IncorrectInstanceState".into()),
        service: Some("ec2".into()),
        operation: Some("create_route".into()),
        request_id: Some("r-1".into()),
        place: Some("network.rhai:12".into()),
        details: None,
        thrown: None,
    }
}

pub(crate) fn ended() -> Ended {
    let made = |key: &str, operation: &str, id: &str| Created {
        key: key.into(),
        operation: operation.into(),
        id: id.into(),
    };
    Ended {
        id: RUN.into(),
        elapsed: Duration::from_secs(92),
        created: vec![
            made(
                "create the network/ec2.create_vpc",
                "ec2.create_vpc",
                "vpc-0a",
            ),
            made(
                "create the network/ec2.create_subnet#2",
                "ec2.create_subnet",
                "subnet-0123456789abcdef0",
            ),
        ],
        value: Some(json!({"vpc_id": "vpc-0a"})),
        waits: false,
    }
}

fn run_started(attempt: u32) -> Event {
    Event::RunStarted {
        id: RUN.into(),
        runbook: "build.rhai".into(),
        attempt,
        target: Some(target()),
    }
}

fn started(key: &str) -> Event {
    Event::StepStarted {
        key: key.into(),
        attempt: 1,
    }
}

fn finished(key: &str, millis: u64) -> Event {
    Event::StepFinished {
        key: key.into(),
        elapsed: Duration::from_millis(millis),
        reused: false,
    }
}

fn reused(key: &str) -> Event {
    Event::StepFinished {
        key: key.into(),
        elapsed: Duration::ZERO,
        reused: true,
    }
}

fn effect(key: &str, operation: &str) -> Event {
    Event::EffectStarted {
        key: key.into(),
        operation: operation.into(),
        attempt: 1,
    }
}

fn made(key: &str, operation: &str, id: &str, settled: Settled) -> Event {
    let (operation, resource) = (operation.into(), Some(id.into()));
    Event::EffectFinished {
        key: key.into(),
        operation,
        resource,
        settled,
    }
}

fn network() -> Vec<Event> {
    vec![
        run_started(1),
        started("create the network"),
        effect("create the network/ec2.create_vpc", "ec2.create_vpc"),
        made(
            "create the network/ec2.create_vpc",
            "ec2.create_vpc",
            "vpc-0a",
            Settled::Called,
        ),
        finished("create the network", 4_900),
    ]
}

/// Returns a run that waits in two branches.
pub(crate) fn waiting_run() -> Vec<Event> {
    let mut events = network();
    events.extend([
        started("start the NATs"),
        started("start the NATs/az1/launch"),
        started("start the NATs/az2/launch"),
        effect(
            "start the NATs/az1/launch/ec2.run_instances",
            "ec2.run_instances",
        ),
        finished("start the NATs/az2/launch", 900),
        Event::Log {
            scope: String::new(),
            level: Level::Info,
            message: "two NATs\nside by side\u{7}".into(),
        },
        Event::Log {
            scope: String::new(),
            level: Level::Debug,
            message: "unseen".into(),
        },
        Event::Waiting(Waiting {
            key: "start the NATs/az2/instance i-0b running".into(),
            what: "instance i-0b running".into(),
            attempt: 4,
            elapsed: Duration::from_secs(70),
            left: Some(Duration::from_secs(110)),
            last_error: Some("IncorrectInstanceState: the instance is pending".into()),
        }),
    ]);
    events
}

/// Returns a run whose innermost step fails.
pub(crate) fn failing_run() -> Vec<Event> {
    let mut events = network();
    let failed = |key: &str| Event::StepFailed {
        key: key.into(),
        elapsed: Duration::from_secs(12),
        error: fault(),
    };
    let key = "create the routes/az1/default route/ec2.create_route";
    events.extend([
        started("create the routes"),
        started("create the routes/az1/default route"),
        effect(key, "ec2.create_route"),
        Event::EffectFailed {
            key: key.into(),
            operation: "ec2.create_route".into(),
            error: fault(),
        },
        failed("create the routes/az1/default route"),
        failed("create the routes"),
        Event::RunEnded(Ended {
            value: None,
            ..ended()
        }),
    ]);
    events
}

/// Returns a resumed run that has settled a doubt and has another one.
pub(crate) fn resumed_run() -> Vec<Event> {
    let (stack, layer) = (
        "create the stack/opsworks.create_stack",
        "create the stack/opsworks.create_layer",
    );
    let doubt = |key: &str, operation: &str| Event::EffectInDoubt {
        key: key.into(),
        operation: operation.into(),
        reason: "no outcome is recorded".into(),
    };
    vec![
        run_started(2),
        reused("check the settings"),
        reused("create the network"),
        Event::StepStarted {
            key: "create the stack".into(),
            attempt: 2,
        },
        doubt(stack, "opsworks.create_stack"),
        made(stack, "opsworks.create_stack", "0f9c", Settled::Adopted),
        reused("create the stack/permissions"),
        doubt(layer, "opsworks.create_layer"),
    ]
}

/// Returns an id as the engine would find it.
pub(crate) fn resource(_: &str, _: &str, output: &Value) -> Option<String> {
    output.get("id")?.as_str().map(str::to_owned)
}

fn entry(seq: u64, record: Record) -> Entry {
    let at = at(i64::try_from(seq).unwrap());
    Entry {
        v: 1,
        seq,
        at,
        prev: String::new(),
        record,
        hash: String::new(),
    }
}

fn intent(key: &str, operation: &str) -> Record {
    Record::EffectIntended(Intent {
        key: key.into(),
        attempt: 1,
        epoch: 1,
        service: "ec2".into(),
        operation: operation.into(),
        class: "tokened".into(),
        fingerprint: "f".into(),
        input: json!({"cidr_block": "10.0.0.0/16"}),
        context: None,
        place: None,
        written: None,
    })
}

fn outcome(key: &str, id: &str, settled: Settled) -> Record {
    let (key, output) = (key.into(), json!({"id": id}));
    Record::EffectFinished(Outcome {
        key,
        attempt: 1,
        settled,
        output,
        request_id: None,
    })
}

fn step(key: &str) -> Record {
    Record::StepStarted {
        key: key.into(),
        attempt: 1,
        place: None,
    }
}

fn done(key: &str) -> Record {
    Record::StepFinished {
        key: key.into(),
        attempt: 1,
        value: Value::Null,
    }
}

fn start() -> RunStarted {
    let source = |name: &str, file: Option<&str>| Source {
        name: name.into(),
        file: file.map(Into::into),
        sha256: "0123456789abcdef".repeat(4),
        text: String::new(),
    };
    RunStarted {
        by: None,
        id: RUN.into(),
        runbook: "build.rhai".into(),
        directory: "/srv".into(),
        sources: vec![
            source("build.rhai", Some("/srv/build.rhai")),
            source("network", None),
        ],
        params: json!({"name": "ha\u{1b}[31m", "user_data": "x".repeat(300), "vpc_cidr": "10.0.0.0/16"}),
        settings: Settings {
            site: vec!["sites/a.toml".into()],
            set: vec![],
        },
        target: Some(target()),
        tick: None,
        engine: "0.1.0".into(),
        pid: 7,
    }
}

fn numbered(records: Vec<Record>) -> Vec<Entry> {
    (1..)
        .zip(records)
        .map(|(seq, record)| entry(seq, record))
        .collect()
}

/// Returns a log that breaks off in an effect and in a wait.
pub(crate) fn entries() -> Vec<Entry> {
    let wait = WaitStarted {
        key: "start the NATs/az2/instance running".into(),
        attempt: 1,
        what: "instance running".into(),
        deadline: Some(at(120)),
        until: None,
        approval: None,
        place: None,
        spent: 0,
    };
    numbered(vec![
        Record::RunStarted(start()),
        step("create the network"),
        intent("create the network/ec2.create_vpc", "create_vpc"),
        outcome(
            "create the network/ec2.create_vpc",
            "vpc-0a",
            Settled::Called,
        ),
        done("create the network"),
        step("start the NATs"),
        step("start the NATs/az1/launch"),
        intent(
            "start the NATs/az1/launch/ec2.run_instances",
            "run_instances",
        ),
        Record::WaitStarted(wait),
    ])
}

/// Returns the same run, resumed and failed.
pub(crate) fn failed_entries() -> Vec<Entry> {
    let mut records: Vec<_> = entries().into_iter().map(|entry| entry.record).collect();
    let (nats, launch) = ("start the NATs", "start the NATs/az1/launch");
    let wait = "start the NATs/az2/instance running";
    let resumed = RunResumed {
        attempt: 2,
        caller: target().caller,
        engine: "0.1.0".into(),
        pid: 8,
        sources: None,
    };
    let failed = |key: &str| Record::StepFailed {
        key: key.into(),
        attempt: 2,
        error: fault(),
    };
    records.extend([
        Record::RunResumed(resumed),
        Record::StepStarted {
            key: nats.into(),
            attempt: 2,
            place: None,
        },
        Record::StepStarted {
            key: launch.into(),
            attempt: 2,
            place: None,
        },
        outcome(
            "start the NATs/az1/launch/ec2.run_instances",
            "i-0a",
            Settled::Adopted,
        ),
        Record::Logged {
            scope: nats.into(),
            level: Level::Warn,
            message: "two\nlines".into(),
        },
        done(launch),
        Record::WaitTried {
            key: wait.into(),
            attempt: 1,
            tries: 1,
        },
        Record::WaitFailed {
            key: wait.into(),
            attempt: 1,
            error: fault(),
        },
        failed(nats),
        Record::RunEnded(RunEnded {
            attempt: 2,
            ending: Ending::Failed { error: fault() },
        }),
    ]);
    numbered(records)
}

/// Returns a run whose branches call AWS without steps of their own.
pub(crate) fn calling_run() -> Vec<Event> {
    let read = |key: &str| Event::Reading {
        key: key.into(),
        operation: "ec2.describe_vpcs".into(),
    };
    let wait = |key: &str| {
        Event::Waiting(Waiting {
            key: key.into(),
            what: "sleep 5s".into(),
            attempt: 0,
            elapsed: Duration::ZERO,
            left: None,
            last_error: None,
        })
    };
    vec![
        run_started(1),
        read(""),
        started("look around"),
        read("look around"),
        read("look around/az1"),
        effect("look around/az2/ec2.create_vpc", "ec2.create_vpc"),
        read("look around/az3"),
        wait("look around/az3/sleep 5s"),
        read("look around/az3/sleep 5s"),
    ]
}
