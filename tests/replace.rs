//! `replace-nat.rhai` in the emulator: what it refuses, what it moves and in which order, and that it can be cut off anywhere.

mod approval;
mod boots;
mod crashes;
pub(crate) mod network;
mod order;
mod others;
mod refusals;
mod shares;

pub(crate) use network::Network;
