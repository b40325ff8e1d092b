//! The dry replay's only way to AWS: it can say nothing but reads.

use serde_json::Value;

use crate::cloud::Cloud;
use crate::operation;
use knowledge::Class;
use models::call::{Call, Failure, Repeat, Reply};

/// A call that changes nothing; there is no other way to make one than [`Read::of`].
pub(super) struct Read(Call);

impl Read {
    /// Returns the call if the operation only reads.
    pub(super) fn of(service: &str, operation: &str, input: &Value) -> Option<Self> {
        let effect = operation::effect_of(service, operation, input).ok()?;
        (effect.class == Class::Read).then(|| {
            Self(Call {
                service: service.into(),
                operation: operation.into(),
                input: input.clone(),
                origin: String::new(),
                repeat: Repeat::Safe,
            })
        })
    }
}

pub(super) struct Reads {
    cloud: Option<Box<dyn Cloud>>,
    run: String,
}

impl Reads {
    pub(super) fn new(cloud: Option<Box<dyn Cloud>>, run: &str) -> Self {
        Self {
            cloud,
            run: run.into(),
        }
    }

    pub(super) fn send(&self, Read(mut call): Read, scope: &str) -> Result<Reply, Failure> {
        call.origin = format!("run/{} forecast/{scope}", self.run);
        match &self.cloud {
            Some(cloud) => cloud.call(&call),
            None => Err(call.not_sent("this run has no connection to AWS".into())),
        }
    }
}
