//! A tick killed at each of its entries: the next one decides afresh, and nothing is held or half there.

use std::path::Path;

use crate::harness::{Ended, Test, entries, tell};

/// Makes a network each time there is none with its mark, which a tick before may have made.
const MAKING: &str = r#"
import "aws/ec2" as ec2;

const TICK = true;

fn main(params) {
    let tick = state::get("ticks", 0) + 1;
    state::put("ticks", tick);
    let seen = run::step("look", || ec2::describe_vpcs(#{}).vpcs.len());
    let vpc = run::step("open", || {
        let id = ec2::create_vpc(#{cidr_block: `10.${tick}.0.0/16`}).vpc.vpc_id;
        ec2::modify_vpc_attribute(#{vpc_id: id, enable_dns_hostnames: #{value: true}});
        id
    });
    state::put("made", state::get("made", []) + [vpc]);
    log::info(`made ${vpc}`);
}
"#;

fn killed_at(test: &Test, place: &str) -> bool {
    let mut command = test.command(&["run", "making.rhai"]);
    let output = command.env("RUNBOOK_CRASH", place).output().unwrap();
    let ended = Ended::from(output);
    assert!(
        matches!(ended.code, None | Some(0)),
        "{place}: {}",
        ended.stderr
    );
    ended.code.is_none()
}

fn ending(run: &Path) -> String {
    let last = entries(run).pop().unwrap();
    last["record"]["run_ended"]["ending"].to_string()
}

#[test]
fn killed_at_any_entry_the_next_tick_decides_afresh() {
    let mut kills = 0;
    for when in ["before", "after"] {
        for seq in 1.. {
            let test = Test::new().aws().file("making.rhai", MAKING);
            if !killed_at(&test, &format!("{when}:{seq}")) {
                assert!(seq > 8, "{seq}");
                break;
            }
            kills += 1;
            next_tick_works(&test, &format!("{when}:{seq}"));
        }
    }
    tell(&format!(
        "ticks killed at an entry, each followed by one that worked: {kills}"
    ));
}

#[track_caller]
fn next_tick_works(test: &Test, place: &str) {
    let killed = test.runs().pop();
    let had_ended = killed.as_ref().is_some_and(|run| ending(run) != "null");
    let next = test
        .runbook(&["run", "making.rhai", "--on-overlap", "fail"])
        .code(0);
    let superseded = next.stderr.contains("superseded");
    assert_eq!(
        superseded,
        killed.is_some() && !had_ended,
        "{place}: {}",
        next.stderr
    );
    if superseded {
        assert_eq!(
            ending(&killed.clone().unwrap()),
            "\"superseded\"",
            "{place}"
        );
    }
    let others = test.runs();
    let mut others = others.iter().filter(|run| Some(*run) != killed.as_ref());
    assert!(
        ending(others.next().unwrap()).contains("succeeded"),
        "{place}"
    );
    assert_eq!(others.next(), None, "{place}");
    // What was put before the first effect has lasted, though its run may not have come to be.
    let third = test.runbook(&["run", "making.rhai"]).code(0);
    assert!(!third.stderr.contains("superseded"), "{place}");
    assert!(test.census().to_string().contains("10.3.0.0/16"), "{place}");
}

#[test]
fn a_superseded_run_says_so_and_is_not_resumed() {
    let test = Test::new().aws().file("making.rhai", MAKING);
    assert!(killed_at(&test, "after:5"));
    let id = test.runs()[0]
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let listed = test.runbook(&["list"]).code(0).stdout;
    assert!(listed.contains("interrupted"), "{listed}");
    test.runbook(&["run", "making.rhai"]).code(0);
    let listed = test.runbook(&["list"]).code(0).stdout;
    assert!(listed.contains("superseded"), "{listed}");
    let shown = test.runbook(&["show", &id]).code(0).stdout;
    assert!(
        shown.contains("superseded") && shown.contains("in doubt"),
        "{shown}"
    );
    assert!(!shown.contains("runbook resume"), "{shown}");
    let refused = test.runbook(&["resume", &id]).code(2);
    assert!(
        refused.stderr.contains("nothing to resume"),
        "{}",
        refused.stderr
    );
}

/// A person may take the killed run up before the next tick comes.
#[test]
fn a_killed_tick_can_be_resumed_by_hand_with_what_it_had_put() {
    let test = Test::new().aws().file("making.rhai", MAKING);
    assert!(killed_at(&test, "before:7"));
    let resumed = test.runbook(&["resume", "last"]).code(0);
    assert!(resumed.stderr.contains("made vpc-"), "{}", resumed.stderr);
    assert!(test.census().to_string().contains("10.1.0.0/16"));
    let next = test.runbook(&["run", "making.rhai"]).code(0);
    assert!(!next.stderr.contains("superseded"), "{}", next.stderr);
    assert!(test.census().to_string().contains("10.2.0.0/16"));
}
