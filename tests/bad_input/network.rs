//! The settings of `build.rhai`, which are checked together before AWS is asked anything.

use insta::assert_snapshot;

use super::refused;
use crate::build::{RUNBOOK, SITE};
use crate::harness::Test;

/// Builds with the example site in which `from` is replaced.
#[track_caller]
fn built(changes: &[(&str, &str)]) -> String {
    let mut site = std::fs::read_to_string(SITE).unwrap();
    for (from, to) in changes {
        assert!(site.contains(from), "the example site has no `{from}`");
        site = site.replace(from, to);
    }
    let test = Test::new().aws().file("site.toml", &site);
    let said = refused(&test, &["run", RUNBOOK, "--site", "site.toml"]);
    assert_eq!(test.requests().as_array().unwrap().len(), 0);
    said
}

#[test]
fn without_a_site_file() {
    let test = Test::new().aws();
    assert_snapshot!(refused(&test, &["run", RUNBOOK]), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. missing setting `region` (a region such as `eu-west-1`): where to build; all zones are in it
      2. missing setting `zones` (a list): two or more; each is watched through its successor's NAT
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn blocks_that_overlap_or_lie_outside() {
    assert_snapshot!(built(&[("10.0.1.0/24", "10.0.0.128/25")]), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. public_cidr of ap-northeast-1a (10.0.0.0/24) overlaps public_cidr of ap-northeast-1c (10.0.0.128/25)
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(built(&[("10.0.128.0/24", "10.1.128.0/24"), ("10.0.129.0/24", "10.0.129.0/30")]), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. private_cidr of ap-northeast-1a (10.1.128.0/24) is not inside vpc_cidr (10.0.0.0/16)
      2. private_cidr of ap-northeast-1c (10.0.129.0/30) is not between /16 and /28, as AWS wants it
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(built(&[("vpc_cidr = \"10.0.0.0/16\"", "vpc_cidr = \"10.0.0.0/8\"")]), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. vpc_cidr (10.0.0.0/8) is not between /16 and /28, as AWS wants it
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn zones_that_do_not_differ_or_are_elsewhere() {
    assert_snapshot!(built(&[("ap-northeast-1c", "ap-northeast-1a")]), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. the zone ap-northeast-1a is given more than once
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(built(&[("ap-northeast-1c", "eu-west-1a")]), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. the zone eu-west-1a is not in the region ap-northeast-1
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn a_single_zone() {
    let site = std::fs::read_to_string(SITE).unwrap();
    let (start, rest) = site.split_once("[[zones]]").unwrap();
    let zone = rest.split("[[").next().unwrap();
    let test = Test::new()
        .aws()
        .file("site.toml", &format!("{start}[[zones]]{zone}"));
    assert_snapshot!(refused(&test, &["run", RUNBOOK, "--site", "site.toml"]), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. `zones` needs at least two zones: a NAT is watched from another zone
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn targets_that_do_not_tell_anything() {
    assert_snapshot!(built(&[("\"8.8.4.4\"", "\"8.8.8.8\"")]), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. the target_via_checking_nat 8.8.8.8 is given more than once
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(built(&[("\"8.8.4.4\"", "\"10.0.0.9\""), ("google.co.jp", "8.8.8.8")]), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. target_via_checking_nat 10.0.0.9 is inside vpc_cidr (10.0.0.0/16)
      2. target_via_inetgw 8.8.8.8 is a target_via_checking_nat too: its route leads through a NAT
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn names_that_are_empty_and_arns_of_something_else() {
    assert_snapshot!(built(&[("vpc_name = \"MyVPC\"", "vpc_name = \" \"")]), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. the setting `vpc_name` is empty
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(built(&[(":role/", ":user/"), (":user/operator", ":group/operator")]), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. the setting `stack_service_role_arn` is arn:aws:iam::123456789012:user/aws-opsworks-service-role: expected an IAM role such as arn:aws:iam::123456789012:role/name
      2. the setting `stack_permissions.iam_user_arn` is arn:aws:iam::123456789012:group/operator: expected an IAM user such as arn:aws:iam::123456789012:user/name
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn everything_at_once() {
    assert_snapshot!(
        built(&[
            ("vpc_name =", "vpc_nmae ="),
            ("interval_poll = \"1s\"", "interval_poll = \"often\""),
            ("\nprivate_cidr", "\nprivat_cidr"),
            ("\nregion =", "\n# region ="),
        ]),
        @"
    error: the settings have 7 problems; nothing was started
    caused by:
      1. unknown setting `vpc_nmae`; did you mean `vpc_name`?
      2. `interval_poll`: expected a duration such as `<duration>` or `5m`, found `often`
      3. missing setting `region` (a region such as `eu-west-1`): where to build; all zones are in it
      4. unknown setting `zones[0].privat_cidr`; did you mean `zones[0].private_cidr`?
      5. missing setting `zones[0].private_cidr` (a CIDR block such as `10.0.0.0/16`): of the segment behind the NAT
      6. unknown setting `zones[1].privat_cidr`; did you mean `zones[1].private_cidr`?
      7. missing setting `zones[1].private_cidr` (a CIDR block such as `10.0.0.0/16`): of the segment behind the NAT
    hint: edit the site file, or override a setting with `--set name=value`
    "
    );
}
