//! The Rhai host: what a runbook can say, how it is found, checked and run.
//!
//! `library` finds and pins the sources, `text` reads them, `params` settles the parameters, `check` reads a script for what is wrong in it
//! before anything happens, `engine` runs it, `fault` says where it went wrong, and `api` is the table of everything a
//! script can call. `functions` and `bodies` are what `check` and `reach` read: the functions of all scripts, and the
//! closures that steps and their kin are given; `reach` finds what a runbook can call. `names` lists what a script names,
//! for the comparison of two; `reference` tells a person what there is to call. What a call does is the host's: see `host`.

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
