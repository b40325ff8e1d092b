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
    assert_snapshot!(built("admin_ssh_cidr = \"0.0.0.0/0\""), @"");
    assert_snapshot!(built("admin_ssh_cidr = \"::/0\"\nstart_admin = true"), @"");
    assert_snapshot!(built("start_admin = true"), @"");
}

#[test]
fn a_program_that_cannot_be_fetched() {
    assert_snapshot!(built("runbook_url = \"http://example.com/runbook\"\nrunbook_sha256 = \"abc\""), @"");
    assert_snapshot!(built("runbook_url = \"s3://bucket\"\nrunbook_sha256 = \" \""), @"");
}

#[test]
fn targets_that_tell_nothing() {
    assert_snapshot!(built("targets_via_inetgw = [\"8.8.8.8\", \"1.1.1.1\"]"), @"");
    assert_snapshot!(built("targets_via_inetgw = []\nnotify = [{ sns_topic = \"arn:aws:sns:ap-northeast-1:123456789012:nat\", webhook = \"https://x\" }]"), @"");
}

#[test]
fn opsworks_has_settings_of_its_own() {
    assert_snapshot!(built("compute = \"opsworks\"\nami = \"Amazon Linux\""), @"");
}

#[test]
fn an_image_by_another_name_than_its_id() {
    assert_snapshot!(built("ami = \"Amazon Linux\""), @"");
}
