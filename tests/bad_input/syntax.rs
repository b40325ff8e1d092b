//! Text that is neither TOML nor Rhai: file, line, source line and caret.

use insta::assert_snapshot;

use super::{refusal, refused};
use crate::harness::Test;

#[track_caller]
fn site(text: &str) -> String {
    let test = Test::new()
        .file("book.rhai", "fn main(params) { 1 }")
        .file("site.toml", text);
    refused(&test, &["run", "book.rhai", "--site", "site.toml"])
}

#[test]
fn toml() {
    assert_snapshot!(site("region = \"eu-west-1\"\nname == \"x\"\n"), @r#"
    error: the site file `site.toml` is not valid TOML: extra `=`, expected nothing
     --> site.toml:2:7
      |
    2 | name == "x"
      |       ^
    "#);
    assert_snapshot!(site("name = \"x\"\nname = \"y\"\n"), @r#"
    error: the site file `site.toml` is not valid TOML: duplicate key
     --> site.toml:2:1
      |
    2 | name = "y"
      | ^
    "#);
    assert_snapshot!(site("name = \"x\n"), @r#"
    error: the site file `site.toml` is not valid TOML: invalid basic string, expected `"`
     --> site.toml:1:10
      |
    1 | name = "x
      |          ^
    "#);
    assert_snapshot!(site("a = 1\n[[zones\nname = \"x\"\n"), @"
    error: the site file `site.toml` is not valid TOML: unclosed array table, expected `]]`
     --> site.toml:2:8
      |
    2 | [[zones
      |        ^
    ");
    assert_snapshot!(site("zones = [1, 2"), @"
    error: the site file `site.toml` is not valid TOML: unclosed array, expected `]`
     --> site.toml:1:14
      |
    1 | zones = [1, 2
      |              ^
    ");
}

#[test]
fn toml_on_the_command_line() {
    let script = "const PARAMS = #{names: #{type: \"list\"}};\nfn main(params) { 1 }";
    let test = Test::new().file("book.rhai", script);
    assert_snapshot!(refused(&test, &["run", "book.rhai", "--set", "names=[a, b]"]), @r#"
    error: the settings have a problem; nothing was started
    caused by:
      1. `--set names`: expected a list in TOML, such as `["a", "b"]`, found `[a, b]`
    hint: edit the site file, or override a setting with `--set name=value`
    "#);
}

#[test]
fn rhai() {
    assert_snapshot!(refusal("fn main(params) {\n    let x = ;\n    x\n}\n"), @"
    error: `book.rhai` does not compile: unexpected ';'
     --> book.rhai:2:13
      |
    2 |     let x = ;
      |             ^
    ");
    assert_snapshot!(refusal("fn main(params) {\n    let x = 1\n    x\n}\n"), @"
    error: `book.rhai` does not compile: expecting ';' to terminate this statement
     --> book.rhai:3:5
      |
    3 |     x
      |     ^
    ");
    assert_snapshot!(refusal("fn main(params) {\n    let s = \"abc;\n}\n"), @r#"
    error: `book.rhai` does not compile: open string is not terminated
     --> book.rhai:2:13
      |
    2 |     let s = "abc;
      |             ^
    "#);
    assert_snapshot!(refusal("fn main(params) {\n    if true {\n        1\n}\n"), @"
    error: `book.rhai` does not compile: expecting '}' to terminate this block
     --> book.rhai:5:1
      |
    5 | 
      | ^
    ");
    assert_snapshot!(refusal("fn main(params) {\n    let größe = \"日本\"; let y = );\n}\n"), @r#"
    error: `book.rhai` does not compile: unexpected 'ö'
     --> book.rhai:2:11
      |
    2 |     let größe = "日本"; let y = );
      |           ^
    "#);
}

#[test]
fn rhai_that_is_not_allowed_here() {
    assert_snapshot!(refusal("fn main(params) {\n    eval(\"1\")\n}\n"), @r#"
    error: `book.rhai` does not compile: reserved keyword 'eval' is disabled
     --> book.rhai:2:5
      |
    2 |     eval("1")
      |     ^
    "#);
    assert_snapshot!(refusal("fn main(params) {\n    parms.x\n}\n"), @"
    error: `book.rhai` does not compile: undefined variable: parms
     --> book.rhai:2:5
      |
    2 |     parms.x
      |     ^
    ");
    assert_snapshot!(refusal("const PARAMS = #{name: #{type: \"string\", default: \"x\"}};\nfn main(params) { 1 }\n"), @r#"
    error: `book.rhai` does not compile: 'default' is a reserved keyword
     --> book.rhai:1:42
      |
    1 | const PARAMS = #{name: #{type: "string", default: "x"}};
      |                                          ^
    hint: a preset of `PARAMS` is called `value`
    "#);
}

#[test]
fn rhai_in_a_module() {
    let test = Test::new()
        .file("stdlib/helper.rhai", "//! Helps.\n\nfn help( {\n    1\n}\n")
        .file(
            "book.rhai",
            "import \"helper\" as helper;\nfn main(params) { helper::help() }",
        );
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @"
    error: `<test>/stdlib/helper.rhai` does not compile: expecting ')' to close the parameters list of function 'help'
     --> <test>/stdlib/helper.rhai:3:10
      |
    3 | fn help( {
      |          ^
    ");
}
