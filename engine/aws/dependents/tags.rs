//! Which things carry certain tags.

use serde_json::{Value, json};

use crate::client::Session;
use crate::look_up::{Doubt, LookUpError, filter, read};
use knowledge::{each, texts_at};

/// Returns those of the ids, or of all if none are given, that carry one of the tags with that value.
pub(super) async fn carriers(
    session: &Session,
    ids: &[String],
    tags: &Value,
    doubt: Doubt<'_>,
) -> Result<Vec<String>, LookUpError> {
    let mut carriers = Vec::new();
    let named: Vec<&str> = ids.iter().map(String::as_str).collect();
    let named = (!named.is_empty()).then(|| filter("resource-id", &named));
    for tag in tags.as_array().into_iter().flatten() {
        let key = filter("key", &[tag["key"].as_str().unwrap_or_default()]);
        let filters: Vec<_> = named.iter().cloned().chain([key]).collect();
        let reply = read(
            session,
            ("ec2", "describe_tags"),
            json!({"filters": filters}),
            doubt,
        )
        .await?;
        // A value is compared here: in a filter, `*` and `?` would stand for more.
        let value = |tag: &Value| tag["value"].as_str().unwrap_or_default().to_owned();
        each(&reply, "tags[]", &mut |found| {
            if value(found) == value(tag) {
                carriers.extend(found["resource_id"].as_str().map(str::to_owned));
            }
        });
    }
    carriers.sort();
    carriers.dedup();
    without_deleted_volumes(session, carriers, doubt).await
}

/// The tags of a volume that went with its instance are seen for a while.
async fn without_deleted_volumes(
    session: &Session,
    mut ids: Vec<String>,
    doubt: Doubt<'_>,
) -> Result<Vec<String>, LookUpError> {
    let volumes = ids.iter().map(String::as_str);
    let volumes: Vec<&str> = volumes.filter(|id| id.starts_with("vol-")).collect();
    if volumes.is_empty() {
        return Ok(ids);
    }
    let input = json!({"filters": [filter("volume-id", &volumes)]});
    let reply = read(session, ("ec2", "describe_volumes"), input, doubt).await?;
    let there = texts_at(&reply, "volumes[].volume_id");
    ids.retain(|id| !id.starts_with("vol-") || there.contains(id));
    Ok(ids)
}
