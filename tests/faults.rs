//! `runbook rehearse --faults`: what it finds, what it says, and how the emulator's reads lag.

mod command;
mod refusals;
mod stale;
