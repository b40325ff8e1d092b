//! Reads by the model-driven client, as the rows of [`knowledge`] describe them.

use serde_json::{Value, json};

use crate::client::Session;
use crate::look_up::doubt::{Doubt, LookUpError};
use knowledge::{Kind, is_not_there, retain};
use models::call::{Call, Failure, Repeat};

/// Returns the reply, with all its pages; `null` where the service says that there is no such thing.
pub(crate) async fn read(
    session: &Session,
    (service, operation): (&str, &str),
    input: Value,
    doubt: Doubt<'_>,
) -> Result<Value, LookUpError> {
    let call = Call {
        service: service.to_owned(),
        operation: operation.to_owned(),
        input,
        origin: format!("run/{} look-up/{}", doubt.identity.run, doubt.identity.key),
        repeat: Repeat::Safe,
    };
    match session.send(&call).await {
        Ok(reply) => Ok(reply.output),
        Err(Failure::Answered(error)) if is_not_there(service, &error.code) => Ok(Value::Null),
        Err(failure) => Err(doubt.without_answer(&failure)),
    }
}

/// Reads the things of a kind that the filters select.
pub(crate) async fn selected(
    session: &Session,
    kind: &Kind,
    filters: &[Value],
    doubt: Doubt<'_>,
) -> Result<Value, LookUpError> {
    let input = json!({ kind.filters: filters });
    read(session, (kind.service, kind.read), input, doubt).await
}

/// Reads things of a kind by their ids; those that are not there are left out.
pub(crate) async fn by_ids(
    session: &Session,
    kind: &Kind,
    ids: &[&str],
    doubt: Doubt<'_>,
) -> Result<Vec<Value>, LookUpError> {
    if !kind.filters.is_empty() {
        let selected = selected(session, kind, &[filter(kind.filter, ids)], doubt).await?;
        return Ok(vec![selected]);
    }
    let mut replies = Vec::new();
    for id in ids {
        let input = json!({ kind.ids: [id] });
        replies.push(read(session, (kind.service, kind.read), input, doubt).await?);
    }
    Ok(replies)
}

pub(crate) fn filter(name: &str, values: &[&str]) -> Value {
    json!({"name": name, "values": values})
}

/// Drops what is gone or on its way out.
pub(super) fn retain_present(kind: &Kind, reply: &mut Value) {
    retain(reply, kind.items, &mut |thing| {
        let state = state(kind, thing);
        !kind.leaving.contains(&state.as_str())
    });
}

/// Returns a thing's state in small letters; empty if it has none.
pub(crate) fn state(kind: &Kind, thing: &Value) -> String {
    let states = knowledge::texts_at(thing, kind.state);
    states
        .first()
        .map(|it| it.to_lowercase())
        .unwrap_or_default()
}
