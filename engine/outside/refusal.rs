//! What was done and was no success.

use serde_json::Value;

use models::call::{Call, Failure, ServiceError};

/// It was done, and was no success.
pub(super) fn refused(call: &Call, code: &str, message: String, details: Value) -> Failure {
    Failure::Answered(ServiceError {
        service: call.service.clone(),
        operation: call.operation.clone(),
        code: code.into(),
        message,
        request_id: None,
        status: 0,
        details: Some(details),
    })
}
