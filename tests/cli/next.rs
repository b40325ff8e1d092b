//! What is advised after a failure can work.

use crate::harness::{Ended, Test};

const CLEANUP: &str = r#"
fn main(params) {
    try {
        run::step("work on it", || command::run(#{program: "test", arguments: ["-e", "ready"]}).exit_code);
    } catch (e) {
        run::step("clean up", || 1);
        throw e;
    }
}
"#;

/// Returns the command that is advised for this purpose.
#[track_caller]
fn advised(ended: &Ended, purpose: &str) -> String {
    let text = format!("{}{}", ended.stdout, ended.stderr);
    let found = text.split_once(purpose);
    let (_, command) = found.unwrap_or_else(|| panic!("`{purpose}` is not in {text}"));
    command.lines().next().unwrap().to_owned()
}

/// Expects the advice to resume the run as it is, and nothing after it.
#[track_caller]
fn assert_resume(test: &Test, ended: &Ended) {
    let resume = "runbook resume <run:book>\n";
    assert!(
        test.stable(&ended.stderr).ends_with(resume),
        "{}",
        ended.stderr
    );
}

/// Expects no advice to resume the run as it is.
#[track_caller]
fn assert_no_resume(test: &Test, ended: &Ended) {
    let resume = "runbook resume <run:book>\n";
    let text = test.stable(&format!("{}{}", ended.stdout, ended.stderr));
    assert!(!text.contains(resume), "{text}");
}

#[test]
fn an_error_in_the_script_is_corrected_first() {
    for wrong in ["[1][3]", "run::step(\"count\", || [1][3])"] {
        let book = |body: &str| format!("fn main(params) {{\n    {body}\n}}");
        let test = Test::new().file("book.rhai", &book(wrong));
        let ended = test.runbook(&["run", "book.rhai"]).code(1);
        let shown = test.runbook(&["show"]).code(0);
        for told in [&ended, &shown] {
            assert_no_resume(&test, told);
            let command = advised(told, "correct `book.rhai:2`, then: ");
            assert!(command.ends_with(" --edited"), "{command}");
        }
        test.write("book.rhai", &book("[1][0]"));
        let command = advised(&ended, "correct `book.rhai:2`, then: ");
        assert_eq!(test.typed(&command).code(0).stdout, "1\n");
    }
}

#[test]
fn an_error_in_a_built_in_module_is_corrected_in_a_copy() {
    let test = Test::new().file(
        "my books/book.rhai",
        "import \"lib/tags\" as tags;\nfn main(params) { tags::value_of(7, \"x\") }",
    );
    let ended = test.runbook(&["run", "my books/book.rhai"]).code(1);
    let shown = test.runbook(&["show"]).code(0);
    for told in [&ended, &shown] {
        assert_no_resume(&test, told);
        let copy = advised(told, "copy the built-in modules: ");
        assert_eq!(copy, "runbook init 'my books'");
    }
    test.typed(&advised(&ended, "copy the built-in modules: "))
        .code(0);
    let resume = advised(&ended, "correct `stdlib/lib/tags.rhai:44` there, then: ");
    test.write(
        "my books/stdlib/lib/tags.rhai",
        "fn value_of(resource, key) { 1 }",
    );
    assert_eq!(test.typed(&resume).code(0).stdout, "1\n");
}

#[test]
fn what_a_script_throws_may_be_gone_by_the_next_time() {
    let test = Test::new().file("book.rhai", "fn main(params) { throw \"not yet\"; }");
    let ended = test.runbook(&["run", "book.rhai"]).code(1);
    assert_resume(&test, &ended);
}

#[test]
fn a_failure_that_was_caught_and_thrown_on_is_gone_back_to() {
    let within = format!(
        "fn main(params) {{ run::step(\"all\", || work()) }}{}",
        CLEANUP.replace("main(params)", "work()")
    );
    for (book, key) in [(CLEANUP, "work on it"), (&within, "all/work on it")] {
        let test = Test::new().file("book.rhai", book);
        test.runbook(&["run", "book.rhai"]).code(1);
        test.write("ready", "");
        let resumed = test.runbook(&["resume", "last"]).code(1);
        let shown = test.runbook(&["show"]).code(0);
        let purpose = format!("to repeat `{key}` and everything after it: ");
        for told in [&resumed, &shown] {
            assert_no_resume(&test, told);
            advised(told, &purpose);
            advised(told, "to continue with a corrected script: ");
        }
        assert_eq!(
            test.typed(&advised(&resumed, "to start a new run: ")).code,
            Some(0)
        );
        let back = test.typed(&advised(&resumed, &purpose)).code(0);
        test.typed(&advised(&back, "next: ")).code(0);
    }
}

/// How a body ended is recorded before its cleanup, so both are gone back to.
#[test]
fn a_body_that_was_cleaned_up_after_is_gone_back_to() {
    let look = r#"command::run(#{program: "test", arguments: ["-e", "ready"]}).exit_code"#;
    for work in [
        format!("run::step(\"work\", || {look})"),
        "if params.len() == 0 { throw \"no\" }".into(),
    ] {
        let test = Test::new().file(
            "book.rhai",
            &format!("fn main(params) {{ run::finally(|| {{ {work} }}, |outcome| 1) }}"),
        );
        test.runbook(&["run", "book.rhai"]).code(1);
        test.write("ready", "");
        let resumed = test.runbook(&["resume", "last"]).code(1);
        let shown = test.runbook(&["show"]).code(0);
        for told in [&resumed, &shown] {
            assert_no_resume(&test, told);
            let text = format!("{}{}", told.stdout, told.stderr);
            assert!(!text.contains("--edited"), "{text}");
        }
        let back = advised(&resumed, "to repeat `finally` and everything after it: ");
        let back = test.typed(&back).code(0);
        let next = test.typed(&advised(&back, "next: "));
        assert_eq!(
            next.code,
            Some(i32::from(!work.contains("ready"))),
            "{}",
            next.stderr
        );
    }
}

/// A cleanup is not done, and a resume tries it again.
#[test]
fn a_cleanup_that_failed_is_resumed() {
    let test = Test::new().file(
        "book.rhai",
        r#"fn main(params) { run::finally(|| { throw "no"; }, |outcome| { throw "nor that"; }) }"#,
    );
    let ended = test.runbook(&["run", "book.rhai"]).code(1);
    assert_resume(&test, &ended);
}

#[test]
fn a_rewind_into_a_body_forgets_how_it_ended() {
    let look = r#"command::run(#{program: "test", arguments: ["-e", "ready"]}).exit_code"#;
    let test = Test::new().file(
        "book.rhai",
        &format!(
            "fn main(params) {{ run::finally(|| run::step(\"work\", || {look}), |outcome| 1) }}"
        ),
    );
    test.runbook(&["run", "book.rhai"]).code(1);
    test.write("ready", "");
    test.runbook(&["rewind", "last", "--to", "finally/work"])
        .code(0);
    assert_eq!(test.runbook(&["resume", "last"]).code(0).stdout, "0\n");
}

#[test]
fn a_run_that_has_diverged_is_gone_back_with() {
    let book = |word: &str| {
        format!(
            "fn main(params) {{ command::run(#{{program: \"echo\", arguments: [\"{word}\"]}}); throw \"no\"; }}"
        )
    };
    let test = Test::new().file("book.rhai", &book("one"));
    test.runbook(&["run", "book.rhai"]).code(1);
    test.write("book.rhai", &book("two"));
    let ended = test.runbook(&["resume", "last", "--edited"]).code(5);
    let shown = test.runbook(&["show"]).code(0);
    assert_no_resume(&test, &shown);
    let rewind = advised(&shown, "next:\n  ");
    assert!(ended.stderr.contains(&rewind), "{}", ended.stderr);
    test.typed(&rewind).code(0);
    test.runbook(&["resume", "last"]).code(1);
}

/// A directory whose name a shell would take apart.
const ODD: &str = "a b'c";

/// Returns the commands of ours that are advised.
fn commands(ended: &Ended) -> Vec<String> {
    let text = format!("{}{}", ended.stdout, ended.stderr);
    let found = text
        .lines()
        .filter_map(|line| line.find("runbook --state-dir").map(|at| &line[at..]));
    found.map(str::to_owned).collect()
}

/// Expects advice, and that a shell reads each command with the state directory as one word.
#[track_caller]
fn assert_quoted(test: &Test, ended: &Ended) {
    let commands = commands(ended);
    assert!(!commands.is_empty(), "{}{}", ended.stdout, ended.stderr);
    for command in commands {
        let line = format!("runbook() {{ echo \"$2\"; }}; {command}");
        assert_eq!(
            test.typed(&line).code(0).stdout,
            format!("{ODD}\n"),
            "{command}"
        );
    }
}

fn at_home<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [&["--state-dir", ODD], args].concat()
}

#[test]
fn commands_are_quoted_for_a_shell() {
    let test = Test::new();
    let book = "a runbook's.rhai";
    for (script, code) in [
        ("throw \"no\";", 1),
        ("[1][3];", 1),
        ("run::step(\"it's on\", || run::approve(\"Go on?\"));", 3),
        (
            "try { run::step(\"it's on\", || { throw \"no\"; }); } catch (e) { run::step(\"tidy\", || 1); throw e; }",
            1,
        ),
    ] {
        test.write(book, &format!("fn main(params) {{ {script} }}"));
        let ended = test.runbook(&at_home(&["run", book])).code(code);
        assert_quoted(&test, &ended);
        for verb in ["show", "resume"] {
            assert_quoted(&test, &test.runbook(&at_home(&[verb, "last"])));
        }
        let nothing = test
            .runbook(&at_home(&[
                "resolve", "last", "nothing", "--retry", "--why", "x",
            ]))
            .code(2);
        assert_quoted(&test, &nothing);
        let nothing = test
            .runbook(&at_home(&["rewind", "last", "--to", "nothing"]))
            .code(2);
        assert_quoted(&test, &nothing);
    }
    // The last of them is caught and thrown on: the new run is of the same file.
    let shown = test.runbook(&at_home(&["show"])).code(0);
    let ended = test.typed(&advised(&shown, "to start a new run: ")).code(1);
    assert!(ended.stderr.contains("error: no"), "{}", ended.stderr);
}

#[test]
fn what_is_in_doubt_is_resolved_by_what_is_advised() {
    let call = "command::run(#{program: \"true\"}).exit_code";
    let test = Test::new().file(
        "book.rhai",
        &format!("fn main(params) {{ run::step(\"it's on\", || {call}) }}"),
    );
    let crash = test
        .command(&["--state-dir", ODD, "run", "book.rhai"])
        .env("RUNBOOK_CRASH", "after:3")
        .output();
    assert!(!crash.unwrap().status.success());
    let ended = test
        .runbook(&["--state-dir", ODD, "resume", "last"])
        .code(4);
    let shown = test.runbook(&["--state-dir", ODD, "show"]).code(0);
    for told in [&ended, &shown] {
        assert_quoted(&test, told);
    }
    let resolve = advised(&shown, "if the call was not done, to repeat it: ");
    let resolved = test.typed(&resolve).code(0);
    assert_quoted(&test, &resolved);
    test.typed(&advised(&resolved, "next: ")).code(0);
}

#[test]
fn a_file_that_cannot_be_read_is_looked_at_by_its_name() {
    let test = Test::new();
    std::fs::create_dir_all(test.path(ODD).join("book.rhai")).unwrap();
    let ended = test.runbook(&["run", &format!("{ODD}/book.rhai")]).code(2);
    let look = advised(&ended, "inspect the file: ");
    let (ls, _) = look.split_once(';').unwrap();
    test.typed(ls).code(0);
    let ended = test
        .runbook(&["run", &format!("{ODD}/nothing-like-it")])
        .code(2);
    assert_eq!(
        test.typed(&advised(&ended, "list the folder: "))
            .code(0)
            .stdout,
        "book.rhai\n"
    );
}
