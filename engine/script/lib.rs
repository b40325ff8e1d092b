//! The Rhai host: what a runbook can say, how it is found, checked and run.
//!
//! - `sources`: the files of one run; `library` finds and pins them, `text` reads them, `stdlib` has those in the binary
//! - `declaration`: a parameter as a runbook declares it; `spec` reads it, `params` and `fits` check the values
//! - `ast`: a source as a syntax tree; `functions` and `bodies` are the functions and closures of all sources
//! - `check`: what is wrong in a script, before anything happens; `reachable_calls`: what a runbook can call
//! - `engine`: Rhai set up for runbooks; `api`: everything that a script can call; `fault`: where a script went wrong
//! - `names`: what a script names, for the comparison of two; `reference`: what there is to call, for a person
//!
//! What a call does is the host's (`host`). No client, no journal.

pub mod api;
pub mod ast;
mod bodies;
pub mod check;
pub mod declaration;
pub mod engine;
pub mod fault;
mod fits;
mod functions;
pub mod host;
pub mod library;
mod library_error;
pub mod literals;
mod name_clashes;
pub mod names;
pub mod namespaces;
pub mod params;
pub mod place;
pub mod reachable_calls;
pub mod reference;
pub mod sources;
pub mod spec;
mod stdlib;
mod text;
pub mod value;
