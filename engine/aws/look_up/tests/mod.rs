//! Each look-up against what AWS answers.

mod chosen;
mod ec2;
mod iam;
mod joins;
mod opsworks;

use serde_json::{Value, json};

use super::replay::Replay;
use super::{look_again, look_up};
use crate::look_up::doubt::{Doubt, Found, LookUpError};
use knowledge::{Class, Effect, Identity, ModelFacts, effect};

const RUN: &str = "20261121-091203-build-abcdefghijkl";

fn identity() -> Identity {
    Identity {
        run: RUN.into(),
        key: "network/call".into(),
        epoch: 1,
    }
}

fn doubt<'a>(effect: &'a Effect, input: &'a Value, identity: &'a Identity) -> Doubt<'a> {
    Doubt {
        effect,
        input,
        identity,
        context: None,
        chosen: None,
    }
}

fn xml(name: &str, body: &str) -> String {
    format!(
        "<{name}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">{body}</{name}Response>"
    )
}

/// Looks for what a person says was made.
#[tokio::main(flavor = "current_thread")]
async fn look_for(
    chosen: &str,
    replay: &Replay,
    (service, operation): (&str, &str),
    input: &Value,
) -> Result<Found, LookUpError> {
    let (effect, identity) = (
        effect(service, operation, ModelFacts::default()),
        identity(),
    );
    let doubt = Doubt {
        chosen: Some(chosen),
        ..doubt(&effect, input, &identity)
    };
    look_up(&replay.clients(), doubt).await
}

#[tokio::main(flavor = "current_thread")]
async fn look(
    replay: &Replay,
    service: &str,
    operation: &str,
    input: &Value,
) -> Result<Found, LookUpError> {
    let effect = effect(service, operation, ModelFacts::default());
    look_up(&replay.clients(), doubt(&effect, input, &identity())).await
}

/// Looks after the repeat of a deletion was refused.
#[tokio::main(flavor = "current_thread")]
async fn again(
    replay: &Replay,
    service: &str,
    operation: &str,
    input: &Value,
) -> Result<Found, LookUpError> {
    let effect = effect(service, operation, ModelFacts::default());
    look_again(&replay.clients(), doubt(&effect, input, &identity())).await
}

/// Looks in EC2 with one XML reply.
fn ec2(operation: &str, input: &Value, name: &str, body: &str) -> Result<Found, LookUpError> {
    look(
        &Replay::default().ok(xml(name, body)),
        "ec2",
        operation,
        input,
    )
}

/// The same after the repeat of a deletion was refused.
fn ec2_again(operation: &str, input: &Value, name: &str, body: &str) -> Result<Found, LookUpError> {
    again(
        &Replay::default().ok(xml(name, body)),
        "ec2",
        operation,
        input,
    )
}

/// Looks in OpsWorks with one JSON reply.
fn opsworks(operation: &str, input: &Value, reply: &Value) -> Result<Found, LookUpError> {
    look(
        &Replay::default().ok(reply.to_string()),
        "opsworks",
        operation,
        input,
    )
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is compared with what `look` returns"
)]
fn done(output: Value) -> Result<Found, LookUpError> {
    Ok(Found::Done(output))
}

#[test]
fn idempotent_calls_are_made_again_and_unsafe_ones_never() {
    let replay = Replay::default();
    assert_eq!(
        look(&replay, "ec2", "replace_route", &json!({})),
        Ok(Found::CallAgain)
    );
    assert_eq!(
        look(&replay, "ec2", "delete_vpc", &json!({})),
        Ok(Found::CallAgain)
    );
    assert!(matches!(
        look(&replay, "sns", "publish", &json!({})),
        Ok(Found::Unknowable(_))
    ));
    assert!(matches!(
        look(&replay, "iam", "create_user", &json!({})),
        Ok(Found::Unknowable(_))
    ));
    assert_eq!(replay.asked(), [""; 0]);
}

#[tokio::test]
async fn a_script_may_declare_a_call_idempotent() {
    let mut publish = effect("sns", "publish", ModelFacts::default());
    publish.class = Class::Idempotent;
    let (input, identity) = (json!({}), identity());
    let doubt = doubt(&publish, &input, &identity);
    let found = look_up(&Replay::default().clients(), doubt).await;
    assert_eq!(found, Ok(Found::CallAgain));
}

#[test]
fn a_look_up_that_is_refused_says_why() {
    let body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>";
    let error = look(
        &Replay::default().reply(403, body),
        "ec2",
        "create_vpc",
        &json!({}),
    )
    .unwrap_err();
    let LookUpError::Unanswered { code, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(code.as_deref(), Some("UnauthorizedOperation"));
    let message = "cannot look up what `create_vpc` made: UnauthorizedOperation: no";
    assert_eq!(error.to_string(), message);
    assert!(matches!(
        look(&Replay::default(), "ec2", "create_route", &json!({})),
        Ok(Found::Unknowable(why)) if why.contains("`route_table_id`")
    ));
}
