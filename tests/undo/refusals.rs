//! What is asked for wrongly, or at the wrong moment.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{remaining, undo};
use crate::build::build;
use crate::harness::{Test, new_account};

const SLOW: &str = "fn main(params) { run::sleep(\"1h\"); }";
const MESSAGES: &str = "
import \"aws/sns\" as sns;
fn main(params) {
    command::run(#{program: \"true\"});
    run::step(\"fail\", || { throw \"on purpose\"; });
}
";

#[test]
fn nobody_to_ask_is_no_yes() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let before = remaining(&test);
    let ended = test.runbook(&["undo", "last"]).code(2);
    let said = format!("in account {}, region ap-northeast-1", test.account());
    for text in [said.as_str(), "--plan", "--yes", "nothing was changed"] {
        assert!(ended.stderr.contains(text), "{text}: {}", ended.stderr);
    }
    assert_eq!(remaining(&test), before);
}

#[test]
fn another_account_is_refused() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let other = test
        .command(&["undo", "last", "--yes"])
        .env("AWS_ACCESS_KEY_ID", new_account())
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(2));
    let said = String::from_utf8_lossy(&other.stderr);
    assert!(said.contains("belongs to account"), "{said}");
    assert!(!remaining(&test).is_empty());
    undo(&test).code(0);
}

#[test]
fn a_live_run_is_left_alone() {
    let test = Test::new().file("slow.rhai", SLOW);
    let mut live = test.live(&["run", "slow.rhai"], "sleep");
    test.runbook(&["undo", "last", "--yes"]).code(6);
    let before = snapshot(&test.state_dir());
    test.runbook(&["undo", "last", "--plan"]).code(0);
    assert_eq!(snapshot(&test.state_dir()), before);
    assert!(!live.is_over());
}

#[test]
fn a_plan_writes_nothing() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let intent = test.journal().into_iter().find_map(|entry| {
        let key = entry["record"]["effect_intended"]["key"].as_str()?;
        Some(key.to_owned())
    });
    let key = intent.unwrap();
    let run = test.runs().pop().unwrap();
    let log = run.join("journal.jsonl");
    let mut torn = std::fs::read(&log).unwrap();
    torn.extend(b"{\"v\":1,");
    std::fs::write(&log, torn).unwrap();
    std::fs::remove_dir_all(run.join("checkpoints")).unwrap();
    std::fs::remove_file(run.join("lock")).unwrap();
    let before = snapshot(&test.state_dir());
    test.runbook(&["undo", "last", "--plan"]).code(0);
    test.runbook(&["rewind", "last", "--to", &key, "--plan"])
        .code(0);
    assert_eq!(snapshot(&test.state_dir()), before);
}

/// Returns everything in a directory, with when each was changed last.
fn snapshot(dir: &Path) -> Vec<(PathBuf, SystemTime, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in dir.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let changed = path.metadata().unwrap().modified().unwrap();
        if path.is_dir() {
            all.push((path.clone(), changed, Vec::new()));
            all.extend(snapshot(&path));
        } else {
            all.push((path.clone(), changed, std::fs::read(&path).unwrap()));
        }
    }
    all.sort();
    all
}

#[test]
fn what_leaves_nothing_behind_is_only_told() {
    let test = Test::new().aws().file("messages.rhai", MESSAGES);
    test.runbook(&["run", "messages.rhai"]).code(1);
    let ended = undo(&test).code(0);
    assert!(
        ended.stdout.contains("command.run: it cannot be undone"),
        "{}",
        ended.stdout
    );
}

#[test]
fn there_is_no_way_back_after_an_undo() {
    let test = Test::new().aws().file("messages.rhai", MESSAGES);
    test.runbook(&["run", "messages.rhai"]).code(1);
    undo(&test).code(0);
    for arguments in [&["resume", "last"][..], &["rewind", "last", "--to", "fail"]] {
        let ended = test.runbook(arguments).code(2);
        assert!(ended.stderr.contains("is undone"), "{}", ended.stderr);
    }
}
