//! Why there is no policy.

use models::ModelError;
use thiserror::Error;

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PolicyError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(
        "the policy would allow to make any role, to give it any right and to pass it to a machine: the runbook names no roles"
    )]
    AnyRole,
}
