//! A role and a profile of the same name that somebody else made: names are unique in an account.

use serde_json::{Value, json};

use crate::build::killed;
use crate::build::python;
use crate::harness::Test;

const STRANGER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/effects/stranger.py");
const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": []}"#;

const ROLE: &str = r#"
import "aws/iam" as iam;
fn main(params) { iam::create_role(#{role_name: "nat", assume_role_policy_document: "<trust>"}).role.arn }
"#;

const PROFILE: &str = r#"
import "aws/iam" as iam;
fn main(params) { iam::create_instance_profile(#{instance_profile_name: "nat"}).instance_profile.arn }
"#;

fn cases() -> [(String, &'static str, Value); 2] {
    let role = ROLE.replace("<trust>", &TRUST.replace('"', "\\\""));
    [
        (
            role,
            "create_role",
            json!({"RoleName": "nat", "AssumeRolePolicyDocument": TRUST}),
        ),
        (
            PROFILE.into(),
            "create_instance_profile",
            json!({"InstanceProfileName": "nat"}),
        ),
    ]
}

/// The run's start, the intent, its outcome.
const BETWEEN_INTENT_AND_CALL: &str = "after:2";
const BEFORE_THE_OUTCOME: &str = "before:3";

#[test]
fn what_is_not_ours_is_never_adopted() {
    for (script, operation, input) in cases() {
        let test = Test::new().aws().file("case.rhai", &script);
        killed(&test, BETWEEN_INTENT_AND_CALL, &["run", "case.rhai"]);
        python::run(&test, &[STRANGER, operation, &input.to_string(), "iam"]);
        let before = test.census();
        let ended = test.runbook(&["resume", "last"]).code(1);
        assert!(
            ended.stderr.contains("EntityAlreadyExists"),
            "{operation}: {}",
            ended.stderr
        );
        assert_eq!(test.census(), before, "{operation}");
    }
}

#[test]
fn what_is_ours_is_adopted() {
    for (script, operation, _) in cases() {
        let test = Test::new().aws().file("case.rhai", &script);
        killed(&test, BEFORE_THE_OUTCOME, &["run", "case.rhai"]);
        let ended = test.runbook(&["resume", "last"]).code(0);
        assert!(
            ended.stderr.contains("adopted, nat"),
            "{operation}: {}",
            ended.stderr
        );
        assert!(
            ended.stdout.contains("arn:aws:iam::"),
            "{operation}: {}",
            ended.stdout
        );
    }
}
