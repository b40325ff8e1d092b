//! `runbook every`: ticks on a grid, until a signal.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use insta::assert_snapshot;
use rustix::process::Signal;

use super::{COUNT, GATE};
use crate::harness::{Ended, Live, Test, emulator};

#[track_caller]
fn terminated(live: Live) -> Ended {
    live.signal(Signal::TERM);
    live.ended().code(0)
}

fn stable(test: &Test, text: &str) -> String {
    let varying = regex::Regex::new(r"-[0-9a-f]{8}\b|\d+ skipped").unwrap();
    varying
        .replace_all(&test.stable(text), "<varies>")
        .into_owned()
}

#[test]
fn it_ticks_on_and_ends_with_a_count() {
    let test = Test::new().file("count.rhai", COUNT);
    let mut live = test.live(&["every", "1s", "count.rhai"], "tick 1");
    live.until("tick 3");
    let ended = terminated(live);
    assert_snapshot!(stable(&test, &ended.stderr), @"
    every <duration>: count.rhai, memory count<varies>
    <time> tick 1
    <time> tick 2
    <time> tick 3
    ended: 3 ticks, <varies>, 0 failed
    ");
    assert!(test.runs().is_empty());
    let next = test.runbook(&["run", "count.rhai"]).code(0);
    assert!(next.stderr.contains("tick 4"), "{}", next.stderr);
}

#[test]
fn any_runbook_is_a_tick_there() {
    let script = COUNT.replace("const TICK = true;", "");
    let test = Test::new().file("count.rhai", &script);
    let mut live = test.live(&["every", "1s", "count.rhai"], "tick 1");
    live.until("tick 2");
    terminated(live);
    assert!(test.runs().is_empty());
}

#[test]
fn a_signal_lets_the_tick_end_first() {
    let test = Test::new().aws().file("gate.rhai", GATE);
    let live = test.live(&["every", "1s", "gate.rhai"], "at the gate");
    live.signal(Signal::TERM);
    test.open_the_gate();
    let ended = live.ended().code(0);
    assert_snapshot!(stable(&test, &ended.stderr), @"
    every <duration>: gate.rhai, memory gate<varies>
    <time> at the gate
    <time> through the gate
    ended: 1 tick, <varies>, 0 failed
    ");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let test = Test::new().aws().file("gate.rhai", GATE);
    let mut live = test.live(&["every", "1s", "gate.rhai"], "at the gate");
    live.signal(Signal::INT);
    // The second is one of its own only once the first was taken.
    let ended = loop {
        live.signal(Signal::INT);
        if live.is_over() {
            break live.ended();
        }
        thread::yield_now();
    };
    let ended = ended.code(130);
    assert!(
        !ended.stderr.contains("through the gate"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_tick_that_does_not_end_is_cut_short_after_a_while() {
    let test = Test::new().aws().file("gate.rhai", GATE);
    let live = test.live(&["every", "1s", "gate.rhai"], "at the gate");
    let ended = terminated(live);
    assert_snapshot!(stable(&test, &ended.stderr), @"
    every <duration>: gate.rhai, memory gate<varies>
    <time> at the gate
    error: interrupted; nothing was changed
    ended: 1 tick, <varies>, 1 failed
    ");
}

#[test]
fn ticks_that_come_due_during_one_are_skipped_and_counted() {
    let test = Test::new()
        .aws()
        .file("gate.rhai", GATE)
        .file("count.rhai", COUNT);
    let mut gate = test.live(&["every", "1s", "gate.rhai"], "at the gate");
    // Another process tells when enough of them have come due.
    let mut clock = test.live(&["every", "1s", "count.rhai"], "tick 1");
    clock.until("tick 4");
    test.open_the_gate();
    gate.until("through the gate");
    gate.until("through the gate");
    let ended = terminated(gate);
    let counted = ended.stderr.rsplit_once(", ").unwrap().0;
    let skipped = counted.rsplit_once(", ").unwrap().1;
    let skipped: u64 = skipped.strip_suffix(" skipped").unwrap().parse().unwrap();
    assert!(skipped >= 2, "{}", ended.stderr);
    assert_eq!(
        ended.stderr.matches("at the gate").count(),
        ended.stderr.matches("through").count()
    );
}

#[test]
fn a_failing_tick_is_told_and_the_next_one_comes() {
    let script = COUNT.replace("}\n", "    if tick == 1 { throw \"once\"; }\n}\n");
    let test = Test::new().file("count.rhai", &script);
    let mut live = test.live(&["every", "1s", "count.rhai"], "tick 1");
    live.until("tick 2");
    let ended = terminated(live);
    assert_snapshot!(stable(&test, &ended.stderr), @r#"
    every <duration>: count.rhai, memory count<varies>
    <time> tick 1
    error: once
     --> count.rhai:8:20
      |
    8 |     if tick == 1 { throw "once"; }
      |                    ^
    <time> tick 2
    ended: 2 ticks, <varies>, 1 failed
    "#);
}

#[test]
fn without_aws_it_says_so_and_tries_again_each_tick() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let test = Test::new()
        .aws()
        .env("AWS_ENDPOINT_URL", &format!("http://{address}"))
        .file("gate.rhai", GATE);
    let mut live = test.live(&["every", "1s", "gate.rhai"], "cannot be reached");
    live.until("cannot be reached");
    forward(TcpListener::bind(address).unwrap(), &test);
    live.until("at the gate");
    live.signal(Signal::TERM);
    test.open_the_gate();
    let ended = live.ended().code(0);
    assert!(
        ended.stderr.contains("through the gate"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("0 failed"), "{}", ended.stderr);
    assert!(test.runs().is_empty());
}

/// Passes everything on to the emulator, for as long as the process lives.
fn forward(listener: TcpListener, test: &Test) {
    let to = emulator(test.account()).endpoint().replace("http://", "");
    thread::spawn(move || {
        for from in listener.incoming() {
            let (from, to) = (from.unwrap(), TcpStream::connect(&to).unwrap());
            for (mut from, mut to) in [
                (from.try_clone().unwrap(), to.try_clone().unwrap()),
                (to, from),
            ] {
                thread::spawn(move || {
                    let mut bytes = [0; 4096];
                    while let Ok(count @ 1..) = from.read(&mut bytes) {
                        if to.write_all(&bytes[..count]).is_err() {
                            break;
                        }
                    }
                    let _ = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
}

#[test]
fn intervals_have_bounds() {
    let test = Test::new().file("count.rhai", COUNT);
    for interval in ["0.5s", "25h", "soon", "0"] {
        let ended = test.runbook(&["every", interval, "count.rhai"]).code(2);
        assert!(ended.stderr.contains(interval), "{}", ended.stderr);
    }
}
