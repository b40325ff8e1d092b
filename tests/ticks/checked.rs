//! What is wrong with a tick's script is found before it runs.

use insta::assert_snapshot;

use crate::harness::Test;

#[test]
fn misspelt_names_options_and_a_mistaken_declaration_are_found() {
    let script = r#"
import "aws/ec2" as ec2;

fn main(params) {
    state::got("x");
    state::put("x");
    ec2::create_tags(#{resources: ["vpc-1"], tags: []}, #{beet: true});
    ec2::create_tags(#{resources: ["vpc-1"], tags: []}, #{beat: "yes"});
}
"#;
    let test = Test::new().file("wrong.rhai", script);
    let ended = test.runbook(&["check", "wrong.rhai"]).code(2);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    error: `state` has no function `got`
     --> wrong.rhai:5:12
      |
    5 |     state::got("x");
      |            ^
    hint: did you mean `get`?
    error: `state::put` takes 2 arguments, not 1
     --> wrong.rhai:6:12
      |
    6 |     state::put("x");
      |            ^
    error: `ec2.create_tags` has no option `beet`
     --> wrong.rhai:7:10
      |
    7 |     ec2::create_tags(#{resources: ["vpc-1"], tags: []}, #{beet: true});
      |          ^
    hint: did you mean `beat`?
    error: `ec2.create_tags`: `beat` is true or false, not a string
     --> wrong.rhai:8:10
      |
    8 |     ec2::create_tags(#{resources: ["vpc-1"], tags: []}, #{beat: "yes"});
      |          ^
    "#);
    test.write("declared.rhai", "const TICK = \"yes\";\nfn main(params) {}");
    let ended = test.runbook(&["check", "declared.rhai"]).code(2);
    assert_snapshot!(test.stable(&ended.stderr), @r#"
    error: `TICK` must be `true` or `false`
     --> declared.rhai:1:7
      |
    1 | const TICK = "yes";
      |       ^
    "#);
}
