//! Behaviour through the command line, against the real binary and the emulator.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod approve;
mod bad_input;
mod boot;
mod build;
mod cli;
mod docs;
mod drill;
mod ec2;
mod edits;
mod effects;
mod engine;
mod faults;
mod harness;
mod heartbeat;
mod lab;
mod life;
mod matrix;
mod policy;
mod probes;
mod protocols;
mod replace;
mod secrets;
mod status;
mod store;
mod ticks;
mod undo;
