use serde_json::{Value, json};

use super::*;
use crate::entry::{Intent, Settled, Verdict};
use crate::fixture::{
    answered, asked, effect_failed, effect_finished, effect_resolved, fault, forgotten, intended,
    intent, logged, noted, rewound, run_ended, run_resumed, run_started, step_failed,
    step_finished, step_started, undo_started, wait_failed, wait_finished, wait_started,
    wait_tried,
};
use crate::state::Progress;

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
        (
            "wait tried",
            vec![wait_started(KEY, 1), wait_tried(KEY, 1, 1)],
        ),
    ]
    .into_iter()
    .chain(further_states())
    .collect()
}

fn further_states() -> Vec<(&'static str, Vec<Record>)> {
    vec![
        ("question", vec![asked(KEY, 1, "go?")]),
        (
            "question answered",
            vec![asked(KEY, 1, "go?"), answered(KEY, 1)],
        ),
        (
            "question settled",
            vec![
                asked(KEY, 1, "go?"),
                answered(KEY, 1),
                wait_finished(KEY, 1),
            ],
        ),
        ("note", vec![noted(KEY)]),
        (
            "run rewound",
            vec![
                run_started(),
                run_ended(1, Ending::Succeeded { value: Value::Null }),
                rewound("k"),
            ],
        ),
        (
            "step forgotten",
            vec![step_started(KEY, 1), step_finished(KEY, 1), forgotten(KEY)],
        ),
        (
            "effect forgotten",
            vec![intended(KEY, 1), effect_finished(KEY, 1), forgotten(KEY)],
        ),
        ("note forgotten", vec![noted(KEY), forgotten(KEY)]),
        (
            "effect adopted",
            vec![
                intended(KEY, 1),
                effect_resolved(KEY, 1, Verdict::Adopted { output: json!({}) }),
            ],
        ),
        (
            "effect to be called again",
            vec![intended(KEY, 1), effect_resolved(KEY, 1, Verdict::Retry)],
        ),
        (
            "effect given up",
            vec![
                intended(KEY, 1),
                effect_resolved(KEY, 1, Verdict::Failed { error: fault() }),
            ],
        ),
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
    records.push(("rewound".to_owned(), rewound("k")));
    records.push(("forgotten".to_owned(), forgotten(key)));
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
        add("resolved", effect_resolved(key, attempt, Verdict::Retry));
        add("wait_started", wait_started(key, attempt));
        add("wait_finished", wait_finished(key, attempt));
        add("wait_failed", wait_failed(key, attempt));
        add("wait_tried", wait_tried(key, attempt, 1));
        add("wait_tried again", wait_tried(key, attempt, 2));
        add("asked", asked(key, attempt, "go?"));
        add("asked otherwise", asked(key, attempt, "go there?"));
        add("answered", answered(key, attempt));
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
            "asked 1",
            "asked otherwise 1",
        ],
    ),
    (
        "run",
        &["logged", "rewound", "run_resumed 2", "run_ended 1"],
    ),
    (
        "run resumed",
        &["logged", "rewound", "run_resumed 3", "run_ended 2"],
    ),
    ("run succeeded", &["rewound"]),
    ("run failed", &["rewound", "run_resumed 2"]),
    (
        "step",
        &[
            "forgotten",
            "step_started 2",
            "step_finished 1",
            "step_failed 1",
        ],
    ),
    (
        "step again",
        &[
            "forgotten",
            "step_started 3",
            "step_finished 2",
            "step_failed 2",
        ],
    ),
    ("step finished", &["forgotten"]),
    ("step failed", &["forgotten", "step_started 2"]),
    (
        "effect",
        &[
            "effect_intended 2",
            "effect_finished 1",
            "effect_failed 1",
            "resolved 1",
        ],
    ),
    (
        "effect again",
        &[
            "effect_intended 3",
            "effect_finished 2",
            "effect_failed 2",
            "resolved 2",
        ],
    ),
    ("effect finished", &["forgotten"]),
    ("effect failed", &["forgotten", "effect_intended 2"]),
    (
        "wait",
        &[
            "forgotten",
            "wait_started 2",
            "asked 2",
            "asked otherwise 2",
            "wait_finished 1",
            "wait_failed 1",
            "wait_tried 1",
        ],
    ),
    (
        "wait again",
        &[
            "forgotten",
            "wait_started 3",
            "asked 3",
            "asked otherwise 3",
            "wait_finished 2",
            "wait_failed 2",
            "wait_tried 2",
        ],
    ),
    ("wait finished", &["forgotten"]),
    (
        "wait failed",
        &[
            "forgotten",
            "wait_started 2",
            "asked 2",
            "asked otherwise 2",
        ],
    ),
    (
        "wait tried",
        &[
            "forgotten",
            "wait_started 2",
            "asked 2",
            "asked otherwise 2",
            "wait_finished 1",
            "wait_failed 1",
            "wait_tried again 1",
        ],
    ),
    // A wait of another kind is another question.
    (
        "question",
        &[
            "forgotten",
            "wait_started 2",
            "asked 2",
            "asked otherwise 2",
            "wait_finished 1",
            "wait_failed 1",
            "answered 1",
        ],
    ),
    (
        "question answered",
        &[
            "forgotten",
            "wait_started 2",
            "asked 2",
            "asked otherwise 2",
            "wait_finished 1",
            "wait_failed 1",
        ],
    ),
    (
        "question settled",
        &["forgotten", "wait_started 2", "asked otherwise 2"],
    ),
    ("note", &["forgotten"]),
    (
        "run rewound",
        &["logged", "rewound", "run_resumed 2", "run_ended 1"],
    ),
    (
        "step forgotten",
        &[
            "noted",
            "step_started 2",
            "effect_intended 2",
            "wait_started 2",
            "asked 2",
            "asked otherwise 2",
        ],
    ),
    // A forgotten effect is issued again under a new epoch only; these are of the old one.
    (
        "effect forgotten",
        &[
            "noted",
            "step_started 2",
            "wait_started 2",
            "asked 2",
            "asked otherwise 2",
        ],
    ),
    (
        "note forgotten",
        &[
            "noted",
            "step_started 1",
            "effect_intended 1",
            "wait_started 1",
            "asked 1",
            "asked otherwise 1",
        ],
    ),
    ("effect adopted", &["forgotten"]),
    (
        "effect to be called again",
        &["forgotten", "effect_intended 2"],
    ),
    ("effect given up", &["forgotten"]),
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
    assert_eq!(pairs, 29 * 73);
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
        place: None,
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
fn a_crash_leaves_the_count_of_attempts_and_a_failure_begins_it_anew() {
    let started = |attempt, spent| {
        let mut record = wait_started(KEY, attempt);
        if let Record::WaitStarted(started) = &mut record {
            started.spent = spent;
        }
        record
    };
    let counts = |way: &[Record]| match reach(way) {
        Some(Slot::Wait(wait)) => (wait.tries, wait.spent, wait.tries_before()),
        _ => panic!(),
    };
    let crashed = [started(1, 0), wait_tried(KEY, 1, 1), started(2, 0)];
    assert_eq!(counts(&crashed), (1, 0, 1));
    let failed = [&crashed[..], &[wait_tried(KEY, 2, 2), wait_failed(KEY, 2)]].concat();
    assert_eq!(counts(&failed), (2, 0, 3));
    let anew = [
        &failed[..],
        &[started(3, 3), wait_tried(KEY, 3, 4), started(4, 3)],
    ]
    .concat();
    assert_eq!(counts(&anew), (4, 3, 4));
    let may = |way: &[Record], record: &Record| next(reach(way).as_ref(), record).is_ok();
    assert!(!may(&[], &started(1, 1)) && !may(&failed, &started(3, 1)));
    assert!(!may(&crashed, &started(3, 1)) && !may(&anew, &started(5, 0)));
    assert!(!may(&anew, &wait_tried(KEY, 4, 4)) && !may(&anew, &wait_tried(KEY, 4, 6)));
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

#[test]
fn a_forgotten_effect_goes_out_under_a_new_epoch_only() {
    let way = [intended(KEY, 1), effect_finished(KEY, 1), forgotten(KEY)];
    let allowed = |attempt, epoch| {
        let mut intent = intent(KEY, attempt);
        intent.epoch = epoch;
        intent.fingerprint = "another".into();
        next(reach(&way).as_ref(), &Record::EffectIntended(intent)).is_ok()
    };
    assert!(allowed(2, 2) && !allowed(2, 1) && !allowed(1, 2) && !allowed(3, 2));
}

#[test]
fn a_person_may_speak_of_a_run_that_has_ended_unless_it_succeeded() {
    let slot = reach(&[intended(KEY, 1)]);
    let allowed = |ending: Option<Ending>| {
        let run = Slot::Run(Run {
            attempt: 1,
            ending,
            undo: false,
        });
        let record = effect_resolved(KEY, 1, Verdict::Retry);
        advance(Some(&run), slot.as_ref(), &record).is_ok()
    };
    assert!(allowed(None) && allowed(Some(Ending::Interrupted)));
    assert!(!allowed(Some(Ending::Succeeded { value: Value::Null })));
}

#[test]
fn what_a_person_said_is_what_is_known() {
    let output = json!({"message_id": "m-1"});
    let adopted = effect_resolved(
        KEY,
        1,
        Verdict::Adopted {
            output: output.clone(),
        },
    );
    let Some(Slot::Effect(Effect {
        state: EffectState::Finished(outcome),
        ..
    })) = reach(&[intended(KEY, 1), adopted])
    else {
        panic!()
    };
    assert_eq!(
        (outcome.output, outcome.settled),
        (output, Settled::Resolved)
    );
}

#[test]
fn an_undo_may_follow_any_end_and_nothing_but_an_undo_follows_it() {
    let undone = || Ending::Undone { left: Vec::new() };
    let stopped = || Ending::UndoStopped { error: fault() };
    let failed = || Ending::Failed { error: fault() };
    let may = |way: &[Record], record: Record| {
        let way = [&[run_started()], way].concat();
        next(reach(&way).as_ref(), &record).is_ok()
    };
    for ending in [
        Ending::Succeeded { value: Value::Null },
        failed(),
        Ending::Interrupted,
    ] {
        assert!(may(&[run_ended(1, ending)], undo_started(2)));
    }
    assert!(may(&[], undo_started(2)) && !may(&[], undo_started(3)));
    let begun = [run_ended(1, failed()), undo_started(2)];
    assert!(may(&begun, run_ended(2, undone())) && may(&begun, undo_started(3)));
    assert!(!may(&begun, run_ended(2, failed())) && !may(&begun, run_resumed(3)));
    assert!(!may(&begun, rewound("s")) && !may(&[], run_ended(1, undone())));
    for ending in [undone(), stopped()] {
        let ended = [&begun[..], &[run_ended(2, ending)]].concat();
        assert!(may(&ended, undo_started(3)) && !may(&ended, run_resumed(3)));
    }
}
