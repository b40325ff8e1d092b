//! Ticks for programs and for a system's log.

use insta::assert_snapshot;

use super::SECOND;
use crate::harness::Test;

#[test]
fn for_a_systems_log_each_line_has_a_priority() {
    let test = Test::new().aws().file("second.rhai", SECOND);
    for _ in 0..2 {
        let ended = test
            .runbook(&["run", "second.rhai", "--output", "syslog"])
            .code(0);
        assert_eq!(ended.stdout, "");
        if ended.stderr.contains("tick 2") {
            assert_snapshot!(test.stable(&ended.stderr), @"
            <6>tick 2
            <6>now
            <5>run <run:second>: second.rhai, account <account>, region ap-northeast-1, endpoint <endpoint>
            <5>ec2.create_vpc: done, <vpc>
            <6>made it
            <5>run <run:second>: succeeded in <duration>
            ");
        }
    }
    test.write("bad.rhai", "const TICK = true;\nfn main(params) { log::warn(\"a\\nb\"); log::error(\"c\"); throw \"no\"; }");
    let ended = test
        .runbook(&["run", "bad.rhai", "--output", "syslog"])
        .code(1);
    assert_snapshot!(test.stable(&ended.stderr), @"
    <4>a b
    <3>c
    <3>error: no (bad.rhai:2)
    ");
}

#[test]
fn for_programs_a_tick_has_events_and_names_a_run_once_there_is_one() {
    let test = Test::new().aws().file("second.rhai", SECOND);
    for _ in 0..2 {
        let ended = test
            .runbook(&["run", "second.rhai", "--output", "json"])
            .code(0);
        let names: Vec<String> = ended
            .stdout
            .lines()
            .map(|line| {
                serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].to_string()
            })
            .collect();
        let names = names.join(" ").replace('"', "");
        let is_run = names.contains("run_started");
        if is_run {
            assert_snapshot!(names, @"log log run_started effect_started effect_finished log run_ended");
        } else {
            assert_snapshot!(names, @"log");
        }
    }
}

#[test]
fn every_speaks_as_it_is_told_to() {
    let test = Test::new().file(
        "one.rhai",
        "const TICK = true;\nfn main(params) { log::info(\"here\"); throw \"no\"; }",
    );
    let live = test.live(
        &["every", "1h", "one.rhai", "--output", "syslog"],
        "error: no",
    );
    live.signal(rustix::process::Signal::TERM);
    let ended = live.ended().code(0);
    let said = regex::Regex::new("one-[0-9a-f]{8}").unwrap();
    assert_snapshot!(said.replace_all(&test.stable(&ended.stderr), "one-<digest>"), @"
    <6>every 1h 00m: one.rhai, memory one-<digest>
    <6>here
    <3>error: no (one.rhai:2)
    <6>ended: 1 tick, 0 skipped, 1 failed
    ");
    assert_eq!(ended.stdout, "");
}
