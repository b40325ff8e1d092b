//! The Rhai host: what a runbook can say, how it is found, checked and run.
//!
//! - `sources`: the files of one run; `library` finds and pins them, `text` reads them, `stdlib` has those in the binary
//! - `declaration`: a parameter as a runbook declares it; `spec` reads it, `params` and `fits` check the values
//! - `program`: the sources, compiled once, each a `tree`; `visit` visits the nodes of one, `leads` says where a node
//!   leads, `bodies` has the closures that `run::` is given
//! - `check`: what is wrong in a script, before anything happens; `reachable_calls`: what a runbook can call
//! - `engine`: Rhai set up for runbooks; `api`: everything that a script can call; `mistake`: why a script
//!   does not compile; `located`: what is wrong at a place of it; `fault`: what it throws and catches; `script_error`:
//!   such an error, taken apart
//! - `secret_text`: a text that a script can hand on and not look into; `secret` has what it can do with one
//! - `names`: what a script names, for the comparison of two; `reference`: what there is to call, for a person
//!
//! What a call does is the host's (`host`). No client, no journal.

pub mod api;
mod bodies;
pub mod check;
pub mod declaration;
pub mod engine;
pub mod fault;
mod fits;
pub mod host;
mod leads;
pub mod library;
mod library_error;
pub mod literals;
pub mod located;
mod mistake;
mod name_clashes;
pub mod names;
pub mod params;
pub mod place;
pub mod program;
pub mod reachable_calls;
pub mod reference;
pub mod script_error;
mod secret;
pub mod secret_text;
pub mod source_names;
pub mod sources;
pub mod spec;
mod stdlib;
mod text;
pub mod tree;
pub mod value;
mod visit;
