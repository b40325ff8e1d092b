//! Which things carry certain tags.

use aws_sdk_ec2::Client;
use serde_json::Value;

use crate::aws::effects::find::{Doubt, LookUpError, all, filter};

/// Returns those of the ids that carry one of the tags, as `[{key, value}]`, with that value.
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
        let request = client
            .describe_tags()
            .filters(filter("resource-id", &named))
            .filters(filter("key", &[key]));
        let found = all!(request, doubt)?;
        // A value is compared here: in a filter, `*` and `?` would stand for more.
        let same = found.iter().filter(|it| {
            it.value().unwrap_or_default() == tag["value"].as_str().unwrap_or_default()
        });
        carriers.extend(same.filter_map(|it| it.resource_id().map(str::to_owned)));
    }
    carriers.sort();
    carriers.dedup();
    Ok(carriers)
}
