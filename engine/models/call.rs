//! One call to AWS, its reply, and the ways it can fail.

use serde_json::Value;
use thiserror::Error;

use base::secret;

/// A call as the engine makes it: names as the model has them, input with `snake_case` fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// `ec2`, as in `import "aws/ec2"`.
    pub service: String,
    /// `create_vpc`, as scripts write it.
    pub operation: String,
    /// A map with the API's field names in `snake_case`.
    pub input: Value,
    /// Goes into the user agent, so that `CloudTrail` leads back to the script: `run/<id> effect/<key>`.
    pub origin: String,
    pub repeat: Repeat,
}

/// Whether the client may send a request again after a reply that never came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Reads, idempotent and tokened calls.
    Safe,
    /// Sent again only after proof that it was not processed.
    Never,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// In `snake_case` again; blobs in base64, timestamps as RFC 3339, both strings.
    pub output: Value,
    pub request_id: Option<String>,
}

impl Reply {
    /// Takes out what this process sent as a secret.
    #[must_use]
    pub fn scrubbed(mut self) -> Self {
        secret::scrub_value(&mut self.output);
        self
    }
}

/// What AWS answered when it refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{service} {operation}: {code}: {message}")]
pub struct ServiceError {
    pub service: String,
    pub operation: String,
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
    pub status: u16,
    /// More that was answered, as scripts get it beside the rest.
    pub details: Option<Value>,
}

/// Codes with which AWS says that it did not look at the request.
const THROTTLING: [&str; 13] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

impl ServiceError {
    /// Whether AWS refused to look at the request for now; it says nothing about an earlier one.
    #[must_use]
    pub fn is_throttling(&self) -> bool {
        self.status == 429 || THROTTLING.contains(&self.code.as_str())
    }
}

/// Why a call has no reply.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum Failure {
    /// AWS answered with an error: nothing was done.
    #[error(transparent)]
    Answered(#[from] ServiceError),
    /// Proof that no server processed it: no connection, no credentials, a request that could not be built.
    #[error("{service} {operation} was not sent: {reason}")]
    NotSent {
        service: String,
        operation: String,
        reason: String,
    },
    /// It may have been done: no reply, an unreadable one, or a 5xx.
    #[error("{service} {operation} has no result: {reason}")]
    Lost {
        service: String,
        operation: String,
        reason: String,
    },
}

impl Failure {
    /// Takes out what this process sent as a secret.
    #[must_use]
    pub fn scrubbed(mut self) -> Self {
        match &mut self {
            Self::Answered(error) => {
                error.message = secret::scrub(&error.message);
                error.code = secret::scrub(&error.code);
                error.details.iter_mut().for_each(secret::scrub_value);
            }
            Self::NotSent { reason, .. } | Self::Lost { reason, .. } => {
                *reason = secret::scrub(reason);
            }
        }
        self
    }
}

impl Call {
    /// Returns the failure of a call that stayed here.
    #[must_use]
    pub fn not_sent(&self, reason: String) -> Failure {
        Failure::NotSent {
            service: self.service.clone(),
            operation: self.operation.clone(),
            reason,
        }
    }

    /// Returns the failure of a call whose outcome is not known.
    #[must_use]
    pub fn lost(&self, reason: String) -> Failure {
        Failure::Lost {
            service: self.service.clone(),
            operation: self.operation.clone(),
            reason,
        }
    }
}
