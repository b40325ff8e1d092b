//! Where settings and modules come from; `check` and `init`.

use insta::assert_snapshot;
use serde_json::json;

use crate::harness::Test;

const BOOK: &str = r#"
const PARAMS = #{
    preset: #{type: "string", value: "preset"},
    first: #{type: "string", value: "preset"},
    second: #{type: "string", value: "preset"},
    typed: #{type: "string", value: "preset"},
    absent: #{type: "string"},
    count: #{type: "integer", value: 1},
    names: #{type: "list", value: []},
    patience: #{type: "duration", value: "5m"},
};
fn main(params) { params }
"#;

#[test]
fn the_later_wins_and_set_wins_over_all() {
    let test = Test::new()
        .file("book.rhai", BOOK)
        .file(
            "one.toml",
            "first = \"one\"\nsecond = \"one\"\ntyped = \"one\"\npatience = 90\n",
        )
        .file("two.toml", "second = \"two\"\ntyped = \"two\"\n");
    let args = [
        "run",
        "book.rhai",
        "--site",
        "one.toml",
        "--site",
        "two.toml",
    ];
    let sets = [
        "--set",
        "typed=a",
        "--set",
        "typed=b=c",
        "--set",
        "count=-3",
        "--set",
        "names=[\"x\", \"y\"]",
    ];
    let settled = test.runbook(&[&args[..], &sets].concat()).code(0).json();
    let expected = json!({
        "preset": "preset", "first": "one", "second": "two", "typed": "b=c", "absent": null, "count": -3, "names": ["x", "y"],
        "patience": "90s",
    });
    assert_eq!(settled, expected);
}

#[test]
fn beside_the_runbook_comes_before_stdlib_and_that_before_the_built_in() {
    let book = "import \"network/vpc\" as vpc;\nfn main(params) { vpc::create(1) }";
    let test = Test::new().file("a/book.rhai", book);
    let says = |from: &str| format!("fn create(plan) {{ \"{from}\" }}");
    let result = || test.runbook(&["run", "a/book.rhai", "--site", "b/site.toml"]);
    test.write("b/site.toml", "");
    // The built-in one calls AWS.
    assert!(result().code(2).stderr.contains("no AWS region"));
    for (file, from) in [
        ("b/stdlib/network/vpc.rhai", "the site's"),
        ("stdlib/network/vpc.rhai", "the neighbour"),
        ("a/stdlib/network/vpc.rhai", "below"),
        ("a/network/vpc.rhai", "beside"),
    ] {
        test.write(file, &says(from));
        assert_eq!(result().code(0).json(), from);
    }
}

#[test]
fn check_says_what_it_has_read() {
    let test = Test::new()
        .file(
            "book.rhai",
            "import \"helper\" as helper;\nfn main(params) { helper::help() }",
        )
        .file("helper.rhai", "fn help() { 1 }");
    let ended = test.runbook(&["check", "book.rhai"]).code(0);
    assert_eq!(ended.stdout, "");
    assert_snapshot!(ended.stderr, @"
    nothing wrong found in book.rhai, helper
    ");
    assert!(!test.state_dir().exists());
}

#[test]
fn init_writes_what_can_be_checked_and_rehearsed() {
    let test = Test::new();
    let ended = test.runbook(&["init", "mine"]).code(0);
    assert_eq!(ended.stdout, "");
    let said = test.stable(&ended.stderr);
    assert!(
        said.contains("wrote mine/runbooks/build.rhai\n")
            && said.contains("wrote mine/stdlib/network/vpc.rhai\n"),
        "{said}"
    );
    let hint = said
        .lines()
        .last()
        .unwrap()
        .trim()
        .strip_prefix("runbook rehearse ")
        .unwrap();
    assert_eq!(
        hint,
        "mine/runbooks/build.rhai --site mine/runbooks/sites/example.toml"
    );
    let args: Vec<&str> = ["check"].into_iter().chain(hint.split(' ')).collect();
    let checked = test.runbook(&args).code(0).stderr;
    assert!(
        checked.contains("build.rhai") && checked.contains("network"),
        "{checked}"
    );
}

#[test]
fn init_keeps_what_is_there() {
    let test = Test::new().file("mine/stdlib/network/vpc.rhai", "// mine\n");
    let ended = test.runbook(&["init", "mine"]).code(0);
    assert!(
        ended
            .stderr
            .contains("kept  mine/stdlib/network/vpc.rhai\n"),
        "{}",
        ended.stderr
    );
    assert_eq!(
        std::fs::read_to_string(test.path("mine/stdlib/network/vpc.rhai")).unwrap(),
        "// mine\n"
    );
    let again = test.runbook(&["init", "mine"]).code(0).stderr;
    assert!(!again.contains("wrote"), "{again}");
}

#[test]
fn what_init_wrote_is_used_rather_than_the_built_in() {
    let test = Test::new();
    test.runbook(&["init", "mine"]).code(0);
    test.write(
        "mine/stdlib/ec2/settings.rhai",
        "fn problems(params) { [\"mine is asked\"] }",
    );
    let ended = test
        .runbook(&[
            "check",
            "mine/runbooks/build.rhai",
            "--site",
            "mine/runbooks/sites/example.toml",
        ])
        .code(2);
    assert!(
        ended.stderr.contains("1. mine is asked"),
        "{}",
        ended.stderr
    );
}

#[test]
fn init_where_nothing_can_be_written() {
    let test = Test::new().file("mine", "a file");
    let ended = test.runbook(&["init", "mine"]).code(2);
    assert_eq!(ended.stdout, "");
    assert_snapshot!(ended.stderr, @"
    error: cannot make `mine/runbooks`: Not a directory (os error 20)
    ");
}
