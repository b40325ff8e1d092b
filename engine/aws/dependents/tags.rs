//! Which things carry certain tags.

use aws_sdk_ec2::Client;
use serde_json::Value;

use crate::look_up::{Doubt, LookUpError, all, filter};

/// Returns those of the ids, or of all if none are given, that carry one of the tags with that value.
pub(super) async fn carriers(
    client: &Client,
    ids: &[String],
    tags: &Value,
    doubt: Doubt<'_>,
) -> Result<Vec<String>, LookUpError> {
    let mut carriers = Vec::new();
    let tags = tags.as_array().into_iter().flatten();
    for tag in tags {
        let key = tag["key"].as_str().unwrap_or_default();
        let named: Vec<&str> = ids.iter().map(String::as_str).collect();
        let named = (!named.is_empty()).then(|| filter("resource-id", &named));
        let filters = named.into_iter().chain([filter("key", &[key])]);
        let request = client.describe_tags().set_filters(Some(filters.collect()));
        let found = all!(request, doubt)?;
        // A value is compared here: in a filter, `*` and `?` would stand for more.
        let same = found.iter().filter(|it| {
            it.value().unwrap_or_default() == tag["value"].as_str().unwrap_or_default()
        });
        carriers.extend(same.filter_map(|it| it.resource_id().map(str::to_owned)));
    }
    carriers.sort();
    carriers.dedup();
    without_deleted_volumes(client, carriers, doubt).await
}

/// The tags of a volume that went with its instance are seen for a while.
async fn without_deleted_volumes(
    client: &Client,
    mut ids: Vec<String>,
    doubt: Doubt<'_>,
) -> Result<Vec<String>, LookUpError> {
    let volumes = ids.iter().map(String::as_str);
    let volumes: Vec<&str> = volumes.filter(|id| id.starts_with("vol-")).collect();
    if volumes.is_empty() {
        return Ok(ids);
    }
    let request = client.describe_volumes();
    let request = request.filters(filter("volume-id", &volumes));
    let there = all!(request, doubt)?;
    let is_there = |id: &String| there.iter().any(|one| one.volume_id() == Some(id));
    ids.retain(|id| !id.starts_with("vol-") || is_there(id));
    Ok(ids)
}
