//! Modules lie in folders: they are imported, pinned and explained by their path.

use insta::assert_snapshot;

use crate::harness::{Test, scripts};

/// A module of one folder imports one of another folder.
fn test() -> Test {
    Test::new()
        .file(
            "books/book.rhai",
            "import \"zones/plan\" as plan;\nfn main(params) { plan::first() }\n",
        )
        .file(
            "stdlib/zones/plan.rhai",
            "import \"lib/deep/names\" as names;\nfn first() { names::of(1) }\n",
        )
        .file(
            "stdlib/lib/deep/names.rhai",
            "fn of(number) {\n    throw `no zone ${number}`\n}\n",
        )
}

#[test]
fn what_a_run_pins_keeps_the_path() {
    let test = test();
    let ended = test.runbook(&["run", "books/book.rhai"]).code(1);
    assert!(
        ended
            .stderr
            .contains(" --> <test>/stdlib/lib/deep/names.rhai:2:5")
            || ended.stderr.contains("/stdlib/lib/deep/names.rhai:2:5"),
        "{}",
        ended.stderr
    );
    let shown = test.runbook(&["show", "last"]).code(0).stdout;
    let sources = shown.split("sources\n").nth(1).unwrap();
    let names: Vec<&str> = sources
        .lines()
        .take(3)
        .map(|line| line.split_whitespace().nth(1).unwrap())
        .collect();
    assert_eq!(names, ["book.rhai", "lib/deep/names", "zones/plan"]);
    std::fs::remove_dir_all(test.path("stdlib")).unwrap();
    let again = test.runbook(&["resume", "last", "--pinned"]).code(1);
    assert!(again.stderr.contains("no zone 1"), "{}", again.stderr);
}

#[test]
fn a_module_in_a_folder_cannot_climb_out_of_it() {
    let test = test();
    let climbs = "import \"../lib/deep/names\" as names;\nfn first() { names::of(1) }\n";
    test.write("stdlib/zones/plan.rhai", climbs);
    let ended = test.runbook(&["check", "books/book.rhai"]).code(2);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    error: the import path `../lib/deep/names` leaves the folders of the modules
    caused by:
      1. absolute paths, `.` and `..` are not allowed
     --> <test>/stdlib/zones/plan.rhai:1:8
      |
    1 | import "../lib/deep/names" as names;
      |        ^
    hint: put the module beside the runbook or into `stdlib/`, and import it by name
    "#);
}

#[test]
fn a_path_that_is_nearly_right_is_mended() {
    let mended = |path: &str| {
        let test = test();
        test.write(
            "books/book.rhai",
            &format!("import \"{path}\" as it;\nfn main(params) {{ it::first() }}\n"),
        );
        let ended = test.runbook(&["check", "books/book.rhai"]).code(2);
        ended.stderr.lines().last().unwrap().to_owned()
    };
    assert_snapshot!(mended("zones/paln"), @"hint: there is a module `zones/plan`");
    assert_snapshot!(mended("lib/tasg"), @"hint: there is a module `lib/tags`");
    // Without its folder.
    assert_snapshot!(mended("tags"), @"hint: there is a module `lib/tags`");
}

/// What lies in `internal/` is for the modules of the folder around it.
#[test]
fn internal_modules_are_imported_by_their_own_folder_only() {
    for path in [scripts("runbooks"), scripts("stdlib")].concat() {
        let text = std::fs::read_to_string(&path).unwrap();
        let imports = text.lines().filter_map(|it| it.strip_prefix("import \""));
        for import in imports.filter_map(|it| it.split('"').next()) {
            let Some((owner, _)) = import.split_once("/internal/") else {
                continue;
            };
            let is_own = path
                .to_str()
                .unwrap()
                .contains(&format!("/stdlib/{owner}/"));
            assert!(is_own, "{} imports {import}", path.display());
        }
    }
}
