//! `failover-drill.rhai` in the emulator.
