//! The name of a thing and the run that it belongs to.

use aws_sdk_ec2::types::Tag;

use knowledge::RUN_TAG;

/// Returns the name of a thing and the run that it belongs to.
pub(super) fn labels(tags: &[Tag]) -> (Option<String>, Option<String>) {
    let value = |key: &str| {
        let tag = tags.iter().find(|tag| tag.key() == Some(key));
        tag.and_then(Tag::value).map(str::to_owned)
    };
    (value("Name"), value(RUN_TAG))
}
