//! IAM: by name, and by our tags.

use serde_json::{Value, json};

use super::super::replay::Replay;
use super::{Found, LookUpError, RUN, again, done, look};

const NO_SUCH_ENTITY: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>";

fn role(run: &str) -> String {
    let tags = format!(
        "<Tags><member><Key>runbook:run</Key><Value>{run}</Value></member>\
         <member><Key>runbook:effect</Key><Value>network/call</Value></member></Tags>"
    );
    let role = "<RoleName>nat</RoleName><Path>/</Path>";
    format!(
        "<GetRoleResponse><GetRoleResult><Role>{role}{tags}</Role></GetRoleResult></GetRoleResponse>"
    )
}

fn profile(roles: &[&str]) -> String {
    let members = roles
        .iter()
        .map(|name| format!("<member><RoleName>{name}</RoleName></member>"));
    let roles = members.collect::<Vec<_>>().concat();
    format!(
        "<GetInstanceProfileResponse><GetInstanceProfileResult><InstanceProfile><Roles>{roles}</Roles>\
         </InstanceProfile></GetInstanceProfileResult></GetInstanceProfileResponse>"
    )
}

fn attached(arn: &str) -> String {
    format!(
        "<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult><AttachedPolicies><member>\
         <PolicyArn>{arn}</PolicyArn></member></AttachedPolicies><IsTruncated>false</IsTruncated>\
         </ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>"
    )
}

fn there(operation: &str, input: &Value, body: &str) -> Result<Found, LookUpError> {
    look(&Replay::default().ok(body), "iam", operation, input)
}

/// After the repeat of a deletion was refused.
fn gone(operation: &str, input: &Value, replay: &Replay) -> bool {
    let found = again(replay, "iam", operation, input).unwrap();
    assert!(found == Found::Absent || found == Found::Done(json!({})));
    found != Found::Absent
}

fn none() -> Replay {
    Replay::default().reply(404, NO_SUCH_ENTITY)
}

#[test]
fn a_role_is_ours_by_its_tags_and_not_by_its_name() {
    let input = json!({"role_name": "nat"});
    let Ok(Found::Done(answer)) = there("create_role", &input, &role(RUN)) else {
        panic!("not found")
    };
    assert_eq!(answer["role"]["role_name"], "nat");
    let strangers = there("create_role", &input, &role("another"));
    assert_eq!(strangers, Ok(Found::Absent));
    let found = look(&none(), "iam", "create_role", &input);
    assert_eq!(found, Ok(Found::Absent));
}

#[test]
fn a_role_is_in_its_instance_profile_or_not() {
    let input = json!({"instance_profile_name": "nat", "role_name": "nat"});
    let add = |roles: &[&str]| there("add_role_to_instance_profile", &input, &profile(roles));
    assert_eq!(add(&["nat"]), done(json!({})));
    assert_eq!(add(&["other"]), Ok(Found::Absent));
    let is_out = |roles: &[&str]| {
        let replay = Replay::default().ok(profile(roles));
        gone("remove_role_from_instance_profile", &input, &replay)
    };
    assert!(is_out(&["other"]));
    assert!(!is_out(&["nat"]));
    assert!(gone("remove_role_from_instance_profile", &input, &none()));
}

#[test]
fn what_iam_does_not_know_any_more_is_gone() {
    let input = json!({"role_name": "nat", "policy_name": "nat", "instance_profile_name": "nat"});
    for operation in [
        "delete_role",
        "delete_role_policy",
        "delete_instance_profile",
    ] {
        assert!(gone(operation, &input, &none()), "{operation}");
    }
    assert!(!gone(
        "delete_role",
        &input,
        &Replay::default().ok(role(RUN))
    ));
}

#[test]
fn a_policy_is_detached_when_the_role_lists_others() {
    let input = json!({"role_name": "nat", "policy_arn": "arn:ours"});
    let is_gone = |arn| {
        gone(
            "detach_role_policy",
            &input,
            &Replay::default().ok(attached(arn)),
        )
    };
    assert!(!is_gone("arn:ours"));
    assert!(is_gone("arn:other"));
}

#[test]
fn a_refusal_is_no_finding() {
    let body = NO_SUCH_ENTITY.replace("NoSuchEntity", "AccessDenied");
    let replay = Replay::default().reply(403, body);
    let refused = look(&replay, "iam", "create_role", &json!({"role_name": "nat"}));
    assert!(
        matches!(refused, Err(LookUpError::Unanswered { code: Some(code), .. }) if code == "AccessDenied")
    );
}
