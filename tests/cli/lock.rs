//! `const LOCK`: of two runs with one lock the second names the first and ends.

use insta::assert_snapshot;
use rustix::process::Signal;

use crate::harness::{Ended, Live, Test};

const BOOK: &str = r#"
import "names" as names;

const PARAMS = #{name: #{type: "string", value: "tokyo"}, nap: #{type: "duration", value: "2m"}};
const PREFIX = "network ";
const LOCK = |params| PREFIX + names::upper(params.name);

fn main(params) {
    log::info("at it");
    run::step("begin", || 1);
    run::sleep(params.nap);
}
"#;

fn world(book: &str) -> Test {
    let names = "fn upper(name) { let upper = name.to_upper(); upper }";
    Test::new()
        .file("names.rhai", names)
        .file("book.rhai", book)
}

fn asleep(test: &Test, args: &[&str]) -> Live {
    test.live(args, "at it")
}

/// Runs a command that finds the lock taken.
fn refused(test: &Test, args: &[&str], live: &Live) -> String {
    let ended: Ended = test.runbook(args).code(6);
    let told = ended.stderr.replace(&live.id().to_string(), "<pid>");
    test.stable(&told)
}

#[test]
fn the_second_names_the_first_and_leaves_nothing_behind() {
    let test = world(BOOK);
    let first = asleep(&test, &["run", "book.rhai"]);
    assert_snapshot!(refused(&test, &["run", "book.rhai", "--set", "nap=0s"], &first), @"
    error: the lock `network TOKYO` is held by the run `<run:book>` of `book.rhai` in process <pid>
    hint: wait until that run ends, then try again: runbook logs -f <run:book>
    hint: see the process: ps -fp <pid>
    ");
    assert_eq!(test.runs().len(), 1);
    let other = asleep(&test, &["run", "book.rhai", "--set", "name=osaka"]);
    drop(other);
    test.runbook(&["run", "book.rhai", "--dry-run", "--set", "nap=0s"])
        .code(0);
    first.signal(Signal::INT);
    first.ended().code(130);
    test.runbook(&["run", "book.rhai", "--set", "nap=0s"])
        .code(0);
}

#[test]
fn a_dead_holder_holds_nothing_and_a_resume_takes_the_lock_again() {
    let test = world(BOOK);
    let first = test.live(&["run", "book.rhai"], "sleep: waiting");
    first.signal(Signal::KILL);
    first.ended();
    let id = test.runs()[0]
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let second = asleep(&test, &["run", "book.rhai"]);
    let told = refused(&test, &["resume", &id], &second);
    assert!(
        told.contains("the lock `network TOKYO` is held by"),
        "{told}"
    );
    let told = refused(&test, &["undo", &id, "--yes"], &second);
    assert!(
        told.contains("the lock `network TOKYO` is held by"),
        "{told}"
    );
    // What only changes the run's own record needs no lock.
    test.runbook(&["rewind", &id, "--to", "begin"]).code(0);
    second.signal(Signal::KILL);
    second.ended();
    let resumed = asleep(&test, &["resume", &id]);
    refused(&test, &["run", "book.rhai", "--set", "nap=0s"], &resumed);
}

#[test]
fn a_lock_is_a_text_or_a_closure_that_returns_one() {
    let book = |lock: &str| format!("const LOCK = {lock};\nfn main(params) {{ 1 }}");
    let test = world(&book("\"all of it\""));
    test.runbook(&["run", "book.rhai"]).code(0);
    for wrong in [
        "7",
        "\"\"",
        "|params| 7",
        "|params| params.nmae",
        "|| \"x\"",
        "|params| run::id()",
    ] {
        test.write("book.rhai", &book(wrong));
        let told = test.runbook(&["check", "book.rhai"]).code(2).stderr;
        assert!(told.contains("book.rhai:1"), "{wrong}: {told}");
    }
    test.write("book.rhai", &book("|params| 7"));
    assert_snapshot!(test.runbook(&["check", "book.rhai"]).stderr, @r"
    error: `LOCK` must be a text, or a closure that makes one of the parameters
     --> book.rhai:1:7
      |
    1 | const LOCK = |params| 7;
      |       ^
    hint: write it like: const LOCK = |params| `network ${params.name}`;
    ");
    test.write(
        "book.rhai",
        &format!("const READ_ONLY = true;{}", book("\"x\"")),
    );
    let told = test.runbook(&["check", "book.rhai"]).code(2).stderr;
    assert!(told.contains("takes no lock"), "{told}");
}

#[test]
fn a_tick_has_the_lock_while_it_lasts() {
    let test = world(&format!("const TICK = true;{BOOK}"));
    let _first = asleep(&test, &["run", "book.rhai"]);
    test.write("other.rhai", BOOK);
    let second = test.runbook(&["run", "other.rhai", "--set", "nap=0s"]);
    let told = second.code(6).stderr;
    assert!(told.contains("ps -fp"), "{told}");
}
