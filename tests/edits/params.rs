//! `PARAMS` edited under a run that has pinned its values.

use insta::assert_snapshot;
use serde_json::json;

use super::{explained, resumed};
use crate::harness::Test;

/// A run with `size` 5, `name` absent and a zone with two fields, which fails.
fn pinned() -> Test {
    let params = r#"size: #{type: "integer", value: 1}, name: #{type: "string"},
        zones: #{type: "list", items: #{type: "map", fields: #{name: #{type: "string"}, block: #{type: "string"}}}}"#;
    let test = Test::new().file(
        "book.rhai",
        &declaring(params, "run::step(\"first\", || 1); throw \"not yet\""),
    );
    test.runbook(&[
        "run",
        "book.rhai",
        "--set",
        "size=5",
        "--set",
        "zones=[{name=\"a\",block=\"b\"}]",
    ])
    .code(1);
    test
}

fn declaring(params: &str, main: &str) -> String {
    format!("const PARAMS = #{{{params}}};\nfn main(params) {{ {main} }}\n")
}

#[test]
fn new_ones_take_their_presets_and_old_ones_stay() {
    let test = pinned();
    let params = r#"size: #{type: "integer", value: 7}, name: #{type: "string", value: "later"}, kind: #{type: "string", value: "new"},
        zones: #{type: "list", items: #{type: "map", fields: #{name: #{type: "string"}}}}"#;
    test.write("book.rhai", &declaring(params, "throw \"still not\""));
    let ended = test.runbook(&["resume", "last", "--edited"]).code(1);
    assert!(ended.stderr.contains("still not"), "{}", ended.stderr);
    test.write("book.rhai", &declaring(params, "params"));
    assert_eq!(
        resumed(&test),
        json!({"size": 5, "name": null, "kind": "new", "zones": [{"name": "a"}]})
    );
}

/// The scripts that a resume accepted are pinned with their `PARAMS`.
#[test]
fn a_preset_is_still_there_on_the_resume_after() {
    let test = pinned();
    let params = r#"kind: #{type: "string", value: "new"}"#;
    test.write(
        "book.rhai",
        &declaring(params, "throw `still not ${params.kind}`"),
    );
    for way in [["--edited"].as_slice(), &[], &["--pinned"]] {
        let args = [["resume", "last"].as_slice(), way].concat();
        let ended = test.runbook(&args).code(1);
        assert!(
            ended.stderr.contains("error: still not new\n"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn one_that_is_gone_is_left_out() {
    let test = pinned();
    test.write("book.rhai", "fn main(params) { params }\n");
    assert_eq!(resumed(&test), json!({}));
}

#[test]
fn what_does_not_fit_is_refused_before_anything_happens() {
    let test = pinned();
    let params = r#"size: #{type: "string"}, name: #{type: "string", required: true}, kind: #{type: "cidr", required: true, help: "The VPC's block"}"#;
    test.write("book.rhai", &declaring(params, "params"));
    let said = explained(&test);
    assert_snapshot!(said, @"
    error: the edited runbook does not accept the parameters that the run pinned; nothing was done
    caused by:
      1. missing setting `kind` (a CIDR block such as `10.0.0.0/16`): The VPC's block
      2. missing setting `name` (a string)
      3. `size`: expected a string, found the number `5`
    hint: a run keeps the parameters that it started with: give a new parameter a preset (`value: …`) in `PARAMS`
    hint: to go on with the scripts as the run pinned them: runbook resume <run:book> --pinned
    ");
    let ended = test.runbook(&["resume", "last", "--edited"]).code(2);
    assert_eq!(test.stable(&ended.stderr), said);
}

#[test]
fn what_the_edited_validate_refuses_is_refused() {
    let test = pinned();
    let script = declaring("size: #{type: \"integer\"}", "params");
    test.write(
        "book.rhai",
        &format!(
            "{script}fn validate(params) {{ if params.size > 4 {{ [\"`size` is above 4\"] }} }}\n"
        ),
    );
    assert_snapshot!(explained(&test), @"
    error: the edited runbook does not accept the parameters that the run pinned; nothing was done
    caused by:
      1. `size` is above 4
    hint: a run keeps the parameters that it started with: give a new parameter a preset (`value: …`) in `PARAMS`
    hint: to go on with the scripts as the run pinned them: runbook resume <run:book> --pinned
    ");
}

#[test]
fn one_that_is_new_in_the_module_of_the_parameters_takes_its_preset() {
    let module = |params: &str| format!("const PARAMS = #{{{params}}};\n");
    let test = Test::new()
        .file("network.rhai", &module(r#"size: #{type: "integer", value: 1}"#))
        .file(
            "book.rhai",
            "import \"network\" as network;\nconst PARAMS_FROM = \"network\";\nfn main(params) { log::info(`${params}`); throw \"not yet\" }\n",
        );
    test.runbook(&["run", "book.rhai", "--set", "size=5"])
        .code(1);
    let edited = r#"size: #{type: "integer", value: 7}, kind: #{type: "string", value: "new"}"#;
    test.write("network.rhai", &module(edited));
    let ended = test.runbook(&["resume", "last", "--edited"]).code(1);
    let said = "#{\"kind\": \"new\", \"size\": 5}";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}
