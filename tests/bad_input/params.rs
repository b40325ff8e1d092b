//! Mistakes in what a runbook declares: `main`, `PARAMS`, `validate`.

use insta::assert_snapshot;

use super::{refusal, refused};
use crate::harness::Test;

#[test]
fn main_must_be_there_and_take_the_parameters() {
    assert_snapshot!(refusal(""), @"
    error: `book.rhai`: `main` is missing
    hint: a runbook has a function `fn main(params) { … }`
    ");
    assert_snapshot!(refusal("fn mian(params) { 1 }"), @"
    error: `book.rhai`: `main` is missing
    hint: a runbook has a function `fn main(params) { … }`
    ");
    assert_snapshot!(refusal("fn main() { 1 }"), @"
    error: `book.rhai`: `main` must take one parameter
    hint: a runbook has a function `fn main(params) { … }`
    ");
    assert_snapshot!(refusal("fn main(params, more) { 1 }"), @"
    error: `book.rhai`: `main` must take one parameter
    hint: a runbook has a function `fn main(params) { … }`
    ");
}

#[test]
fn validate_takes_the_parameters_too() {
    assert_snapshot!(refusal("fn validate() { [] }\nfn main(params) { 1 }"), @"
    error: `book.rhai`: `validate` must take one parameter
    hint: a runbook has a function `fn validate(params) { … }`
    ");
}

#[track_caller]
fn declared(declarations: &str) -> String {
    refusal(&format!(
        "const PARAMS = #{{{declarations}}};\nfn main(params) {{ 1 }}\n"
    ))
}

#[test]
fn types_and_keys() {
    assert_snapshot!(declared("a: 1, b: #{}, c: #{type: \"strnig\"}, d: #{type: \"colour\"}"), @r#"
    error: `PARAMS` has mistakes
    caused by:
      1. `PARAMS.a` must be a map such as `#{type: "string", help: "…"}`
      2. `PARAMS.b` needs a `type`: one of string, integer, boolean, duration, cidr, ip, arn, region, availability_zone, instance_type, choice, secret, list, map
      3. `PARAMS.c` has an unknown type `strnig`; did you mean `string`?
      4. `PARAMS.d` has an unknown type `colour`; known are string, integer, boolean, duration, cidr, ip, arn, region, availability_zone, instance_type, choice, secret, list, map
     --> book.rhai:1:7
      |
    1 | const PARAMS = #{a: 1, b: #{}, c: #{type: "strnig"}, d: #{type: "colour"}};
      |       ^
    "#);
    assert_snapshot!(declared("a: #{type: \"string\", hepl: \"x\"}, b: #{type: \"string\", preset: 1}"), @r#"
    error: `PARAMS` has mistakes
    caused by:
      1. `PARAMS.a` has an unknown key `hepl`; did you mean `help`?
      2. `PARAMS.b` has an unknown key `preset`; known are type, value, help, required, choices, items, fields
     --> book.rhai:1:7
      |
    1 | const PARAMS = #{a: #{type: "string", hepl: "x"}, b: #{type: "string", preset: 1}};
      |       ^
    "#);
    assert_snapshot!(declared("a: #{type: \"choice\"}, b: #{type: \"choice\", choices: []}, c: #{type: \"string\", choices: [\"x\"]}"), @r#"
    error: `PARAMS` has mistakes
    caused by:
      1. `PARAMS.a` needs `choices`: a list of strings
      2. `PARAMS.b` needs `choices`: a list of strings
      3. `PARAMS.c` has `choices`, which belongs to the type `choice`, not to `string`
     --> book.rhai:1:7
      |
    1 | const PARAMS = #{a: #{type: "choice"}, b: #{type: "choice", choices: []}, c: #{type: "string", choices: ["x"]}};
      |       ^
    "#);
    assert_snapshot!(declared("a: #{type: \"list\", items: #{type: \"nat\"}}, b: #{type: \"map\", fields: 3}"), @r#"
    error: `PARAMS` has mistakes
    caused by:
      1. `PARAMS.a[]` has an unknown type `nat`; known are string, integer, boolean, duration, cidr, ip, arn, region, availability_zone, instance_type, choice, secret, list, map
      2. `PARAMS.b.fields` must be a map of names to declarations
     --> book.rhai:1:7
      |
    1 | const PARAMS = #{a: #{type: "list", items: #{type: "nat"}}, b: #{type: "map", fields: 3}};
      |       ^
    "#);
    assert_snapshot!(declared("a: #{type: \"string\", required: \"yes\"}, b: #{type: \"string\", help: 3}"), @r#"
    error: `PARAMS` has mistakes
    caused by:
      1. `PARAMS.a.required` must be true or false
      2. `PARAMS.b.help` must be a string
     --> book.rhai:1:7
      |
    1 | const PARAMS = #{a: #{type: "string", required: "yes"}, b: #{type: "string", help: 3}};
      |       ^
    "#);
}

#[test]
fn presets() {
    assert_snapshot!(declared("a: #{type: \"string\", required: true, value: \"x\"}"), @r#"
    error: `PARAMS` has mistakes
    caused by:
      1. `PARAMS.a` is required and has a preset `value`: choose one
     --> book.rhai:1:7
      |
    1 | const PARAMS = #{a: #{type: "string", required: true, value: "x"}};
      |       ^
    "#);
    assert_snapshot!(
        declared("a: #{type: \"integer\", value: \"x\"}, b: #{type: \"list\", items: #{type: \"map\", fields: #{c: #{type: \"cidr\", value: \"10/8\"}}}}"),
        @r#"
    error: `PARAMS` has mistakes
    caused by:
      1. `PARAMS.a.value`: expected an integer, found the string `x`
      2. `PARAMS.b.c.value`: expected a CIDR block such as `10.0.0.0/16`, found `10/8`
     --> book.rhai:1:7
      |
    1 | const PARAMS = #{a: #{type: "integer", value: "x"}, b: #{type: "list", items: #{type: "map", fields: #{c: #{type: "cidr", value: "10/8"}}}}};
      |       ^
    "#
    );
}

#[test]
fn what_is_computed_is_no_declaration() {
    assert_snapshot!(declared("a: #{type: \"string\", value: \"x\" + \"y\".to_upper()}"), @r#"
    error: `PARAMS` must be made of literals only, without calls or variables
     --> book.rhai:1:7
      |
    1 | const PARAMS = #{a: #{type: "string", value: "x" + "y".to_upper()}};
      |       ^
    "#);
    assert_snapshot!(refusal("const PARAMS = [\"name\"];\nfn main(params) { 1 }\n"), @r#"
    error: `PARAMS` has mistakes
    caused by:
      1. `PARAMS` must be a map of names to declarations
     --> book.rhai:1:7
      |
    1 | const PARAMS = ["name"];
      |       ^
    "#);
}

#[track_caller]
fn validated(body: &str) -> String {
    refusal(&format!(
        "const PARAMS = #{{size: #{{type: \"integer\", value: 3}}}};\nfn validate(params) {{\n    {body}\n}}\nfn main(params) {{ 1 }}\n"
    ))
}

#[test]
fn validate_complains() {
    assert_snapshot!(validated("[`size is ${params.size}, which is odd`, \"and that is not all\"]"), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. size is 3, which is odd
      2. and that is not all
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn validate_goes_wrong() {
    assert_snapshot!(validated("params.sise"), @"
    error: property not found: sise
     --> book.rhai:3:12
      |
    3 |     params.sise
      |            ^
    ");
    assert_snapshot!(validated("throw \"no\""), @r#"
    error: no
     --> book.rhai:3:5
      |
    3 |     throw "no"
      |     ^
    "#);
    assert_snapshot!(validated("\"no\""), @r#"
    error: `validate` must return a list of problems, not `"no"`
    "#);
    assert_snapshot!(validated("run::step(\"look\", || [])"), @r#"
    error: `run::step` belongs in `main`: there is no run yet
     --> book.rhai:3:10
      |
    3 |     run::step("look", || [])
      |          ^
    "#);
}

#[test]
fn validate_cannot_call_aws() {
    let script = "import \"aws/ec2\" as ec2;\nfn validate(params) { ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"}) }\nfn main(params) { 1 }\n";
    let test = Test::new().aws().file("book.rhai", script);
    assert_snapshot!(refused(&test, &["run", "book.rhai"]), @r#"
    error: `ec2::create_vpc` belongs in `main`: there is no run yet
     --> book.rhai:2:28
      |
    2 | fn validate(params) { ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}) }
      |                            ^
    "#);
    assert_eq!(test.requests().as_array().unwrap().len(), 0);
}

/// Two runbooks of a network take the same settings from one module.
#[test]
fn parameters_of_a_module() {
    const MODULE: &str =
        "const PARAMS = #{\n    size: #{type: \"integer\", value: 3, help: \"how many\"},\n};\n";
    let refusal = |runbook: &str| {
        let test = Test::new()
            .file("network.rhai", MODULE)
            .file("book.rhai", runbook);
        refused(&test, &["run", "book.rhai"])
    };
    assert_snapshot!(refusal("const PARAMS_FROM = \"network\";\nfn main(params) { 1 }\n"), @r#"
error: `PARAMS_FROM` names `network`, which is not imported
 --> book.rhai:1:7
  |
1 | const PARAMS_FROM = "network";
  |       ^
hint: add `import "network" as network;`
"#);
    assert_snapshot!(refusal("const PARAMS_FROM = 3;\nfn main(params) { 1 }\n"), @r#"
error: `PARAMS_FROM` must be the name of a module, such as `"network/settings"`
 --> book.rhai:1:7
  |
1 | const PARAMS_FROM = 3;
  |       ^
"#);
    assert_snapshot!(
        refusal("import \"network\" as network;\nconst PARAMS_FROM = \"network\";\nconst PARAMS = #{size: #{type: \"string\"}};\nfn main(params) { 1 }\n"),
        @r#"
error: the parameter `size` is declared twice: here in `PARAMS`, and in the module of `PARAMS_FROM`
 --> book.rhai:2:7
  |
2 | const PARAMS_FROM = "network";
  |       ^
"#
    );
    let runbook = "import \"network\" as network;\nconst PARAMS_FROM = \"network\";\nconst PARAMS = #{zone: #{type: \"string\", value: \"a\"}};\nfn main(params) { params }\n";
    let test = Test::new()
        .file("network.rhai", MODULE)
        .file("book.rhai", runbook);
    let wrong = refused(&test, &["run", "book.rhai", "--set", "sice=4"]);
    assert!(wrong.contains("did you mean `size`?"), "{wrong}");
    let ended = test
        .runbook(&["run", "book.rhai", "--set", "size=4"])
        .code(0);
    assert_eq!(ended.json(), serde_json::json!({"size": 4, "zone": "a"}));
}
