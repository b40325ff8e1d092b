//! Settings that the runbook does not take: all problems at once.

use insta::assert_snapshot;

use super::refused;
use crate::harness::Test;

const BOOK: &str = r#"
const PARAMS = #{
    vpc_cidr: #{type: "cidr", required: true, help: "addresses of the VPC"},
    size: #{type: "integer", value: 2},
    wet: #{type: "boolean", value: true},
    mode: #{type: "choice", choices: ["fast", "slow"], value: "fast"},
    patience: #{type: "duration", value: "5m"},
    target: #{type: "ip", value: "8.8.8.8"},
    role: #{type: "arn"},
    region: #{type: "region", value: "eu-west-1"},
    instance_type: #{type: "instance_type", value: "t3.micro"},
    zones: #{type: "list", value: [], items: #{type: "map", fields: #{
        name: #{type: "availability_zone", required: true},
    }}},
};
fn main(params) { params }
"#;

const CIDR: &str = "vpc_cidr = \"10.0.0.0/16\"\n";

#[track_caller]
fn site(text: &str) -> String {
    let test = Test::new().file("book.rhai", BOOK).file("site.toml", text);
    refused(&test, &["run", "book.rhai", "--site", "site.toml"])
}

#[track_caller]
fn set(pairs: &[&str]) -> String {
    let test = Test::new().file("book.rhai", BOOK).file("site.toml", CIDR);
    let sets = pairs.iter().flat_map(|pair| ["--set", pair]);
    refused(
        &test,
        &["run", "book.rhai", "--site", "site.toml"]
            .into_iter()
            .chain(sets)
            .collect::<Vec<_>>(),
    )
}

#[test]
fn one_is_missing() {
    assert_snapshot!(site(""), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. missing setting `vpc_cidr` (a CIDR block such as `10.0.0.0/16`): addresses of the VPC
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(site(&format!("{CIDR}[[zones]]\n[[zones]]\nname = \"eu-west-1a\"\n")), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. missing setting `zones[0].name` (an availability zone such as `eu-west-1a`)
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn one_is_unknown() {
    assert_snapshot!(site("vpc_cdir = \"10.0.0.0/16\"\n"), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. unknown setting `vpc_cdir`; did you mean `vpc_cidr`?
      2. missing setting `vpc_cidr` (a CIDR block such as `10.0.0.0/16`): addresses of the VPC
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(site(&format!("{CIDR}colour = \"red\"\n")), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. unknown setting `colour`
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(site(&format!("{CIDR}[[zones]]\nnmae = \"eu-west-1a\"\n")), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. unknown setting `zones[0].nmae`; did you mean `zones[0].name`?
      2. missing setting `zones[0].name` (an availability zone such as `eu-west-1a`)
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(set(&["sise=3"]), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. unknown setting `sise`; did you mean `size`?
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn a_runbook_without_parameters_takes_none() {
    let test = Test::new().file("book.rhai", "fn main(params) { 1 }");
    assert_snapshot!(refused(&test, &["run", "book.rhai", "--set", "size=3"]), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. unknown setting `size`: the runbook takes none
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn one_has_the_wrong_type() {
    let site_file = r#"
vpc_cidr = 10
size = "2"
wet = "yes"
mode = "medium"
patience = "soon"
target = "8.8.8.800"
role = "arn:aws:iam::12:role/x"
region = "Tokyo"
instance_type = "large"
zones = "eu-west-1a"
"#;
    assert_snapshot!(site(site_file), @"
    error: the settings have 10 problems; nothing was started
    caused by:
      1. `instance_type`: expected an instance type such as `t3.micro`, found `large`
      2. `mode`: expected one of `fast`, `slow`, found `medium`
      3. `patience`: expected a duration such as `<duration>` or `5m`, found `soon`
      4. `region`: expected a region such as `eu-west-1`, found `Tokyo`
      5. `role`: expected an ARN, found `arn:aws:iam::12:role/x`
      6. `size`: expected an integer, found the string `2`
      7. `target`: expected an IP address, found `8.8.8.800`
      8. `vpc_cidr`: expected a CIDR block such as `10.0.0.0/16`, found the number `10`
      9. `wet`: expected true or false, found the string `yes`
      10. `zones`: expected a list, found the string `eu-west-1a`
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(site("vpc_cidr = 1979-05-27\nsize = 2.5\nwet = 1\ntarget = [\"8.8.8.8\"]\npatience = inf\n"), @"
    error: the settings have 5 problems; nothing was started
    caused by:
      1. `patience`: expected a duration such as `<duration>` or `5m`, found `inf`
      2. `size`: expected an integer, found the number `2.5`
      3. `target`: expected an IP address, found a list
      4. `vpc_cidr`: expected a CIDR block such as `10.0.0.0/16`, found `1979-05-27`
      5. `wet`: expected true or false, found the number `1`
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(site("vpc_cidr = \"10.0.0.1/16\"\n[zones]\nname = \"eu-west-1a\"\n"), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. `vpc_cidr`: expected a CIDR block such as `10.0.0.0/16`, found `10.0.0.1/16`
      2. `zones`: expected a list, found a table
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(site("vpc_cidr = \"10.0.0.0/16\"\nzones = [{name = \"eu-west-1\"}, 3]\n"), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. `zones[0].name`: expected an availability zone such as `eu-west-1a`, found `eu-west-1`
      2. `zones[1]`: expected a table, found the number `3`
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn set_wants_a_pair_of_the_right_type() {
    assert_snapshot!(set(&["size", "size=two", "size=9999999999999999999999", "wet=1", "zones=eu-west-1a"]), @r#"
    error: the settings have 5 problems; nothing was started
    caused by:
      1. `--set size`: write `--set name=value`
      2. `--set size`: expected an integer, found `two`
      3. `--set size`: expected an integer, found `9999999999999999999999`
      4. `--set wet`: expected true or false, found `1`
      5. `--set zones`: expected a list in TOML, such as `["a", "b"]`, found `eu-west-1a`
    hint: edit the site file, or override a setting with `--set name=value`
    "#);
}
