//! Misspelt names are found before the run, also where it would not have come to them soon, each with the nearest right one.

use insta::assert_snapshot;

use super::refusal;

/// Checks a line of `main`.
#[track_caller]
fn line(line: &str) -> String {
    let script = format!(
        "import \"aws/ec2\" as ec2;\nimport \"network/vpc\" as vpc;\nfn main(params) {{\n    if false {{ {line} }}\n}}\nfn helper(one) {{ one }}\n"
    );
    refusal(&script)
}

#[test]
fn a_service() {
    assert_snapshot!(refusal("import \"aws/ec3\" as ec3;\nfn main(params) { ec3::create_vpc(#{}) }"), @r#"
    error: no AWS service `ec3`; did you mean `ec2`?
     --> book.rhai:1:8
      |
    1 | import "aws/ec3" as ec3;
      |        ^
    hint: the services that can be imported are ec2, iam, opsworks, sns, sts
    "#);
}

#[test]
fn an_operation() {
    assert_snapshot!(line("ec2::create_vcp(#{cidr_block: \"10.0.0.0/16\"})"), @r#"
    error: `aws/ec2` has no operation `create_vcp`
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_vcp(#{cidr_block: "10.0.0.0/16"}) }
      |                     ^
    hint: did you mean `create_vpc`?
    "#);
    assert_snapshot!(line("ec2::CreateVpc(#{cidr_block: \"10.0.0.0/16\"})"), @r#"
    error: `aws/ec2` has no operation `CreateVpc`
     --> book.rhai:4:21
      |
    4 |     if false { ec2::CreateVpc(#{cidr_block: "10.0.0.0/16"}) }
      |                     ^
    hint: did you mean `create_vpc`?
    "#);
    assert_snapshot!(line("ec2::wait_instance_runing(#{})"), @"
    error: `aws/ec2` has no operation `wait_instance_runing`
     --> book.rhai:4:21
      |
    4 |     if false { ec2::wait_instance_runing(#{}) }
      |                     ^
    hint: did you mean `wait_instance_running`?
    ");
}

#[test]
fn a_field() {
    assert_snapshot!(line("ec2::create_vpc(#{cidr_blok: \"10.0.0.0/16\"})"), @r#"
    error: `ec2.create_vpc`: unknown field `cidr_blok`
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_vpc(#{cidr_blok: "10.0.0.0/16"}) }
      |                     ^
    hint: did you mean `cidr_block`?
    "#);
    assert_snapshot!(line("ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\", tag_specifications: [#{resource_type: \"vpc\", tags: [#{kye: \"a\"}]}]})"), @r#"
    error: `ec2.create_vpc`: unknown field `tag_specifications[].tags[].kye`
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_vpc(#{cidr_block: "10.0.0.0/16", tag_specifications: [#{resource_type: "vpc", tags: [#{kye: "a"}]}]}) }
      |                     ^
    hint: did you mean `tag_specifications[].tags[].key`?
    "#);
    assert_snapshot!(line("ec2::wait_instance_running(#{instance_id: [\"i-1\"]})"), @r#"
    error: `ec2.wait_instance_running`: unknown field `instance_id`
     --> book.rhai:4:21
      |
    4 |     if false { ec2::wait_instance_running(#{instance_id: ["i-1"]}) }
      |                     ^
    hint: did you mean `instance_ids`?
    "#);
    assert_snapshot!(line("ec2::create_subnet(#{cidr_block: \"10.0.0.0/24\"})"), @r#"
    error: `ec2.create_subnet`: missing field `vpc_id`
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_subnet(#{cidr_block: "10.0.0.0/24"}) }
      |                     ^
    "#);
    assert_snapshot!(line("ec2::create_subnet()"), @"
    error: `ec2.create_subnet`: missing field `vpc_id`
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_subnet() }
      |                     ^
    ");
}

#[test]
fn a_value() {
    assert_snapshot!(line("ec2::create_vpc(#{instance_tenancy: \"dedicate\"})"), @r#"
    error: `ec2.create_vpc`: `instance_tenancy` cannot be `dedicate`
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_vpc(#{instance_tenancy: "dedicate"}) }
      |                     ^
    hint: did you mean `dedicated`?
    "#);
    assert_snapshot!(line("ec2::create_vpc(#{cidr_block: 10, tag_specifications: #{resource_type: \"vpc\"}})"), @r#"
    error: `ec2.create_vpc`: `cidr_block`: expected a string, found an integer
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_vpc(#{cidr_block: 10, tag_specifications: #{resource_type: "vpc"}}) }
      |                     ^
    error: `ec2.create_vpc`: `tag_specifications`: expected a list, found a map
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_vpc(#{cidr_block: 10, tag_specifications: #{resource_type: "vpc"}}) }
      |                     ^
    "#);
    assert_snapshot!(line("ec2::create_vpc(\"10.0.0.0/16\")"), @r#"
    error: `ec2.create_vpc`: the input: expected a map, found a string
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_vpc("10.0.0.0/16") }
      |                     ^
    "#);
}

#[test]
fn a_function() {
    assert_snapshot!(line("helpr(1)"), @"
    error: there is no function `helpr`
     --> book.rhai:4:16
      |
    4 |     if false { helpr(1) }
      |                ^
    hint: did you mean `helper`?
    ");
    assert_snapshot!(line("\"x\".to_uper()"), @r#"
    error: there is no function `to_uper`
     --> book.rhai:4:20
      |
    4 |     if false { "x".to_uper() }
      |                    ^
    hint: did you mean `to_upper`?
    "#);
    assert_snapshot!(line("params.size.frobnicate()"), @"
    error: there is no function `frobnicate`
     --> book.rhai:4:28
      |
    4 |     if false { params.size.frobnicate() }
      |                            ^
    ");
}

#[test]
fn a_function_of_a_module() {
    assert_snapshot!(line("vpc::creat_subnets(1)"), @"
    error: `network/vpc` has no function `creat_subnets`
     --> book.rhai:4:21
      |
    4 |     if false { vpc::creat_subnets(1) }
      |                     ^
    hint: did you mean `create_subnets`?
    ");
    assert_snapshot!(line("run::setp(\"a\", || 1)"), @r#"
    error: `run` has no function `setp`
     --> book.rhai:4:21
      |
    4 |     if false { run::setp("a", || 1) }
      |                     ^
    hint: did you mean `step`?
    "#);
    assert_snapshot!(line("cidr::overlap(\"10.0.0.0/8\", \"10.0.0.0/16\")"), @r#"
    error: `cidr` has no function `overlap`
     --> book.rhai:4:22
      |
    4 |     if false { cidr::overlap("10.0.0.0/8", "10.0.0.0/16") }
      |                      ^
    hint: did you mean `overlaps`?
    "#);
    assert_snapshot!(line("log::debug(\"x\")"), @r#"
    error: `book.rhai` does not compile: 'debug' is a reserved keyword
     --> book.rhai:4:21
      |
    4 |     if false { log::debug("x") }
      |                     ^
    "#);
}

#[test]
fn a_module() {
    assert_snapshot!(line("rnu::step(\"a\", || 1)"), @r#"
    error: `book.rhai` does not compile: undefined module: rnu
     --> book.rhai:4:16
      |
    4 |     if false { rnu::step("a", || 1) }
      |                ^
    hint: did you mean `run`?
    "#);
    assert_snapshot!(line("opsworks::describe_stacks()"), @r#"
    error: `book.rhai` does not compile: undefined module: opsworks
     --> book.rhai:4:16
      |
    4 |     if false { opsworks::describe_stacks() }
      |                ^
    hint: add at the top: import "aws/opsworks" as opsworks;
    "#);
    assert_snapshot!(line("tags::name_of(params)"), @r#"
    error: `book.rhai` does not compile: undefined module: tags
     --> book.rhai:4:16
      |
    4 |     if false { tags::name_of(params) }
      |                ^
    hint: add at the top: import "lib/tags" as tags;
    "#);
    assert_snapshot!(line("drift::differences(params)"), @r#"
    error: `book.rhai` does not compile: undefined module: drift
     --> book.rhai:4:16
      |
    4 |     if false { drift::differences(params) }
      |                ^
    hint: add at the top: import "ec2/drift" as drift; or import "network/drift" as drift; or import "opsworks/drift" as drift;
    "#);
    assert_snapshot!(line("ours::help()"), @r#"
    error: `book.rhai` does not compile: undefined module: ours
     --> book.rhai:4:16
      |
    4 |     if false { ours::help() }
      |                ^
    hint: add at the top: import "ours" as ours;
    "#);
}

#[test]
fn an_option_of_a_wait() {
    assert_snapshot!(line("run::wait_until(\"it is there\", #{evry: \"1s\"}, || true)"), @r#"
    error: `run::wait_until` has no option `evry`
     --> book.rhai:4:21
      |
    4 |     if false { run::wait_until("it is there", #{evry: "<duration>"}, || true) }
      |                     ^
    hint: did you mean `every`?
    "#);
    assert_snapshot!(line("run::retry(\"it\", #{attempts: 3, no: [\"Code\"]}, || 1)"), @r#"
    error: `run::retry` has no option `no`
     --> book.rhai:4:21
      |
    4 |     if false { run::retry("it", #{attempts: 3, no: ["Code"]}, || 1) }
      |                     ^
    "#);
}

#[test]
fn the_number_of_arguments() {
    assert_snapshot!(line("helper(1, 2)"), @"
    error: `helper` takes 1 argument, not 2
     --> book.rhai:4:16
      |
    4 |     if false { helper(1, 2) }
      |                ^
    ");
    assert_snapshot!(line("vpc::create()"), @"
    error: `network/vpc::create` takes 1 argument, not 0
     --> book.rhai:4:21
      |
    4 |     if false { vpc::create() }
      |                     ^
    ");
    assert_snapshot!(line("run::step(\"a\")"), @r#"
    error: `run::step` takes 2 or 3 arguments, not 1
     --> book.rhai:4:21
      |
    4 |     if false { run::step("a") }
      |                     ^
    "#);
    assert_snapshot!(line("ec2::create_vpc(#{}, #{}, #{})"), @"
    error: `ec2.create_vpc` takes one map, not 3 arguments
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_vpc(#{}, #{}, #{}) }
      |                     ^
    ");
}

#[test]
fn the_options_of_a_call() {
    assert_snapshot!(line("ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"}, #{on_dobt: \"retry\"})"), @r#"
    error: `ec2.create_vpc` has no option `on_dobt`
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}, #{on_dobt: "retry"}) }
      |                     ^
    hint: did you mean `on_doubt`?
    "#);
    assert_snapshot!(line("ec2::create_vpc(#{cidr_block: \"10.0.0.0/16\"}, #{on_doubt: \"rety\"})"), @r#"
    error: `ec2.create_vpc`: `on_doubt` is "retry" or "stop", not "rety"
     --> book.rhai:4:21
      |
    4 |     if false { ec2::create_vpc(#{cidr_block: "10.0.0.0/16"}, #{on_doubt: "rety"}) }
      |                     ^
    hint: did you mean `retry`?
    "#);
}

#[test]
fn every_mistake_is_told_at_once() {
    assert_snapshot!(refusal("fn main(params) {\n    helpr();\n    run::setp(\"a\", || foo());\n}\nfn helper() { 1 }"), @r#"
    error: there is no function `helpr`
     --> book.rhai:2:5
      |
    2 |     helpr();
      |     ^
    hint: did you mean `helper`?
    error: `run` has no function `setp`
     --> book.rhai:3:10
      |
    3 |     run::setp("a", || foo());
      |          ^
    hint: did you mean `step`?
    error: there is no function `foo`
     --> book.rhai:3:23
      |
    3 |     run::setp("a", || foo());
      |                       ^
    hint: did you mean `floor`?
    "#);
}
