//! The files that put the heartbeat to work.

use std::process::Command;

use crate::harness::Test;

/// `systemd-analyze` knows every setting's name and values.
#[test]
#[ignore = "needs systemd-analyze"]
fn the_unit_is_one_that_systemd_takes() {
    let test = Test::new();
    let unit = include_str!("../../runbooks/heartbeat.service");
    // The program need not be installed here.
    test.write(
        "heartbeat.service",
        &unit.replace("/usr/local/bin/runbook", env!("CARGO_BIN_EXE_runbook")),
    );
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(test.path("heartbeat.service"))
        .output()
        .expect("systemd-analyze does not start");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let ours: Vec<_> = said
        .lines()
        .filter(|line| line.contains("heartbeat"))
        .collect();
    assert!(output.status.success() && ours.is_empty(), "{said}");
}

/// What the unit and the cron line type is what the program takes, but for the runbook itself.
#[test]
fn their_commands_are_ones_that_the_program_takes() {
    let unit = include_str!("../../runbooks/heartbeat.service");
    let cron = include_str!("../../runbooks/heartbeat.cron");
    let start = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart="));
    let line = cron.lines().find(|line| line.starts_with("* ")).unwrap();
    let (_, typed) = line.split_once("&& ").unwrap();
    for typed in [start.unwrap(), typed.split_once(" 2>&1").unwrap().0] {
        let args: Vec<&str> = typed.split_whitespace().skip(1).collect();
        let ended = Test::new().runbook(&args).code(2);
        assert!(ended.stderr.contains("heartbeat.rhai"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("Usage:"), "{}", ended.stderr);
    }
}
