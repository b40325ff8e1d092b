//! The main job, edited after it was cut off.

use super::{count, explained};
use crate::build::{RUNBOOK, SITE};
use crate::harness::{Test, scripts};

/// A copy of the runbook and its modules, cut off in the middle of its run.
fn cut_off() -> Test {
    let test = Test::new().aws();
    let copy = |from: &str, to: &str| test.write(to, &std::fs::read_to_string(from).unwrap());
    copy(RUNBOOK, "build.rhai");
    copy(SITE, "site.toml");
    for path in scripts("stdlib") {
        let to = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        copy(path.to_str().unwrap(), to.to_str().unwrap());
    }
    let mut command = test.command(&[
        "run",
        "build.rhai",
        "--site",
        "site.toml",
        "--set",
        "interval_poll=1ms",
    ]);
    let output = command.env("RUNBOOK_CRASH", "after:60").output().unwrap();
    assert_eq!(output.status.code(), None);
    test
}

fn edit(test: &Test, file: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(test.path(file)).unwrap();
    assert!(text.contains(from), "{file} has no `{from}`");
    test.write(file, &text.replacen(from, to, 1));
}

#[test]
fn an_edited_module_is_told_and_gone_on_with() {
    let test = cut_off();
    let requests = test.requests();
    let (from, to) = ("\"create the VPC\"", "\"create the other VPC\"");
    edit(&test, "stdlib/network/vpc.rhai", from, to);
    let said = explained(&test);
    let gone = "step `create the VPC`\n      <vpc> stays in AWS\n";
    assert!(said.contains(gone), "{said}");
    let new = "new (1): named by the edited scripts only\n  step `create the other VPC`\n";
    assert!(said.contains(new), "{said}");
    edit(&test, "stdlib/network/vpc.rhai", to, from);
    edit(&test, "stdlib/network/vpc.rhai", "//!", "// Edited.\n//!");
    let said = explained(&test);
    let added = "  stdlib/network/vpc.rhai: 1 line added\n";
    assert!(
        said.contains(added) && !said.contains("new (") && !said.contains("orphaned ("),
        "{said}"
    );
    assert_eq!(test.requests(), requests);
    test.runbook(&["resume", "last", "--edited"]).code(0);
    assert_eq!((count(&test, "vpc"), count(&test, "subnet")), (1, 4));
}
