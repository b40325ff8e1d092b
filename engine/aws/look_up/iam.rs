//! What calls to IAM made: found by name, and ours only where our tags are.

use serde_json::{Value, json};

use crate::client::Session;
use crate::look_up::doubt::{Doubt, Finding, LookUpError};
use knowledge::{Iam, has_tags};
use models::call::{Call, Failure, Repeat};

/// IAM's answer for what is not there.
const NO_SUCH_ENTITY: &str = "NoSuchEntity";

pub(super) async fn find(
    session: &Session,
    look: Iam,
    doubt: Doubt<'_>,
) -> Result<Option<Finding>, LookUpError> {
    let names: &[&str] = match look {
        Iam::Role | Iam::RoleGone | Iam::PolicyDetached => &["role_name"],
        Iam::RolePolicyGone => &["role_name", "policy_name"],
        Iam::Profile | Iam::ProfileGone | Iam::RoleInProfile | Iam::RoleOutOfProfile => {
            &["instance_profile_name"]
        }
    };
    let read = naming(look.read_by(), names, doubt)?;
    let reply = session.send(&read).await;
    let reply = match reply {
        Ok(reply) => Some(reply.output),
        Err(Failure::Answered(error)) if error.code == NO_SUCH_ENTITY => None,
        Err(failure) => return Err(unanswered(doubt, &failure)),
    };
    Ok(judge(look, doubt, reply.as_ref()))
}

/// Reads a reply; there is none where IAM knows nothing of that name.
fn judge(look: Iam, doubt: Doubt<'_>, reply: Option<&Value>) -> Option<Finding> {
    let gone = |is_there: bool| (!is_there).then(|| json!({}));
    let done = match look {
        Iam::Role => made(reply?, "role", doubt),
        Iam::Profile => made(reply?, "instance_profile", doubt),
        Iam::RoleGone | Iam::RolePolicyGone | Iam::ProfileGone => gone(reply.is_some()),
        Iam::PolicyDetached => gone(reply.is_some_and(|it| is_attached(it, doubt))),
        Iam::RoleInProfile => is_inside(reply?, doubt).then(|| json!({})),
        Iam::RoleOutOfProfile => gone(reply.is_some_and(|it| is_inside(it, doubt))),
    };
    done.map(Finding::Done)
}

/// A stranger's thing of that name is never adopted, whatever a person says.
fn made(reply: &Value, name: &str, doubt: Doubt<'_>) -> Option<Value> {
    has_tags(&reply[name]["tags"], doubt.identity).then(|| json!({ name: reply[name] }))
}

fn is_attached(reply: &Value, doubt: Doubt<'_>) -> bool {
    let policies = reply["attached_policies"].as_array().into_iter().flatten();
    let mut arns = policies.map(|it| &it["policy_arn"]);
    arns.any(|arn| *arn == doubt.input["policy_arn"])
}

fn is_inside(reply: &Value, doubt: Doubt<'_>) -> bool {
    let roles = reply["instance_profile"]["roles"].as_array();
    let mut names = roles.into_iter().flatten().map(|it| &it["role_name"]);
    names.any(|name| *name == doubt.input["role_name"])
}

/// Returns a read that names what the doubtful call named.
fn naming(operation: &str, members: &[&str], doubt: Doubt<'_>) -> Result<Call, LookUpError> {
    let named = members
        .iter()
        .map(|member| Ok(((*member).to_owned(), json!(doubt.required(member)?))));
    let identity = doubt.identity;
    Ok(Call {
        service: "iam".to_owned(),
        operation: operation.to_owned(),
        input: Value::Object(named.collect::<Result<_, LookUpError>>()?),
        origin: format!("run/{} look-up/{}", identity.run, identity.key),
        repeat: Repeat::Safe,
    })
}

fn unanswered(doubt: Doubt<'_>, failure: &Failure) -> LookUpError {
    let code = match failure {
        Failure::Answered(error) => Some(error.code.clone()),
        _ => None,
    };
    LookUpError::Unanswered {
        operation: doubt.effect.operation.clone(),
        code,
        reason: failure.to_string(),
    }
}
