//! The local AWS emulator: a pinned Python environment of its own, and a process in it. `stage` is what a rehearsed
//! process runs in; `matrix` rehearses one script many times, each disturbed in another way; `text` is what can be
//! compared between them. Nothing here prints.

mod cache;
mod control;
mod emulator;
mod error;
#[cfg(test)]
mod fake;
mod folder;
mod listener;
pub mod matrix;
mod pip;
mod provision;
pub mod proxy;
mod python;
mod sources;
pub mod stage;
mod text;
mod vectors;

pub use emulator::{Emulator, Options, start};
pub use error::RehearseError;
pub use folder::Folder;
pub use listener::{Listener, Outside};
pub use provision::{Provisioned, provision};
pub use vectors::protocol_vectors;
