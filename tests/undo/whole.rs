//! A run that succeeded is undone.

use super::undo;
use crate::build::build;
use crate::harness::Test;

#[test]
fn a_whole_build_is_undone() {
    let test = Test::new().aws();
    build(&test, &[]).code(0);
    let planned = test.runbook(&["undo", "last", "--plan"]).code(0);
    println!("{}", planned.stdout);
    let ended = undo(&test);
    println!("{}\n{}", ended.stdout, ended.stderr);
    assert_eq!(ended.code, Some(0));
    assert_eq!(test.census(), serde_json::json!([]));
}
