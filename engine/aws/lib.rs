//! Every AWS API for scripts: models, protocols and the client; what the engine knows of effects; policies.

pub mod client;
pub mod dependents;
pub mod look_up;
pub mod policy;
pub mod protocol;
