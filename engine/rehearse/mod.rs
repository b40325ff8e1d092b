//! The local AWS emulator: a pinned Python environment of its own, and a process in it.

mod cache;
mod control;
mod emulator;
mod error;
#[cfg(test)]
mod fake;
mod pip;
mod provision;
mod python;
mod sources;
mod vectors;

pub use emulator::{Emulator, Options, start};
pub use error::RehearseError;
pub use provision::{Provisioned, provision};
pub use vectors::protocol_vectors;
