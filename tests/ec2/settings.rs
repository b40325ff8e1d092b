//! The settings of the instances, which are checked together before AWS is asked anything.

use insta::assert_snapshot;

use super::{EC2_SITE, RUNBOOK};
use crate::bad_input::refused;
use crate::harness::Test;

#[track_caller]
fn built(more: &str) -> String {
    let test = Test::new().aws().file("more.toml", more);
    let said = refused(
        &test,
        &["run", RUNBOOK, "--site", EC2_SITE, "--site", "more.toml"],
    );
    assert_eq!(test.requests().as_array().unwrap().len(), 0);
    said
}

#[test]
fn an_admin_host_that_everybody_or_nobody_reaches() {
    assert_snapshot!(built("admin_ssh_cidr = \"0.0.0.0/0\""), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. admin_ssh_cidr (0.0.0.0/0) opens ssh to everybody: give the block that administrators come from, such as 203.0.113.0/24
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(built("admin_ssh_cidr = \"::/0\"\nstart_admin = true"), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. admin_ssh_cidr (::/0) is not an IPv4 block
      2. `start_admin` is on without `ssh_key_name`: nobody could log in to the admin host
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(built("start_admin = true"), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. `start_admin` is on without `admin_ssh_cidr`: nobody could reach the admin host
      2. `start_admin` is on without `ssh_key_name`: nobody could log in to the admin host
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn a_program_that_cannot_be_fetched() {
    assert_snapshot!(built("runbook_url = \"http://example.com/runbook\"\nrunbook_sha256 = \"abc\""), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. the setting `runbook_url` is http://example.com/runbook: expected https://<host>/<path> or s3://<bucket>/<key>
      2. the setting `runbook_sha256` is abc: expected 64 hexadecimal digits, as sha256sum prints them
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    let signed = format!(
        "runbook_url = \"https://b.example.com/runbook?X-Amz-Signature=1f8e\"\nrunbook_sha256 = \"{}\"",
        "0".repeat(64)
    );
    assert_snapshot!(built(&signed), @"
error: the settings have a problem; nothing was started
caused by:
  1. the setting `runbook_url` is https://b.example.com/runbook?X-Amz-Signature=1f8e: it goes into the user data, which is no place for a secret; use s3://, which the NATs' role may read, or a URL without ? and @
hint: edit the site file, or override a setting with `--set name=value`
");
    assert_snapshot!(built("runbook_url = \"s3://bucket\"\nrunbook_sha256 = \" \""), @"
    error: the settings have 3 problems; nothing was started
    caused by:
      1. the setting `runbook_sha256` is empty
      2. the setting `runbook_url` is s3://bucket: expected https://<host>/<path> or s3://<bucket>/<key>
      3. the setting `runbook_sha256` is  : expected 64 hexadecimal digits, as sha256sum prints them
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn targets_that_tell_nothing() {
    assert_snapshot!(built("targets_via_inetgw = [\"8.8.8.8\", \"1.1.1.1\"]"), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. 8.8.8.8 is among targets_via_inetgw and is the target_via_checking_nat of ap-northeast-1c: its route leads through a NAT
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(built("notify = [{ command = [] }]"), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. notify[0].command is empty
    hint: edit the site file, or override a setting with `--set name=value`
    ");
    assert_snapshot!(built("targets_via_inetgw = []\nnotify = [{ sns_topic = \"arn:aws:sns:ap-northeast-1:123456789012:nat\", webhook = \"https://x\" }]"), @"
    error: the settings have 2 problems; nothing was started
    caused by:
      1. notify[0] needs one of sns_topic, webhook and command
      2. `targets_via_inetgw` is empty: a NAT could not tell that it is online itself
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}

#[test]
fn opsworks_has_settings_of_its_own() {
    assert_snapshot!(built("compute = \"opsworks\"\nami = \"Amazon Linux\""), @r#"
    error: the settings have 3 problems; nothing was started
    caused by:
      1. missing setting `stack_service_role_arn`, which compute = "opsworks" needs
      2. missing setting `stack_default_instance_profile_arn`, which compute = "opsworks" needs
      3. missing setting `stack_cookbooks_url`, which compute = "opsworks" needs
    hint: edit the site file, or override a setting with `--set name=value`
    "#);
}

#[test]
fn an_image_by_another_name_than_its_id() {
    assert_snapshot!(built("ami = \"Amazon Linux\""), @"
    error: the settings have a problem; nothing was started
    caused by:
      1. the setting `ami` is Amazon Linux: expected an image's id such as ami-0123456789abcdef0; for a name there is `ami_name`
    hint: edit the site file, or override a setting with `--set name=value`
    ");
}
