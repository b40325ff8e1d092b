//! Runs scripted AWS runbooks so that each effect happens once, whatever happens to the process.
//!
//! The map: `cli` parses a command and calls `run`, which keeps a run's life over `script` (the Rhai host),
//! `journal` (what is durable), `aws` (calls, and what is known of effects), `outside` (effects on what is not AWS)
//! and `probe` (the network and this host, looked at). `rehearse` starts a local emulator of AWS. `ui` is told of
//! events and reports.
//!
//! Invariants:
//! - `journal` knows neither Rhai nor AWS; only it touches sled. `aws` knows neither the journal nor Rhai.
//! - Nothing outside `ui` prints. Nothing outside `clock` reads the time or sleeps. `clippy.toml` enforces both.
//! - No effect without a durable intent: `run::effect` is the only place that issues one. A beat's intent is in the
//!   tick's memory (`run::tick`).
//! - No `unwrap` outside tests.

pub mod aws;
pub mod cli;
pub mod clock;
pub mod digest;
pub mod exit;
pub mod journal;
pub mod nearest;
pub mod outside;
pub mod probe;
pub mod rehearse;
pub mod report;
pub mod run;
pub mod script;
pub mod shell;
pub mod ui;
pub mod web;
