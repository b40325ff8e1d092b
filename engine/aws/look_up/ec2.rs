//! Reading EC2: all pages of a list, filters, which instances live.

use aws_sdk_ec2::types::{Filter, Instance, InstanceStateName};

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

pub(crate) fn filter(name: &str, values: &[&str]) -> Filter {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Filter::builder()
        .name(name)
        .set_values(Some(values))
        .build()
}

/// A terminated instance stays visible for an hour, with its tags.
pub(crate) fn lives(instance: &Instance) -> bool {
    let state = instance
        .state
        .as_ref()
        .and_then(|state| state.name.as_ref());
    !matches!(
        state,
        Some(InstanceStateName::ShuttingDown | InstanceStateName::Terminated)
    )
}
pub(crate) use all;
