//! Modules come from their folders, by name, and not in circles.

use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use super::refused;
use crate::harness::Test;

const SECRET: &str = "fn help() { 1 }";

/// Imports `path` in `books/book.rhai`; `outside.rhai` and `outside/` lie beside that folder.
fn importing(path: &str) -> Test {
    let script = format!("import \"{path}\" as outside;\nfn main(params) {{ outside::help() }}\n");
    Test::new()
        .file("outside.rhai", SECRET)
        .file("outside/module.rhai", SECRET)
        .file("books/book.rhai", &script)
}

#[track_caller]
fn imported(path: &str) -> String {
    refused(&importing(path), &["run", "books/book.rhai"])
}

#[test]
fn up_and_out() {
    assert_snapshot!(imported("../outside"), @r#"
    error: the import path `../outside` leaves the folders of the modules
    caused by:
      1. absolute paths, `.` and `..` are not allowed
     --> books/book.rhai:1:8
      |
    1 | import "../outside" as outside;
      |        ^
    hint: put the module beside the runbook or into `stdlib/`, and import it by name
    "#);
    assert_snapshot!(imported("lib/../../outside"), @r#"
    error: the import path `lib/../../outside` leaves the folders of the modules
    caused by:
      1. absolute paths, `.` and `..` are not allowed
     --> books/book.rhai:1:8
      |
    1 | import "lib/../../outside" as outside;
      |        ^
    hint: put the module beside the runbook or into `stdlib/`, and import it by name
    "#);
    assert_snapshot!(imported("./outside"), @r#"
    error: the import path `./outside` leaves the folders of the modules
    caused by:
      1. absolute paths, `.` and `..` are not allowed
     --> books/book.rhai:1:8
      |
    1 | import "./outside" as outside;
      |        ^
    hint: put the module beside the runbook or into `stdlib/`, and import it by name
    "#);
    assert_snapshot!(imported(""), @r#"
    error: the import path `` leaves the folders of the modules
    caused by:
      1. a module is named like `network` or `lib/network`
     --> books/book.rhai:1:8
      |
    1 | import "" as outside;
      |        ^
    hint: put the module beside the runbook or into `stdlib/`, and import it by name
    "#);
}

#[test]
fn an_absolute_path() {
    let test = importing("/etc/passwd");
    assert_snapshot!(refused(&test, &["run", "books/book.rhai"]), @r#"
    error: the import path `/etc/passwd` leaves the folders of the modules
    caused by:
      1. absolute paths, `.` and `..` are not allowed
     --> books/book.rhai:1:8
      |
    1 | import "/etc/passwd" as outside;
      |        ^
    hint: put the module beside the runbook or into `stdlib/`, and import it by name
    "#);
}

#[test]
fn a_link_that_leads_out() {
    let file = importing("link");
    symlink("../outside.rhai", file.path("books/link.rhai")).unwrap();
    assert_snapshot!(refused(&file, &["run", "books/book.rhai"]), @r#"
    error: the import path `link` leaves the folders of the modules
    caused by:
      1. `<test>/books/link.rhai` is a link to `<test>/outside.rhai`
     --> books/book.rhai:1:8
      |
    1 | import "link" as outside;
      |        ^
    hint: put the module beside the runbook or into `stdlib/`, and import it by name
    "#);
    let folder = importing("lib/module");
    symlink("../outside", folder.path("books/lib")).unwrap();
    assert_snapshot!(refused(&folder, &["run", "books/book.rhai"]), @r#"
    error: the import path `lib/module` leaves the folders of the modules
    caused by:
      1. `<test>/books/lib/module.rhai` is a link to `<test>/outside/module.rhai`
     --> books/book.rhai:1:8
      |
    1 | import "lib/module" as outside;
      |        ^
    hint: put the module beside the runbook or into `stdlib/`, and import it by name
    "#);
}

/// A folder whose name only begins like that of the folder for modules is another folder.
#[test]
fn a_link_into_a_folder_with_a_longer_name() {
    let test = importing("link")
        .file("stdlib/module.rhai", SECRET)
        .file("stdlib-evil/module.rhai", SECRET);
    symlink("../stdlib-evil/module.rhai", test.path("stdlib/link.rhai")).unwrap();
    let said = refused(&test, &["run", "books/book.rhai"]);
    let why = "`<test>/stdlib/link.rhai` is a link to `<test>/stdlib-evil/module.rhai`";
    assert!(said.contains(why), "{said}");
}

#[test]
fn a_link_within_the_folder_is_fine() {
    let test = importing("link").file("books/lib/module.rhai", SECRET);
    symlink("lib/module.rhai", test.path("books/link.rhai")).unwrap();
    assert_eq!(
        test.runbook(&["run", "books/book.rhai"]).code(0).stdout,
        "1\n"
    );
}

#[test]
fn a_path_that_is_computed() {
    let computed = |expression: &str| {
        let script = format!(
            "fn main(params) {{\n    let name = \"helper\";\n    import {expression} as helper;\n    helper::help()\n}}\n"
        );
        let test = Test::new()
            .file("helper.rhai", SECRET)
            .file("book.rhai", &script);
        refused(&test, &["run", "book.rhai"])
    };
    assert_snapshot!(computed("\"help\" + \"er\""), @r#"
    error: an import path must be a literal string, so that the run can pin the module
     --> book.rhai:3:5
      |
    3 |     import "help" + "er" as helper;
      |     ^
    "#);
    assert_snapshot!(computed("name"), @"
    error: an import path must be a literal string, so that the run can pin the module
     --> book.rhai:3:5
      |
    3 |     import name as helper;
      |     ^
    ");
}

#[test]
fn circles() {
    let test = Test::new()
        .file(
            "book.rhai",
            "import \"one\" as one;\nfn main(params) { one::help() }",
        )
        .file(
            "one.rhai",
            "import \"two\" as two;\nfn help() { two::help() }",
        )
        .file(
            "two.rhai",
            "import \"one\" as one;\nfn help() { one::help() }",
        )
        .file(
            "narcissus.rhai",
            "import \"narcissus\" as me;\nfn main(params) { me::main(params) }",
        );
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @r#"
    error: modules import each other in a circle: book.rhai -> one -> two -> one
     --> <test>/two.rhai:1:8
      |
    1 | import "one" as one;
      |        ^
    hint: move what both need into a third module
    "#);
    assert_snapshot!(refused(&test, &["run", "narcissus.rhai"]), @r#"
    error: modules import each other in a circle: narcissus.rhai -> narcissus -> narcissus
     --> <test>/narcissus.rhai:1:8
      |
    1 | import "narcissus" as me;
      |        ^
    hint: move what both need into a third module
    "#);
}

#[test]
fn what_a_module_keeps_to_itself() {
    let test = Test::new()
        .file(
            "helper.rhai",
            "private fn help() { 1 }\nfn other() { help() }",
        )
        .file(
            "book.rhai",
            "import \"helper\" as helper;\nfn main(params) { helper::help() }",
        );
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @"
    error: the function `help` of `helper` is private
     --> book.rhai:2:27
      |
    2 | fn main(params) { helper::help() }
      |                           ^
    ");
}

/// Rhai would end a call of one script in another's function, without an error.
#[test]
fn functions_that_rhai_would_mix_up() {
    let test = Test::new()
        .file(
            "book.rhai",
            "import \"one\" as one;\nfn main(params) { one::say(1) }\nfn split(text, by) { text }",
        )
        .file(
            "one.rhai",
            "import \"two\" as two;\nfn say(i) { inner(i) + two::say(i) + inner(i) }\nprivate fn inner(i) { `one${i}` }",
        )
        .file(
            "two.rhai",
            "fn say(i) { inner(i) + split(\"a,b\", \",\").len() }\nprivate fn inner(i) { `two${i}` }",
        );
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @r#"
    error: `inner` with 1 argument could be confused with the function of that name in `two`
    caused by:
      1. Rhai distinguishes functions of different scripts only by name and number of arguments
     --> <test>/one.rhai:2:13
      |
    2 | fn say(i) { inner(i) + two::say(i) + inner(i) }
      |             ^
    hint: rename one of the two, in `one` or in `two`
    error: `inner` with 1 argument could be confused with the function of that name in `one`
    caused by:
      1. Rhai distinguishes functions of different scripts only by name and number of arguments
     --> <test>/two.rhai:1:13
      |
    1 | fn say(i) { inner(i) + split("a,b", ",").len() }
      |             ^
    hint: rename one of the two, in `two` or in `one`
    error: `split` with 2 arguments could be confused with the function of that name in `book.rhai`
    caused by:
      1. Rhai distinguishes functions of different scripts only by name and number of arguments
     --> <test>/two.rhai:1:24
      |
    1 | fn say(i) { inner(i) + split("a,b", ",").len() }
      |                        ^
    hint: rename one of the two, in `two` or in `book.rhai`
    "#);
    // The same names where none can be taken for another.
    let test = Test::new()
        .file(
            "book.rhai",
            "import \"one\" as one;\nfn main(params) { one::say(1) + say(1, 2) }\nfn say(i, j) { `${i}${j}` }\nfn inner(i) { 0 }",
        )
        .file(
            "one.rhai",
            "fn say(i) { inner(i, i) }\nprivate fn inner(i, j) { `one${i}` }",
        );
    assert_eq!(
        test.runbook(&["run", "book.rhai"]).code(0).stdout,
        "\"one112\"\n"
    );
}

/// Returns a test whose runbook imports `m0`, which imports `m1`, and so on.
fn chain(modules: usize) -> Test {
    let test = Test::new().file("book.rhai", "import \"m0\" as m0;\nfn main(params) { 1 }");
    for number in 0..modules {
        let next = number + 1;
        let import = if next < modules {
            format!("import \"m{next}\" as next;\n")
        } else {
            String::new()
        };
        test.write(
            &format!("m{number}.rhai"),
            &format!("{import}fn nothing() {{ 1 }}"),
        );
    }
    test
}

#[test]
fn imports_are_so_deep_and_no_deeper() {
    chain(64).runbook(&["run", "book.rhai"]).code(0);
    assert_snapshot!(refused(&chain(65), &["run", "book.rhai"]), @r#"
    error: imports are nested 64 levels deep at `m64`, which is the limit
     --> <test>/m63.rhai:1:8
      |
    1 | import "m64" as next;
      |        ^
    hint: merge related modules into one
    "#);
    let said = refused(&chain(3_000), &["check", "book.rhai"]);
    assert!(said.contains("64 levels deep"), "{said}");
}

#[test]
fn there_are_so_many_modules_and_no_more() {
    let test = Test::new();
    let mut script = String::new();
    for number in 0..=1_000 {
        test.write(&format!("m{number}.rhai"), "fn nothing() { 1 }");
        script = format!("{script}import \"m{number}\" as m{number};\n");
    }
    test.write("book.rhai", &format!("{script}fn main(params) {{ 1 }}"));
    let said = refused(&test, &["check", "book.rhai"]);
    assert!(said.contains("imports more than 1000 modules"), "{said}");
}
