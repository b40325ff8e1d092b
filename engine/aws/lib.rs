//! A client of every AWS API, and what it reads for the engine: what a doubtful call did (`look_up`), what depends on a thing
//! (`dependents`), and the rights that calls need (`policy`). No journal, no Rhai.

pub mod client;
pub mod dependents;
pub mod look_up;
pub mod policy;
pub mod protocol;
