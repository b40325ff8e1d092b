//! Every AWS API for scripts: models, protocols and the client; what the engine knows of effects; policies.

pub mod call;
pub mod check;
pub mod client;
pub mod effects;
pub mod models;
pub mod pages;
pub mod policy;
pub mod protocol;
pub mod rename;
pub mod waiter;
