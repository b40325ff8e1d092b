//! What every crate may use: the clock, digests, durations, exit codes, errors and commands to type as data, shell
//! quoting, nearest names, secrets, and what scripts and journals both name (sources, places, faults). No AWS, no Rhai, no
//! journal.

pub mod clock;
pub mod command;
pub mod digest;
pub mod duration;
pub mod error;
pub mod exit;
pub mod fault;
pub mod hint;
pub mod level;
pub mod nearest;
pub mod report;
pub mod secret;
pub mod shell;
pub mod source;
pub mod texts;
pub mod url;
