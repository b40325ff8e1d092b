//! Stacks in OpsWorks: ours by the mark in their custom JSON.
//!
//! A row does not fit: a request that took no mark is told from one that did.

use aws_sdk_opsworks::Client;
use serde_json::json;

use crate::look_up::doubt::{Doubt, Found, LookUpError};
use knowledge::{has_stack_mark, marked};

/// A stack without our mark was made by a request that could not be marked: then nothing tells.
pub(super) async fn stack(client: &Client, doubt: Doubt<'_>) -> Result<Option<Found>, LookUpError> {
    let ours = |json: Option<&str>| json.is_some_and(|json| has_stack_mark(json, doubt.identity));
    let sent = marked(doubt.effect, doubt.input, doubt.identity);
    if !ours(sent["custom_json"].as_str()) {
        return Err(doubt.unsettled());
    }
    let reply = client
        .describe_stacks()
        .send()
        .await
        .map_err(|error| doubt.unanswered(&error))?;
    let stacks = reply
        .stacks()
        .iter()
        .filter(|stack| ours(stack.custom_json()));
    let ids = stacks.filter_map(|stack| stack.stack_id.clone()).collect();
    Ok(match &doubt.only_chosen(ids)[..] {
        [] => None,
        [id] => Some(Found::Done(json!({"stack_id": id}))),
        ids => Some(Found::Several(ids.to_vec())),
    })
}
