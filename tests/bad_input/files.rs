//! Files that are not there or cannot be read.

use std::process::Command;

use insta::assert_snapshot;

use super::refused;
use crate::harness::Test;

const FINE: &str = "fn main(params) { 1 }";

#[test]
fn a_runbook_that_is_not_there() {
    let test = Test::new().file("books/build.rhai", FINE);
    assert_snapshot!(refused(&test, &["run", "books/biuld.rhai"]), @"
    error: cannot read `books/biuld.rhai`: No such file or directory (os error 2)
    hint: did you mean `books/build.rhai`?
    ");
    assert_snapshot!(refused(&test, &["run", "books/undo.rhai"]), @"
    error: cannot read `books/undo.rhai`: No such file or directory (os error 2)
    hint: list the folder: ls books
    ");
    assert_snapshot!(refused(&test, &["check", "nowhere/build.rhai"]), @"
    error: cannot read `nowhere/build.rhai`: No such file or directory (os error 2)
    hint: list the folder: ls .
    ");
    assert_snapshot!(refused(&test, &["rehearse", "build.rhai"]), @"
    error: cannot read `build.rhai`: No such file or directory (os error 2)
    hint: list the folder: ls .
    ");
}

#[test]
fn a_runbook_that_is_no_text() {
    let test = Test::new();
    std::fs::write(test.path("book.rhai"), b"fn main(params) { \"\xff\" }").unwrap();
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @"
    error: `book.rhai` is not UTF-8 text
    hint: inspect the file: ls -ld book.rhai; file book.rhai
    ");
    std::fs::create_dir(test.path("folder")).unwrap();
    assert_snapshot!(refused(&test, &["run", "folder"]), @"
    error: `folder` is a directory, not a file
    hint: inspect the file: ls -ld folder; file folder
    ");
}

#[test]
fn a_site_file_that_is_not_there() {
    let test = Test::new()
        .file("book.rhai", FINE)
        .file("sites/tokyo.toml", "");
    assert_snapshot!(refused(&test, &["run", "book.rhai", "--site", "sites/tokio.toml"]), @"
    error: cannot read `sites/tokio.toml`: No such file or directory (os error 2)
    hint: did you mean `sites/tokyo.toml`?
    ");
    assert_snapshot!(refused(&test, &["run", "book.rhai", "--site", "sites/tokyo.toml", "--site", "sites"]), @"
    error: `sites` is a directory, not a file
    hint: inspect the file: ls -ld sites; file sites
    ");
}

#[test]
fn a_site_file_that_is_no_text() {
    let test = Test::new().file("book.rhai", FINE);
    std::fs::write(test.path("site.toml"), b"name = \"\xff\"").unwrap();
    assert_snapshot!(refused(&test, &["run", "book.rhai", "--site", "site.toml"]), @"
    error: `site.toml` is not UTF-8 text
    hint: inspect the file: ls -ld site.toml; file site.toml
    ");
}

#[test]
fn a_module_that_is_not_there() {
    let test = Test::new()
        .file("helpers.rhai", "fn help() { 1 }")
        .file(
            "book.rhai",
            "import \"helper\" as helper;\nfn main(params) { helper::help() }",
        )
        .file(
            "built_in.rhai",
            "import \"network/vcp\" as vpc;\nfn main(params) { 1 }",
        )
        .file(
            "unlike.rhai",
            "fn main(params) {\n    import \"something\" as thing;\n    1\n}",
        );
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @r#"
    error: the module `helper` is not found
    caused by:
      1. looked in `<test>`, the built-in stdlib
     --> book.rhai:1:8
      |
    1 | import "helper" as helper;
      |        ^
    hint: there is a module `helpers`
    "#);
    assert_snapshot!(refused(&test, &["run", "built_in.rhai"]), @r#"
    error: the module `network/vcp` is not found
    caused by:
      1. looked in `<test>`, the built-in stdlib
     --> built_in.rhai:1:8
      |
    1 | import "network/vcp" as vpc;
      |        ^
    hint: there is a module `network/vpc`
    "#);
    assert_snapshot!(refused(&test, &["run", "unlike.rhai"]), @r#"
    error: the module `something` is not found
    caused by:
      1. looked in `<test>`, the built-in stdlib
     --> unlike.rhai:2:12
      |
    2 |     import "something" as thing;
      |            ^
    "#);
}

#[test]
fn a_module_that_cannot_be_read() {
    let test = Test::new().file(
        "book.rhai",
        "import \"helper\" as helper;\nfn main(params) { helper::help() }",
    );
    std::fs::create_dir(test.path("helper.rhai")).unwrap();
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @r#"
    error: `<test>/helper.rhai` is a directory, not a file
     --> book.rhai:1:8
      |
    1 | import "helper" as helper;
      |        ^
    hint: inspect the file: ls -ld <test>/helper.rhai; file <test>/helper.rhai
    "#);
    std::fs::remove_dir(test.path("helper.rhai")).unwrap();
    std::fs::write(test.path("helper.rhai"), b"fn help() { \"\xff\" }").unwrap();
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @r#"
    error: `<test>/helper.rhai` is not UTF-8 text
     --> book.rhai:1:8
      |
    1 | import "helper" as helper;
      |        ^
    hint: inspect the file: ls -ld <test>/helper.rhai; file <test>/helper.rhai
    "#);
}

#[test]
fn a_module_that_another_module_does_not_find() {
    let test = Test::new()
        .file(
            "stdlib/outer.rhai",
            "import \"inner\" as inner;\nfn help() { inner::help() }",
        )
        .file(
            "book.rhai",
            "import \"outer\" as outer;\nfn main(params) { outer::help() }",
        );
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @r#"
    error: the module `inner` is not found
    caused by:
      1. looked in `<test>`, `<test>/stdlib`, the built-in stdlib
     --> <test>/stdlib/outer.rhai:1:8
      |
    1 | import "inner" as inner;
      |        ^
    "#);
}

/// Nobody writes into the pipe: who opens it to read waits, and `/dev/zero` never ends.
#[test]
fn what_is_no_file_is_not_read() {
    let import = "import \"pipe\" as pipe;\nfn main(params) { 1 }";
    let test = Test::new()
        .file("book.rhai", FINE)
        .file("importing.rhai", import);
    let made = Command::new("mkfifo").arg(test.path("pipe.rhai")).status();
    assert!(made.unwrap().success());
    let pipe = "`pipe.rhai` is a pipe, not a file";
    let zero = "`/dev/zero` is a device, not a file";
    for (args, problem) in [
        (&["run", "pipe.rhai"][..], pipe),
        (&["check", "pipe.rhai"], pipe),
        (&["run", "/dev/zero"], zero),
        (&["run", "book.rhai", "--site", "pipe.rhai"], pipe),
        (&["run", "book.rhai", "--site", "/dev/zero"], zero),
    ] {
        let said = refused(&test, args);
        assert!(said.starts_with(&format!("error: {problem}")), "{said}");
    }
    assert_snapshot!(refused(&test, &["run", "importing.rhai"]), @r#"
    error: `<test>/pipe.rhai` is a pipe, not a file
     --> importing.rhai:1:8
      |
    1 | import "pipe" as pipe;
      |        ^
    hint: inspect the file: ls -ld <test>/pipe.rhai; file <test>/pipe.rhai
    "#);
}

#[test]
fn what_is_too_large_is_not_read() {
    let test = Test::new().file("book.rhai", &format!("{FINE}{}", " ".repeat(1 << 20)));
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @"
    error: `book.rhai` is larger than 1 MiB
    hint: inspect the file: ls -ld book.rhai; file book.rhai
    ");
    let least = format!("{FINE}{}", " ".repeat((1 << 20) - FINE.len()));
    let test = Test::new().file("book.rhai", &least);
    test.runbook(&["run", "book.rhai"]).code(0);
}
