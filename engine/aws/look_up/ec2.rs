//! Reading EC2 with the typed client: all pages of a list, filters.

use aws_sdk_ec2::types::Filter;

/// Reads all pages of one list.
macro_rules! all {
    ($request:expr, $doubt:expr) => {
        $request
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(|error| $doubt.unanswered(&error))
    };
}

pub(super) fn filter(name: &str, values: &[&str]) -> Filter {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Filter::builder()
        .name(name)
        .set_values(Some(values))
        .build()
}

pub(super) use all;
