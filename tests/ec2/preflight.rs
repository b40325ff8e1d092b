//! What instances need is looked for before anything is made.

use super::build;
use crate::build::account;
use crate::build::python::change;
use crate::harness::Test;

/// Expects a build to stop before it changes anything, and to say so.
#[track_caller]
fn refused(test: &Test, more: &[&str], said: &[&str]) {
    let changes = account::changes(test).len();
    let ended = build(test, more).code(1);
    let heading = "nothing was made, since something is in the way";
    for said in [&[heading], said].concat() {
        assert!(
            ended.stderr.contains(said),
            "no `{said}` in {}",
            ended.stderr
        );
    }
    assert_eq!(account::changes(test).len(), changes);
}

#[test]
fn an_image_that_is_not_there() {
    let test = Test::new().aws();
    refused(
        &test,
        &["--set", "ami_name=al2029-*"],
        &[
            r#"no image of amazon is named al2029-* for t4g.nano (["arm64"]): set `ami_name` and `ami_owner`, or `ami`"#,
        ],
    );
    refused(
        &test,
        &["--set", "ami=ami-0123456789abcdef0"],
        &[
            "there is no image ami-0123456789abcdef0 in ap-northeast-1: an image has another id in each region",
        ],
    );
}

#[test]
fn an_image_for_other_processors() {
    let test = Test::new().aws();
    // Amazon Linux 2023 for x86_64.
    refused(
        &test,
        &["--set", "ami=ami-095af7cb7ddb447ef"],
        &[r#"the image ami-095af7cb7ddb447ef is for x86_64, and t4g.nano for ["arm64"]"#],
    );
}

#[test]
fn a_type_that_a_zone_does_not_offer() {
    let test = Test::new().aws();
    refused(
        &test,
        &["--set", "instance_type_nat=a1.medium"],
        &[
            r#"the instance type a1.medium is not offered in ap-northeast-1c, but in ["ap-northeast-1a","ap-northeast-1d"]"#,
        ],
    );
    refused(
        &test,
        &["--set", "instance_type_nat=t9.nano"],
        &["the instance type t9.nano is not offered in ap-northeast-1"],
    );
}

#[test]
fn names_that_are_taken_or_not_there() {
    let test = Test::new().aws();
    change(&test, &["role", "MyVPC-nat-ap-northeast-1"]);
    refused(
        &test,
        &["--set", "ssh_key_name=nobody"],
        &[
            "there is no key pair nobody in ap-northeast-1",
            "the account has a role MyVPC-nat-ap-northeast-1 already",
            "the account has an instance profile MyVPC-nat-ap-northeast-1 already",
        ],
    );
    refused(
        &test,
        &["--set", "nat_instance_profile=ours"],
        &["there is no instance profile ours in this account: correct `nat_instance_profile`"],
    );
}

#[test]
fn more_addresses_than_the_account_may_have() {
    let test = Test::new().aws();
    for _ in 0..4 {
        change(&test, &["address"]);
    }
    refused(
        &test,
        &["--set", "nat_elastic_ips=true"],
        &[
            "2 Elastic IP addresses are wanted (nat_elastic_ips), and 4 of the 5 that this account may have are in use",
        ],
    );
}
